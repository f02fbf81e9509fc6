// The place where a task waits: whoever wakes it may come first.

import Testing

@testable import HoldfastSystem

struct LoopWaitTests {
    @Test func `what comes before the task is parked is not lost`() async {
        var place = WaitPlace<Int>()
        _ = place.nextNumber()
        let isHeard = place.wake(7)
        #expect(isHeard)
        #expect(await withUnsafeContinuation { place.park($0) } == 7)
    }

    @Test func `the first to wake is the one that counts`() async {
        var place = WaitPlace<Int>()
        _ = place.nextNumber()
        place.wake(7)
        let isHeardToo = place.wake(8)
        #expect(!isHeardToo)
        #expect(await withUnsafeContinuation { place.park($0) } == 7)
    }

    @Test func `waking nobody is remembered by nobody`() async {
        var place = WaitPlace<Int>()
        let isHeard = place.wake(7)
        #expect(!isHeard)
        let number = place.nextNumber()
        place.wake(number: number, 8)
        #expect(await withUnsafeContinuation { place.park($0) } == 8)
    }

    @Test func `a late cancellation does not wake the next wait`() async {
        var place = WaitPlace<Int>()
        let first = place.nextNumber()
        place.wake(1)
        #expect(await withUnsafeContinuation { place.park($0) } == 1)
        _ = place.nextNumber()
        place.wake(number: first, 2)
        place.wake(3)
        #expect(await withUnsafeContinuation { place.park($0) } == 3)
    }
}
