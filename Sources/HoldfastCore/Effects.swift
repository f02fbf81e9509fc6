// What a step wants done. `records` are made durable first; `outputs` are told only then (rule 26).
// The caller keeps one value and lets every step append to it, so that a step allocates nothing for
// it.

package import HoldfastModel

/// The wishes of one or more steps of one resource.
package struct Effects: Sendable {
    /// What must survive a crash, in the order it happened.
    package var records: [Record] = []
    /// The same for whoever counts.
    package var changes: [Change] = []
    /// What may be told once the records are durable, in order.
    package var outputs: [Output] = []
    /// Set by the caller: whether `Output.notice` is wanted, because somebody watches.
    package var wantsNotices = false
    /// Set by the caller: false where no journal keeps `records`; then none is made.
    package var keepsRecords = true

    package init(wantsNotices: Bool = false, keepsRecords: Bool = true) {
        self.wantsNotices = wantsNotices
        self.keepsRecords = keepsRecords
    }

    /// Made only where it is kept.
    @inline(__always)
    mutating func keep(_ record: @autoclosure () -> Record) {
        if keepsRecords { records.append(record()) }
    }
}

/// Something to tell.
package enum Output: Sendable {
    /// The reply to a request; every request event gets exactly one, now or when its wait is over.
    /// `shows` names the ticket whose grant or end this reply shows, so that a reply that could not be
    /// written comes back as `undelivered` or `untold`.
    case answer(RequestAddress, Answer, shows: Shown?)
    /// To the connection that hears this ticket; `ticketIndex` comes back in `untold` where it is
    /// gone.
    case event(ConnectionID, TicketEvent, ticketIndex: UInt32, shows: Shown?)
    /// A `lock` or `acquire` began to wait on this ticket; its one `answer` comes later. The
    /// connection keeps the index, to say in `connectionEnded` what it was waiting on.
    case waiting(RequestAddress, ticketIndex: UInt32)
    /// To watchers of the resource.
    case notice(Notice)

    package struct Shown: Hashable, Sendable {
        package var ticketIndex: UInt32
        /// Of the grant; nil where it is the end that is shown.
        package var fence: Fence?
        package init(ticketIndex: UInt32, fence: Fence?) {
            self.ticketIndex = ticketIndex
            self.fence = fence
        }
    }
}
