// Deadlines by handle, earliest first: an indexed binary heap, so that any of a million can be moved or removed in
// O(log n). A timer wheel was rejected: it is coarse, and what is armed here is mostly armed for later than
// everything else, which a heap does in one step.

/// The earliest of many deadlines, each known by a small handle.
package struct DeadlineHeap: Sendable {
    private var entries: [Entry] = []
    /// By handle: where its entry is, or `absent`.
    private var places: [UInt32] = []

    private struct Entry {
        var deadline: Instant
        var handle: UInt32
    }

    private static let absent = UInt32.max

    package init() {}

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }

    /// O(1).
    package var first: (deadline: Instant, handle: UInt32)? {
        entries.first.map { ($0.deadline, $0.handle) }
    }

    /// O(1).
    package func deadline(of handle: UInt32) -> Instant? {
        guard let place = place(of: handle) else { return nil }
        return entries[place].deadline
    }

    /// O(log n); one step where the deadline is later than all others.
    package mutating func set(_ handle: UInt32, to deadline: Instant) {
        if let place = place(of: handle) {
            entries[place].deadline = deadline
            siftDown(siftUp(place))
            return
        }
        while places.count <= Int(handle) { places.append(DeadlineHeap.absent) }
        entries.append(Entry(deadline: deadline, handle: handle))
        places[Int(handle)] = UInt32(entries.count - 1)
        siftUp(entries.count - 1)
    }

    /// O(log n); nothing where the handle has no deadline.
    package mutating func remove(_ handle: UInt32) {
        guard let place = place(of: handle) else { return }
        places[Int(handle)] = DeadlineHeap.absent
        let last = entries.removeLast()
        if place < entries.count {
            entries[place] = last
            places[Int(last.handle)] = UInt32(place)
            siftDown(siftUp(place))
        }
        if entries.isEmpty { releaseMemory() }
    }

    /// After a million deadlines have passed nothing of them is left.
    private mutating func releaseMemory() {
        entries = []
        places = []
    }

    private func place(of handle: UInt32) -> Int? {
        guard Int(handle) < places.count, places[Int(handle)] != DeadlineHeap.absent else {
            return nil
        }
        return Int(places[Int(handle)])
    }

    @discardableResult
    private mutating func siftUp(_ start: Int) -> Int {
        var place = start
        let entry = entries[place]
        while place > 0, entry.deadline < entries[(place - 1) / 2].deadline {
            move(from: (place - 1) / 2, to: place)
            place = (place - 1) / 2
        }
        put(entry, at: place)
        return place
    }

    private mutating func siftDown(_ start: Int) {
        var place = start
        let entry = entries[place]
        while true {
            var child = place * 2 + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].deadline < entries[child].deadline {
                child += 1
            }
            guard entries[child].deadline < entry.deadline else { break }
            move(from: child, to: place)
            place = child
        }
        put(entry, at: place)
    }

    private mutating func move(from source: Int, to place: Int) { put(entries[source], at: place) }

    private mutating func put(_ entry: Entry, at place: Int) {
        entries[place] = entry
        places[Int(entry.handle)] = UInt32(place)
    }

    /// Traps where the heap contradicts itself.
    package func checkInvariants() {
        for place in entries.indices {
            let entry = entries[place]
            precondition(places[Int(entry.handle)] == UInt32(place), "a handle lost its place")
            precondition(
                place == 0 || !(entry.deadline < entries[(place - 1) / 2].deadline),
                "a deadline stands behind a later one"
            )
        }
        let known = places.count { $0 != DeadlineHeap.absent }
        precondition(known == entries.count, "a handle has no entry")
    }
}
