// How long a ticket waited and held, for whoever counts. Asked after the step in which it happened, because a record
// tells what must be durable, and this need not be.

package import HoldfastModel

extension LockState {
    /// From its making to this instant; nil where nothing of the ticket is left.
    package func age(ofTicket index: UInt32, at instant: Instant) -> Interval? {
        // A place that is free again still says when its ticket was made, until another takes it.
        guard index < tickets.placeCount else { return nil }
        return instant - tickets[index].createdAt
    }

    /// From its grant to this instant; nil where nothing of the ticket is left.
    package func holdingTime(ofTicket index: UInt32, at instant: Instant) -> Interval? {
        guard index < tickets.placeCount, tickets[index].grantedAt != .never else { return nil }
        return instant - tickets[index].grantedAt
    }
}
