// What people see: views, lists, summaries, checks.

import HoldfastCore
import HoldfastModel

extension DumbModel {
    /// Both clocks of the tests start together: the wall clock is the instant, from a fixed date on.
    static func wall(_ instant: Instant) -> WallTime {
        WallTime(microseconds: 1_763_683_200_000_000 + instant.nanoseconds / 1_000)
    }

    func view(of ticket: DumbTicket) -> Seen {
        let isByAnother = ticket.ending?.isByAnother == true
        return Seen(
            number: ticket.number,
            standing: standing(of: ticket),
            mode: ticket.request.mode,
            owner: ticket.owner.name,
            priority: ticket.request.priority,
            lease: ticket.lease,
            fence: ticket.fence,
            stealable: ticket.request.stealable,
            binding: ticket.isBound ? .session : .ticket,
            endedBy: isByAnother ? ticket.endedBy : nil,
            endReason: ticket.endReason,
            holder: ticket.request.details?.holder,
            createdAt: DumbModel.wall(ticket.createdAt),
            acquiredAt: ticket.grantedAt.map(DumbModel.wall),
            renewedAt: ticket.renewedAt.map(DumbModel.wall),
            expiresAt: ticket.state == .acquired ? DumbModel.wall(max(now, ticket.trustEnd)) : nil,
            endedAt: ticket.endedAt.map(DumbModel.wall)
        )
    }

    /// The whole resource.
    func shown(at instant: Instant) -> Shown {
        var copy = self
        copy.now = instant
        return copy.shown
    }

    private var shown: Shown {
        let (holders, queue) = (holders, queue)
        return Shown(
            mode: (holders.first ?? queue.first)?.request.mode,
            holders: holders.map(view),
            queue: queue.map(view),
            recent: finished.reversed().compactMap { ticket($0).map(view) },
            holderCount: holders.count,
            queueLength: queue.count,
            fence: lastFenceHere,
            closedFor: closedFor,
            oldestWait: queue.map { now - $0.createdAt }.max() ?? .zero,
            isForgettable: tickets.isEmpty && closedUntil == nil,
            isShown: !holders.isEmpty || !queue.isEmpty || closedUntil != nil
        )
    }

    /// Rule 19.
    func check(_ fence: Fence) -> CheckAnswer {
        CheckAnswer(
            isValid: holders.contains { $0.fence == fence },
            fence: holders.last?.fence
        )
    }
}
