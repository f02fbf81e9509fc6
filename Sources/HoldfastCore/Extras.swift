// What only some resources have: a queue, waits, steals, an index of keys. It lives in one object
// that is absent until it is needed, so that a lock that one client holds alone stays small.

import HoldfastModel

/// Everything about a resource beyond its tickets and who holds it.
struct Extras: Sendable {
    var order = OrderForest()
    /// The queue, in the order of granting (rule 7).
    var queue = OrderForest.none
    /// The holders by fence, once they are many.
    var holders = OrderForest.none
    var queued = QueueCounts()

    /// Once a resource is crowded, the deadline of every live ticket stands in the heap; before
    /// that the few holders are looked through.
    var isCrowded = false
    var deadlines = DeadlineHeap()

    var waits = WaitTable()
    var steals = StealBook()
    /// When the lock delay is over (rule 15); `.never` where there is none.
    var closedUntil = Instant.never
    /// How long the delay that ends then was in full; means something while there is one.
    var closedDelay = Interval.zero
    /// When the time of what was remembered or waited then began anew (rule 14); the beginning of time without a
    /// restart.
    var restartedAt = Instant(nanoseconds: .min)
    var directory = Directory()
    var endNotes: [UInt32: EndNote] = [:]
    var log = HistoryLog()
    var feed = PositionFeed()

    mutating func enqueue(_ index: UInt32, key: UInt64, weight: UInt32) {
        order.insert(index, key: key, weight: weight, into: &queue)
        feed.queueChanged()
    }

    mutating func dequeue(key: UInt64) {
        order.remove(key: key, from: &queue)
        feed.queueChanged()
    }

    mutating func indexHolder(_ index: UInt32, fence: Fence, weight: UInt32) {
        order.insert(index, key: fence.number, weight: weight, into: &holders)
    }

    mutating func unindexHolder(with fence: Fence) {
        order.remove(key: fence.number, from: &holders)
    }
}

/// What the queue holds, counted as it changes.
struct QueueCounts: Hashable, Sendable {
    var shared = 0
    var permit = 0
    /// Of the permit tickets that wait.
    var permitOf: UInt32 = 0
    var stealers = 0
    /// How many permits the waiting stealers ask for.
    ///
    /// One that wants the resource for itself is gone again before a later one is granted, so it
    /// takes none from that.
    var stealerPermits = 0

    mutating func add(_ mode: Mode, isStealer: Bool, _ sign: Int) {
        if isStealer { stealers += sign }
        switch mode {
        case .exclusive:
            break
        case .shared:
            shared += sign
        case .permit(let count, let of):
            permit += sign
            permitOf = of
            if isStealer { stealerPermits += sign * Int(count) }
        }
    }
}

/// Who ended a ticket, and why.
struct EndNote: Sendable {
    var by: String?
    var reason: String?
}

/// Holds the extras, or nothing: an array of one, which copies itself when it is changed while another
/// state looks on, and which all resources without extras share.
struct ExtrasBox: Sendable {
    private static let nothing = [Extras()]

    private var storage = ExtrasBox.nothing
    private(set) var isPresent = false

    // Always inlined: else every look at one field would copy them all.
    var value: Extras {
        @inline(__always) _read { yield storage[0] }
        @inline(__always) _modify {
            isPresent = true
            yield &storage[0]
        }
    }

    mutating func drop() { self = ExtrasBox() }
}
