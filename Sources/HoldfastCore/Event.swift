// What can happen to one resource. Requests, lost connections, ended sessions and the passing of
// time are all events into the same function, so there is one place where the rules are decided.

package import HoldfastModel

/// One thing that happens to a resource.
package enum Event: Sendable {
    /// `queue`, `lock` or `steal`: ask for a ticket.
    case request(TicketRequest, Purpose, TicketSecret, Caller)
    /// `acquire`: poll, or wait until acquired or `wait` is over.
    case acquire(TicketID, wait: Wait, Caller)
    case status(TicketID, Caller)
    case renew(TicketID, lease: Interval?, Caller)
    case release(TicketID, reason: String?, Caller)
    case checkTicket(TicketID, Caller)
    /// End every ticket and the lock delay (rule 22).
    case clear(reason: String?, Caller)
    /// A connection is gone, or its client will send no more: its waits on these tickets end. A
    /// `lock` of an unbound ticket is cancelled, a bound one goes on without its wait, an `acquire`
    /// is answered.
    case connectionEnded(ConnectionID, waitingOn: [UInt32])
    /// A session is over: these of its tickets end (rule 5). Indices that are not its any more are
    /// skipped.
    case sessionEnded(SessionID, tickets: [UInt32])
    /// Who asked for these tickets may not have them any more (rule 29): those that wait end, and the reason is noted.
    case withdrawn([TicketID], reason: String)
    /// A session was taken up by a new connection: these tickets tell it what changed since.
    case sessionResumed(SessionID, ConnectionID, tickets: [UInt32])
    /// The grant with this fence could not be written to its connection: it is unseen (rule 17).
    case undelivered(ticketIndex: UInt32, Fence)
    /// An event could not be written because the connection is gone: it is owed to the next one
    /// that resumes the session.
    case untold(ticketIndex: UInt32)
    /// Time went by: do what is due, at most `limit` things: endings, and what is forgotten.
    case timePassed(limit: Int)

    /// How a request for a ticket goes on.
    package enum Purpose: Hashable, Sendable {
        case queue
        /// Answers when acquired; nil waits for ever.
        case lock(wait: Interval?)
        case steal(Steal)
        /// In the place of a ticket that the owner holds: a new one, and nobody gets in between.
        case exchange(TicketID)
    }

    /// How long `acquire` waits.
    package enum Wait: Hashable, Sendable {
        case none
        case atMost(Interval)
    }
}

/// The random part of a ticket id, drawn outside: the rules have no source of chance.
package struct TicketSecret: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt32
    package init(high: UInt64, low: UInt32) {
        self.high = high
        self.low = low
    }
}

/// Who asks, on which connection, and what it may do here.
package struct Caller: Sendable {
    package var owner: Owner
    /// Where the answer goes; its connection also hears the ticket's events from now on.
    package var address: RequestAddress
    /// Of the connection, if it has one.
    package var session: SessionID?
    /// What the caller may do on this resource, worked out before the step.
    package var rights: Rights

    package struct Rights: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let lock = Rights(rawValue: 1)
        package static let read = Rights(rawValue: 2)
        package static let steal = Rights(rawValue: 4)
        package static let admin = Rights(rawValue: 8)
        package static let all = Rights(rawValue: 15)

        // Sets of two as constants: an array literal of rights costs a request as much as decoding it does.
        package static let lockOrRead = Rights(rawValue: 3)
        package static let lockOrAdmin = Rights(rawValue: 9)
        package static let stealOrAdmin = Rights(rawValue: 12)
    }

    package init(
        owner: Owner,
        address: RequestAddress,
        session: SessionID? = nil,
        rights: Rights = .all
    ) {
        self.owner = owner
        self.address = address
        self.session = session
        self.rights = rights
    }
}
