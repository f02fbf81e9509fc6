// What happens later: a binary heap by instant, and by the order in which it was put there.

import HoldfastModel

/// Actions by the time at which they are due.
struct Timeline {
    private struct Entry {
        var at: Instant
        var serial: UInt64
        var action: @Sendable () -> Void

        func comes(before other: Entry) -> Bool {
            at == other.at ? serial < other.serial : at < other.at
        }
    }

    private var heap: [Entry] = []
    private var nextSerial: UInt64 = 0

    var first: Instant? { heap.first?.at }

    mutating func add(at instant: Instant, _ action: @escaping @Sendable () -> Void) {
        heap.append(Entry(at: instant, serial: nextSerial, action: action))
        nextSerial += 1
        var child = heap.count - 1
        while child > 0, heap[child].comes(before: heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func takeFirst() -> (@Sendable () -> Void)? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last.action }
        heap[0] = last
        var parent = 0
        while let child = earlierChild(of: parent), heap[child].comes(before: heap[parent]) {
            heap.swapAt(child, parent)
            parent = child
        }
        return first.action
    }

    private func earlierChild(of parent: Int) -> Int? {
        let (left, right) = (2 * parent + 1, 2 * parent + 2)
        guard left < heap.count else { return nil }
        return right < heap.count && heap[right].comes(before: heap[left]) ? right : left
    }
}
