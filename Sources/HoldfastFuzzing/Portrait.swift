// What a reader sees of a resource that a restart must not change: everything but running durations, which start again
// (rule 14), and renewals, which are not recorded. Values and no texts: this is compared millions of times, and shown
// once.

import HoldfastCore
import HoldfastModel

/// A resource as an administrator sees it.
struct Portrait {
    private var holders: [Line]
    private var queue: [Line]
    private var recent: [Line]
    private var counts: Counts
    private var history: [Happening]

    private struct Counts: Equatable {
        var holders: Int
        var queue: Int
        var fence: Fence
        var isClosed: Bool
    }

    init(of state: LockState, at reading: ClockReading) {
        let caller = Caller(
            owner: Portrait.onlooker,
            address: RequestAddress(connection: .none, request: 0)
        )
        let list = state.list(ListPage(limit: 1_000_000), for: caller, at: reading)
        holders = list.holders.map(Line.init)
        queue = list.queue.map(Line.init)
        recent = list.recent.map(Line.init)
        counts = Counts(
            holders: list.holderCount,
            queue: list.queueLength,
            fence: list.fence,
            isClosed: list.closedFor.map { $0 > .zero } ?? false
        )
        history = state.history(limit: 1_000, at: reading).filter { $0.kind != .renewed }.map(
            Happening.init
        )
    }

    private static let onlooker = Owner(name: "onlooker")

    /// A ticket.
    private struct Line: Equatable {
        var ticket: TicketID?
        var number: UInt64
        var standing: Standing
        var mode: Mode
        var owner: String
        var priority: UInt8
        var lease: Interval
        var stealable: Bool
        var binding: Binding
        var endedBy: String?
        var endReason: String?
        var key: String?
        var holder: String?
        var createdAt: WallTime
        var acquiredAt: WallTime?
        var endedAt: WallTime?

        enum Standing: Equatable {
            case queued(position: Int)
            case acquired(Fence)
            case released(Ending, Fence?)
        }

        init(_ view: TicketView) {
            ticket = view.ticket
            number = view.number
            standing =
                switch view.standing {
                case .queued(let place): .queued(position: place.position)
                case .acquired(let grant): .acquired(grant.fence)
                case .released(let ending): .released(ending, view.fence)
                }
            mode = view.mode
            owner = view.owner.name
            priority = view.priority
            lease = view.lease
            stealable = view.stealable
            binding = view.binding
            endedBy = view.endedBy
            endReason = view.endReason
            key = view.details?.key
            holder = view.details?.holder
            createdAt = view.createdAt
            acquiredAt = view.acquiredAt
            endedAt = view.endedAt
        }
    }

    /// A line of the history.
    private struct Happening: Equatable {
        var kind: Notice.Kind
        var number: UInt64
        var at: WallTime
        var fence: Fence?
        var by: String?
        var reason: String?

        init(_ notice: Notice) {
            kind = notice.kind
            number = notice.number
            at = notice.at
            fence = notice.fence
            by = notice.by
            reason = notice.reason
        }
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

    private func compare<Shown: Equatable>(
        _ before: [Shown],
        _ after: [Shown],
        _ what: String,
        _ source: CoreDay.Source
    ) throws(Finding) {
        try demand(
            before == after,
            "rule 27: \(what) from \(source)\n  \(before)\n  \(after)"
        )
    }
}
