// A world without a kernel: loops that take turns on one thread, and a clock that moves only when
// told to or when nothing else is left to do. The same actors run here as in the server, so what a
// test sees is what the product does, without sockets and without waiting.

package import HoldfastModel
import Synchronization

/// Loops and a clock for tests; everything happens inside `run` and `advance`.
package final class VirtualWorld: Sendable {
    private let state = Mutex(State())

    private struct State {
        var now = Instant(nanoseconds: 1_000_000_000)
        var wall = WallTime(microseconds: 1_790_000_000_000_000)
        var loops: [VirtualLoop] = []
    }

    package init() {}

    package var reading: ClockReading {
        state.withLock { ClockReading(now: $0.now, wall: $0.wall) }
    }

    /// A new loop; that of a server has its place among the server's.
    package func makeLoop(
        _ index: Int? = nil,
        clockOffset: Interval = .zero
    ) -> VirtualLoop {
        state.withLock { state in
            let index = LoopIndex(number: UInt8(index ?? state.loops.count))
            let loop = VirtualLoop(index: index, world: self, clockOffset: clockOffset)
            state.loops.append(loop)
            return loop
        }
    }

    /// Runs every loop's turns until none has anything to do now.
    package func run() {
        let loops = state.withLock { $0.loops }
        var hasWork = true
        while hasWork {
            hasWork = false
            for loop in loops where loop.takeTurn() { hasWork = true }
        }
    }

    /// Takes the loops of a dead process out of the world, and lets what it left there come to its end.
    func runOut(_ dead: [VirtualLoop]) {
        var hasWork = true
        while hasWork {
            hasWork = false
            for loop in dead where loop.takeTurn() { hasWork = true }
        }
        for loop in dead { loop.letGo() }
        state.withLock { state in
            state.loops.removeAll { loop in dead.contains { $0 === loop } }
        }
    }

    /// Lets time pass, stopping at every deadline on the way.
    package func advance(by interval: Interval) {
        let target = reading.now + interval
        run()
        while let deadline = nextDeadline, deadline <= target {
            move(to: max(deadline, reading.now))
            run()
        }
        move(to: target)
        run()
    }

    /// Moves the clock as a stopped process sees it: nothing runs on the way.
    package func freeze(for interval: Interval) {
        let loops = state.withLock { $0.loops }
        move(to: reading.now + interval)
        for loop in loops { loop.wokeLate() }
    }

    /// Wall clocks jump; nothing but what people are shown may change.
    package func jumpWall(by microseconds: Int64) {
        state.withLock { $0.wall.microseconds += microseconds }
    }

    /// When something happens next without anybody's doing.
    package var nextDeadline: Instant? {
        state.withLock { $0.loops }.compactMap(\.nextDeadline).min()
    }

    func move(to instant: Instant) {
        state.withLock { state in
            state.wall.microseconds += (instant.nanoseconds - state.now.nanoseconds) / 1_000
            state.now = instant
        }
    }
}
