// Which of many things is due next: a heap that knows where each of its handles stands, so that any
// deadline can be moved or taken out without searching. The tickets of a crowded resource and the
// resources of a shard stand in one each. Four children a node: half as deep as a binary heap, and
// the children lie in one or two cache lines. A wheel of timers was rejected: it is faster to arm,
// but an exact order of deadlines and an honest "what is next" are worth more here.

/// Deadlines by handle; handles are small numbers, such as places in a table.
@usableFromInline package struct DeadlineHeap: Sendable {
    @usableFromInline package struct Entry: Hashable, Sendable {
        @usableFromInline package var deadline: Instant
        /// Decides between equal deadlines, before the handle does.
        @usableFromInline package var tie: UInt32
        @usableFromInline package var handle: UInt32

        fileprivate func comes(before other: Entry) -> Bool {
            if deadline != other.deadline { return deadline < other.deadline }
            return tie != other.tie ? tie < other.tie : handle < other.handle
        }
    }

    private var entries: [Entry] = []
    /// Where each handle stands in `entries`.
    private var places: [UInt32] = []

    private var removalsUntilLook = DeadlineHeap.removalsBetweenLooks

    private static let removalsBetweenLooks = 1_024
    private static let nowhere = UInt32.max
    private static let childCount = 4

    @usableFromInline package init() {}

    @usableFromInline package var count: Int { entries.count }
    @usableFromInline package var isEmpty: Bool { entries.isEmpty }

    /// The entry that is due first.
    @usableFromInline package var first: Entry? { entries.first }

    /// Nil for a handle without a deadline.
    @usableFromInline package func deadline(of handle: UInt32) -> Instant? {
        guard let place = place(of: handle) else { return nil }
        return entries[place].deadline
    }

    /// Gives the handle this deadline instead of the one it had, in O(log n); `.never` takes it
    /// out.
    @usableFromInline package mutating func set(
        _ handle: UInt32,
        to deadline: Instant,
        tie: UInt32 = 0
    ) {
        guard deadline != .never else { return remove(handle) }
        let entry = Entry(deadline: deadline, tie: tie, handle: handle)
        if let place = place(of: handle) {
            let isSooner = entry.comes(before: entries[place])
            entries[place] = entry
            if isSooner { rise(from: place) } else { sink(from: place) }
        } else {
            while places.count <= handle { places.append(DeadlineHeap.nowhere) }
            entries.append(entry)
            rise(from: entries.count - 1)
        }
    }

    /// Takes the handle's deadline out in O(log n); does nothing where it has none.
    @usableFromInline package mutating func remove(_ handle: UInt32) {
        guard let place = place(of: handle) else { return }
        places[Int(handle)] = DeadlineHeap.nowhere
        let last = entries.removeLast()
        if place < entries.count {
            let isSooner = last.comes(before: entries[place])
            entries[place] = last
            if isSooner { rise(from: place) } else { sink(from: place) }
        }
        giveBackMemory()
    }

    @usableFromInline package mutating func removeAll() { self = DeadlineHeap() }

    private func place(of handle: UInt32) -> Int? {
        guard handle < places.count, places[Int(handle)] != DeadlineHeap.nowhere else { return nil }
        return Int(places[Int(handle)])
    }

    private mutating func rise(from start: Int) {
        let entry = entries[start]
        var hole = start
        while hole > 0 {
            let parent = (hole - 1) / DeadlineHeap.childCount
            guard entry.comes(before: entries[parent]) else { break }
            put(entries[parent], at: hole)
            hole = parent
        }
        put(entry, at: hole)
    }

    private mutating func sink(from start: Int) {
        let entry = entries[start]
        var hole = start
        while let child = firstChild(of: hole), entries[child].comes(before: entry) {
            put(entries[child], at: hole)
            hole = child
        }
        put(entry, at: hole)
    }

    /// The child that is due first.
    private func firstChild(of place: Int) -> Int? {
        let start = place * DeadlineHeap.childCount + 1
        guard start < entries.count else { return nil }
        var best = start
        for child in start..<min(start + DeadlineHeap.childCount, entries.count)
        where entries[child].comes(before: entries[best]) {
            best = child
        }
        return best
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        entries[place] = entry
        places[Int(entry.handle)] = UInt32(truncatingIfNeeded: place)
    }

    /// Lets the memory leave after the crowd.
    ///
    /// Looked at once in as many removals as there are places, so that the copying is paid for however
    /// the handles come and go; and when the last of a crowd has left, because no removal comes then.
    private mutating func giveBackMemory() {
        removalsUntilLook -= 1
        let isLeft = entries.isEmpty && entries.capacity > DeadlineHeap.removalsBetweenLooks
        guard removalsUntilLook <= 0 || isLeft else { return }
        let highest = entries.reduce(-1) { max($0, Int($1.handle)) }
        places.removeLast(places.count - 1 - highest)
        if places.count < places.capacity / 4 { places = copy(of: places) }
        if entries.count < entries.capacity / 4 { entries = copy(of: entries) }
        removalsUntilLook = max(DeadlineHeap.removalsBetweenLooks, places.count)
    }

    private func copy<Element>(of array: [Element]) -> [Element] {
        var copy: [Element] = []
        copy.reserveCapacity(array.count)
        copy.append(contentsOf: array)
        return copy
    }

    /// Traps where the heap contradicts itself.
    @usableFromInline package func checkInvariants() {
        for (place, entry) in entries.enumerated() {
            precondition(places[Int(entry.handle)] == place, "a handle is not where it says")
            let parent = (place - 1) / DeadlineHeap.childCount
            precondition(
                place == 0 || entries[parent].comes(before: entry),
                "a child is due before its parent"
            )
        }
        let standing = places.count { $0 != DeadlineHeap.nowhere }
        precondition(standing == entries.count, "a handle stands nowhere")
    }
}
