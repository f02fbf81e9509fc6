// What people see: views, lists, summaries, checks.

import HoldfastCore
import HoldfastModel

extension DumbModel {
    /// Both clocks of the tests start together: the wall clock is the instant, from a fixed date on.
    static func wall(_ instant: Instant) -> WallTime {
        WallTime(microseconds: 1_763_683_200_000_000 + instant.nanoseconds / 1_000)
    }

    func view(of ticket: DumbTicket) -> Seen { view(of: ticket, standing(of: ticket)) }

    private func view(of ticket: DumbTicket, _ standing: Standing) -> Seen {
        let isByAnother = ticket.ending?.isByAnother == true
        return Seen(
            number: ticket.number,
            standing: standing,
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
            times: Seen.Times(
                createdAt: DumbModel.wall(ticket.createdAt).wholeMilliseconds,
                acquiredAt: ticket.grantedAt.map { DumbModel.wall($0).wholeMilliseconds },
                renewedAt: ticket.renewedAt.map { DumbModel.wall($0).wholeMilliseconds },
                expiresAt: expiry(of: ticket)?.wholeMilliseconds,
                endedAt: ticket.endedAt.map { DumbModel.wall($0).wholeMilliseconds }
            )
        )
    }

    /// PROTOCOL §4: the wall-clock rendering of `remaining`.
    private func expiry(of ticket: DumbTicket) -> WallTime? {
        ticket.state == .acquired ? DumbModel.wall(max(now, ticket.trustEnd)) : nil
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
            queue: queue.indices.map { index in
                let place = QueuePlace(position: index + 1, queueLength: queue.count)
                return view(of: queue[index], .queued(place))
            },
            recent: finished.reversed().compactMap { ticket($0).map(view) },
            holderCount: holders.count,
            queueLength: queue.count,
            fence: lastFenceHere,
            closedFor: closedFor,
            isForgettable: tickets.isEmpty && closedUntil == nil,
            isShown: !holders.isEmpty || !queue.isEmpty || closedUntil != nil
        )
    }

    func oldestWait(at instant: Instant) -> Interval {
        queue.map { instant - $0.createdAt }.max() ?? .zero
    }

    /// Rule 19.
    func check(_ fence: Fence) -> CheckAnswer {
        CheckAnswer(
            isValid: holders.contains { $0.fence == fence },
            fence: holders.last?.fence
        )
    }
}
