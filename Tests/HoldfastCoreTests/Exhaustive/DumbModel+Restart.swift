// Rule 14: after a restart every running duration starts again in full. What no record tells is taken in the
// holder's favour: a grant was seen, a session that comes back hears of all that is not at rest.

import HoldfastCore
import HoldfastModel

extension DumbModel {
    /// The server stopped at any instant and is ready again: all connections and waits are gone.
    mutating func restart(at instant: Instant) -> [Told] {
        now = instant
        told = []
        if closedUntil != nil { closedUntil = now + delay }
        for place in tickets.indices {
            deadConnections.formUnion(tickets[place].namings.map(\.connection))
            restart(&tickets[place])
        }
        grantWhatFits()
        return told
    }

    private func restart(_ ticket: inout DumbTicket) {
        ticket.startedAt = now
        ticket.heardAt = now
        ticket.waits = []
        ticket.namings = []
        // Renewals are not written.
        ticket.renewedAt = nil
        ticket.listener = nil
        ticket.notify = ticket.request.notify
        let owes = ticket.isBound && ticket.notify != .none
        switch ticket.state {
        case .queued: break
        case .acquired:
            ticket.leaseEnd = now + ticket.lease
            ticket.seenCount = DumbModel.alwaysSeen
            ticket.owesGrant = owes
            ticket.owesLosing = owes && ticket.isLosing
            if ticket.isLosing { ticket.graceEnd = now + ticket.grace }
            ticket.isGraceOver = false
        case .released:
            let isOwnDoing = ticket.ending == .released || ticket.ending == .cancelled
            ticket.owesLoss = owes && !isOwnDoing
        }
    }

    /// More than can ever come back undelivered.
    private static let alwaysSeen = 1_000_000
}
