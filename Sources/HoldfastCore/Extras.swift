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
    /// When the time of what was remembered then began anew (rule 14); the beginning of time without a restart.
    var restartedAt = Instant(nanoseconds: .min)
    var directory = Directory()
    var endNotes: [UInt32: EndNote] = [:]
    var log = HistoryLog()
    var feed = PositionFeed()

    mutating func enqueue(_ ticket: Ticket, at index: UInt32) {
        order.insert(index, key: ticket.orderKey, weight: ticket.secretLow, into: &queue)
        queued.add(ticket, 1)
        feed.queueChanged()
    }

    mutating func dequeue(_ ticket: Ticket) {
        order.remove(key: ticket.orderKey, from: &queue)
        queued.add(ticket, -1)
        feed.queueChanged()
    }

    mutating func indexHolder(_ ticket: Ticket, at index: UInt32) {
        order.insert(index, key: ticket.fence.number, weight: ticket.secretLow, into: &holders)
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
    /// How many permits the waiting stealers ask for. One that wants the resource for itself is gone
    /// again before a later one is granted, so it takes none from that.
    var stealerPermits = 0

    mutating func add(_ ticket: Ticket, _ sign: Int) {
        let isStealer = ticket.traits.contains(.stealer)
        if isStealer { stealers += sign }
        switch ticket.mode {
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

/// Copies what it holds when it is changed while another copy looks on; all empty ones share one
/// object.
struct ExtrasBox: Sendable {
    // Sendable although it can change: `value` changes it only where nobody else refers to it.
    private final class Storage: @unchecked Sendable {
        var extras: Extras
        init(_ extras: Extras) { self.extras = extras }
    }

    private static let nothing = Storage(Extras())

    private var storage = ExtrasBox.nothing

    var isPresent: Bool { storage !== ExtrasBox.nothing }

    var value: Extras {
        _read { yield storage.extras }
        _modify {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.extras) }
            yield &storage.extras
        }
    }

    mutating func drop() { storage = ExtrasBox.nothing }
}
