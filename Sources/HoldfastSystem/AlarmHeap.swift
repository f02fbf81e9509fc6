// The deadlines of one loop, earliest first. A binary heap that each alarm knows its place in, so moving
// a deadline is a few comparisons and disarming needs no search. Equal deadlines ring in the order in
// which they were set: the order of ringing must not depend on the shape of a heap.

import HoldfastModel

/// The armed alarms of a loop.
struct AlarmHeap {
    private struct Entry {
        var deadline: Instant
        var order: UInt64
        var alarm: LoopAlarm

        func rings(before other: Entry) -> Bool {
            deadline == other.deadline ? order < other.order : deadline < other.deadline
        }
    }

    private var entries: [Entry] = []
    private var setCount: UInt64 = 0

    var count: Int { entries.count }
    /// The earliest deadline; `.never` without one.
    var earliest: Instant { entries.first?.deadline ?? .never }

    /// Arms, moves or, with `.never`, disarms an alarm. O(log n).
    mutating func set(_ alarm: LoopAlarm, for deadline: Instant) {
        guard deadline != .never else { return remove(alarm) }
        setCount += 1
        let entry = Entry(deadline: deadline, order: setCount, alarm: alarm)
        if let place = alarm.heapIndex {
            replace(at: place, by: entry)
        } else {
            entries.append(entry)
            alarm.heapIndex = entries.count - 1
            moveUp(entries.count - 1)
        }
    }

    /// Takes out the earliest alarm if its deadline is at or before `now`.
    mutating func popDue(at now: Instant) -> LoopAlarm? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        remove(first.alarm)
        return first.alarm
    }

    mutating func removeAll() {
        for entry in entries { entry.alarm.heapIndex = nil }
        entries = []
    }

    private mutating func remove(_ alarm: LoopAlarm) {
        guard let place = alarm.heapIndex else { return }
        alarm.heapIndex = nil
        let last = entries.removeLast()
        if place < entries.count { replace(at: place, by: last) }
    }

    private mutating func replace(at place: Int, by entry: Entry) {
        let isSooner = entry.rings(before: entries[place])
        put(entry, at: place)
        if isSooner { moveUp(place) } else { moveDown(place) }
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        entries[place] = entry
        entry.alarm.heapIndex = place
    }

    private mutating func moveUp(_ start: Int) {
        let entry = entries[start]
        var place = start
        while place > 0 {
            let parent = (place - 1) / 2
            guard entry.rings(before: entries[parent]) else { break }
            put(entries[parent], at: place)
            place = parent
        }
        put(entry, at: place)
    }

    private mutating func moveDown(_ start: Int) {
        let entry = entries[start]
        var place = start
        while true {
            var child = 2 * place + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1].rings(before: entries[child]) {
                child += 1
            }
            guard entries[child].rings(before: entry) else { break }
            put(entries[child], at: place)
            place = child
        }
        put(entry, at: place)
    }
}
