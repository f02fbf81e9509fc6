// What the journal keeps of a resource: facts, in the order they happened. Applying the records of
// a resource to a fresh one rebuilds it, with every running duration started anew (rule 14).

package import HoldfastModel

/// One fact about one resource.
package enum Record: Sendable {
    /// A ticket was made. `grant` is set when it was granted in the same step.
    case made(TicketRecord, grant: Fence?)
    case granted(ticketIndex: UInt32, Fence, at: Instant)
    /// A live ticket ended. Carries what the shard must know to settle accounts: whose it was, its
    /// session, and whether it was held.
    case ended(EndRecord)
    /// Rule 12: a longer lease became the ticket's.
    case leaseLengthened(ticketIndex: UInt32, Interval)
    /// A stealer waits for this victim (rule 21).
    case losing(victim: UInt32, stealer: UInt32, grace: Interval, at: Instant)
    case kept(victim: UInt32, at: Instant)
    /// Rule 15: closed to new grants for this long.
    case closed(Interval)
    case opened
    /// A finished ticket is no longer remembered.
    case forgotten(ticketIndex: UInt32)

    // Only in the image of a state (`LockState.image`), which tells in fewer records how it stands.

    /// The counts go on from here, although what they counted is forgotten.
    case counted(number: UInt64, Fence, at: Instant)
    /// The stealer has a claim on the victim; the history knows it already.
    case claimed(victim: UInt32, stealer: UInt32, grace: Interval)
    /// A line of the history that no ticket tells.
    case logged(HistoryEntry)

    package struct TicketRecord: Sendable {
        package var id: TicketID
        package var number: UInt64
        package var owner: Owner
        package var session: SessionID?
        package var request: TicketRequest
        /// Set for a ticket made by `steal`.
        package var steal: Steal?
        package var at: Instant
        package init(
            id: TicketID,
            number: UInt64,
            owner: Owner,
            session: SessionID?,
            request: TicketRequest,
            steal: Steal?,
            at: Instant
        ) {
            self.id = id
            self.number = number
            self.owner = owner
            self.session = session
            self.request = request
            self.steal = steal
            self.at = at
        }
    }

    package struct EndRecord: Sendable {
        package var ticketIndex: UInt32
        package var ending: Ending
        package var wasHeld: Bool
        package var owner: Owner
        package var session: SessionID?
        package var by: String?
        package var reason: String?
        package var at: Instant
        package init(
            ticketIndex: UInt32,
            ending: Ending,
            wasHeld: Bool,
            owner: Owner,
            session: SessionID?,
            by: String?,
            reason: String?,
            at: Instant
        ) {
            self.ticketIndex = ticketIndex
            self.ending = ending
            self.wasHeld = wasHeld
            self.owner = owner
            self.session = session
            self.by = by
            self.reason = reason
            self.at = at
        }
    }
}
