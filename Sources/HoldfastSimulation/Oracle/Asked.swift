// What a client asked for. The request's `holder` text is its label, which every notice and view carries; so the
// oracle knows of each ticket it hears of what was asked, without believing the server.

import HoldfastModel

/// A request for a ticket, by its label.
struct Asked: Sendable {
    enum Mode: Hashable, Sendable {
        case exclusive
        case shared
        case permit(count: Int, of: Int)
    }

    var label: String
    var client: Int
    var resource: String
    var mode = Mode.exclusive
    var priority = 0
    var isSteal = false
    var lease = Interval.zero
    var lockDelay = Interval.zero
    var maxWait: Interval?
    /// Of a `lock`.
    var wait: Interval?
    var pollWithin: Interval?
    var isStealable = false
    /// Of a steal.
    var grace = Interval.zero
    var isForced = false
    var isBound = false
    /// Which of its client's sessions.
    var sessionEpoch = 0
    /// `notify` is `none`, or `position`.
    var isQuiet = false
    var isFollowed = false
    /// The owner's name, as the server knows it.
    var principal = ""
    /// Asked on a connection that had said its name.
    var isNamed = false
    var key: String?
    /// May find another ticket of its owner (rule 25).
    var isIfMine = false
    /// The fields of the request, without `id` and `op`.
    var fields = ""
    var op = "queue"
    /// The SDK gives keys of its own.
    var isOfSDK = false
    /// When it was first asked.
    var at = Instant.zero

    /// Whether both may hold at the same time, as far as modes go.
    static func share(_ one: Mode, _ other: Mode) -> Bool {
        switch (one, other) {
        case (.shared, .shared), (.permit, .permit): true
        case (.exclusive, _), (_, .exclusive), (.shared, .permit), (.permit, .shared): false
        }
    }

    /// Whether all of these may hold at the same time (rule 6).
    static func fit(_ modes: [Mode]) -> Bool {
        for (index, mode) in modes.enumerated() {
            for other in modes[(index + 1)...] where !share(mode, other) { return false }
        }
        var used = 0
        var capacity = Int.max
        for case .permit(let count, let of) in modes {
            used += count
            capacity = min(capacity, of)
        }
        return used <= capacity
    }

    /// Rule 7 and 21: whether this one, had both arrived at once, stands before the other.
    func stands(before other: Asked) -> Bool {
        if isSteal || other.isSteal { return isSteal && !other.isSteal }
        return priority > other.priority
    }
}
