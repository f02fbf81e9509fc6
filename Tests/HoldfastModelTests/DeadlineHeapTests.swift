// The heap of deadlines against a list that is searched.

import HoldfastModel
import Testing

struct DeadlineHeapTests {
    private func instant(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds) }

    @Test func `an empty heap is never due`() {
        let heap = DeadlineHeap()
        #expect(heap.isEmpty)
        #expect(heap.first == nil)
    }

    @Test func `a handle has one deadline, the last it was given`() {
        var heap = DeadlineHeap()
        heap.set(7, to: instant(5))
        heap.set(7, to: instant(9))
        #expect(heap.count == 1)
        #expect(heap.deadline(of: 7) == instant(9))
        heap.set(7, to: .never)
        #expect(heap.isEmpty)
        #expect(heap.deadline(of: 7) == nil)
    }

    @Test func `equal deadlines come in the order of their ties, then of their handles`() {
        var heap = DeadlineHeap()
        heap.set(1, to: instant(5), tie: 2)
        heap.set(3, to: instant(5), tie: 1)
        heap.set(2, to: instant(5), tie: 1)
        var order: [UInt32] = []
        while let entry = heap.first {
            order.append(entry.handle)
            heap.remove(entry.handle)
        }
        #expect(order == [2, 3, 1])
    }

    @Test func `any mix of settings and removals leaves the order of a searched list`() {
        var heap = DeadlineHeap()
        var model: [UInt32: Int64] = [:]
        var generator = SmallGenerator(state: 42)
        for _ in 0..<20_000 {
            let handle = UInt32(generator.below(3_000))
            if generator.below(3) == 0 {
                heap.remove(handle)
                model[handle] = nil
            } else {
                let deadline = Int64(generator.below(500))
                heap.set(handle, to: instant(deadline))
                model[handle] = deadline
            }
        }
        heap.checkInvariants()
        #expect(heap.count == model.count)
        let expected = model.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
        var order: [UInt32] = []
        while let entry = heap.first {
            order.append(entry.handle)
            heap.remove(entry.handle)
        }
        #expect(order == expected)
        heap.checkInvariants()
    }
}

/// A generator with a fixed start, so that a failure repeats.
private struct SmallGenerator {
    var state: UInt64

    mutating func below(_ bound: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % bound
    }
}
