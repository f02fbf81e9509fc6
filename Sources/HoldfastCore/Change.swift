// What a step changes of all that is counted outside: the lives of tickets as flat values. A record tells the same at
// length, with a copy of the whole request; where no journal keeps records none is made, and counting copies none.

package import HoldfastModel

/// One turn in the life of one ticket.
package struct Change: Sendable {
    package enum Kind: UInt8, Sendable {
        /// Made, and waits.
        case queued
        /// Made and granted in the same step.
        case grantedAtOnce
        /// Waited, and was granted.
        case granted
        case ended
        /// A finished ticket is no longer remembered.
        case forgotten
    }

    package var kind: Kind
    package var ticketIndex: UInt32
    /// Nil where nobody's count of tickets changes.
    package var owner: Owner?
    /// Of a bound ticket that was made or ended.
    package var session: SessionID?
    /// Mean something where it ended.
    package var ending = Ending.released
    package var wasHeld = false
    package var at: Instant

    @inline(__always)
    init(
        _ kind: Kind,
        _ ticketIndex: UInt32,
        owner: Owner? = nil,
        session: SessionID? = nil,
        at: Instant = .never
    ) {
        self.kind = kind
        self.ticketIndex = ticketIndex
        self.owner = owner
        self.session = session
        self.at = at
    }
}

extension Change {
    /// What a record says of it, for records that are read back; nil where it changes no count.
    package init?(_ record: borrowing Record) {
        switch record {
        case .made(let ticket, let grant):
            self.init(
                grant == nil ? .queued : .grantedAtOnce,
                ticket.id.ticketIndex,
                owner: ticket.owner,
                session: ticket.session,
                at: ticket.at
            )
        case .granted(let ticketIndex, _, let at):
            self.init(.granted, ticketIndex, at: at)
        case .ended(let end):
            self.init(.ended, end.ticketIndex, owner: end.owner, session: end.session, at: end.at)
            ending = end.ending
            wasHeld = end.wasHeld
        case .forgotten(let ticketIndex):
            self.init(.forgotten, ticketIndex)
        case .leaseLengthened, .losing, .kept, .closed, .opened, .counted, .claimed, .logged:
            return nil
        }
    }
}
