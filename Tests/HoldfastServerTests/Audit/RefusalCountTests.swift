// A flood of guesses fills no disk: a few lines in a while, and the number of the others.

import HoldfastModel
import Testing

@testable import HoldfastServer

struct RefusalCountTests {
    private func wall(_ interval: Interval) -> WallTime {
        WallTime(microseconds: 1_800_000_000_000_000 + interval.nanoseconds / 1_000)
    }

    @Test func `the first few are told, the others counted, and their number told later`() {
        var count = RefusalCount()
        for _ in 0..<RefusalCount.toldMax { #expect(count.note(at: wall(.zero)) == 0) }
        for _ in 0..<100 { #expect(count.note(at: wall(.seconds(9))) == nil) }
        #expect(count.note(at: wall(RefusalCount.window)) == 100)
        #expect(count.note(at: wall(RefusalCount.window)) == 0)
    }

    @Test func `a wall clock that is set back silences nobody`() {
        var count = RefusalCount()
        for _ in 0...RefusalCount.toldMax { _ = count.note(at: wall(.seconds(1_000))) }
        #expect(count.note(at: wall(.zero)) == 1)
    }
}
