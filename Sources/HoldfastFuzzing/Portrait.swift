// What a reader sees of a resource that a restart must not change: everything but running durations, which start again
// (rule 14), and renewals, which are not recorded.

import HoldfastCore
import HoldfastModel

/// A resource as an administrator sees it.
struct Portrait {
    private var holders: [String]
    private var queue: [String]
    private var recent: [String]
    private var counts: String
    private var history: [String]

    init(of state: LockState, at reading: ClockReading) {
        let caller = Caller(
            owner: Owner(name: "onlooker"),
            address: RequestAddress(connection: .none, request: 0)
        )
        let list = state.list(ListPage(limit: 1_000_000), for: caller, at: reading)
        holders = list.holders.map(Portrait.line)
        queue = list.queue.map(Portrait.line)
        recent = list.recent.map(Portrait.line)
        let isClosed = list.closedFor.map { $0 > .zero } ?? false
        counts = "\(list.holderCount) \(list.queueLength) \(list.fence.number) \(isClosed)"
        history = state.history(limit: 1_000, at: reading).filter { $0.kind != .renewed }.map {
            "\($0.kind) \($0.number) \($0.at.microseconds) \($0.fence?.number ?? 0) "
                + "\($0.by ?? "-") \($0.reason ?? "-")"
        }
    }

    private static func line(_ view: TicketView) -> String {
        let standing =
            switch view.standing {
            case .queued(let place): "queued \(place.position)"
            case .acquired(let grant): "acquired \(grant.fence.number)"
            case .released(let ending): "\(ending.rawValue) \(view.fence?.number ?? 0)"
            }
        let times = [view.createdAt, view.acquiredAt, view.endedAt].map {
            $0?.microseconds ?? 0
        }
        return "\(view.ticket?.text ?? "-") \(view.number) \(standing) \(view.mode) "
            + "\(view.owner.name) \(view.priority) \(view.lease.nanoseconds) \(view.stealable) "
            + "\(view.binding) \(view.endedBy ?? "-") \(view.endReason ?? "-") "
            + "\(view.details?.key ?? "-") \(view.details?.holder ?? "-") \(times)"
    }

    /// Says where a restarted resource shows something else.
    func checkIsSeen(in other: Portrait, from source: CoreDay.Source) throws(Finding) {
        try compare(holders, other.holders, "holders", source)
        try compare(queue, other.queue, "queue", source)
        try compare(recent, other.recent, "recent", source)
        try compare([counts], [other.counts], "counts", source)
        // Renewals take room in a bounded history; without them older lines come into view again.
        let isLonger = other.history.count >= history.count
        try demand(isLonger, "rule 27: the history from \(source) is shorter")
        let shown = Array(other.history.prefix(history.count))
        try compare(history, shown, "history", source)
    }

    private func compare(
        _ before: [String],
        _ after: [String],
        _ what: String,
        _ source: CoreDay.Source
    ) throws(Finding) {
        try demand(
            before == after,
            "rule 27: \(what) from \(source)\n  \(before)\n  \(after)"
        )
    }
}
