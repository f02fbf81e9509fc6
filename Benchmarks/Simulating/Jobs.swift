// Several threads over one row of seeds: each takes the next that nobody has, and what comes of them is handed on in
// the order of the seeds, so that the number of threads shows nowhere but on the clock. A seed never waits and shares
// nothing with another, so threads do as well as processes.

import Glibc
import HoldfastModel

/// Threads that play seeds.
final class Jobs<Result: Sendable>: Sendable {
    private let play: @Sendable (UInt64) -> Result
    private let sink: @Sendable (Result) -> Void
    private let state: Locked<State>

    private struct State {
        var next: UInt64
        let last: UInt64
        /// Of the seeds that come first, those that are still played.
        var awaited: UInt64
        var early: [UInt64: Result] = [:]
    }

    /// `sink` is called by one thread at a time.
    init(
        over seeds: ClosedRange<UInt64>,
        play: @escaping @Sendable (UInt64) -> Result,
        sink: @escaping @Sendable (Result) -> Void
    ) {
        self.play = play
        self.sink = sink
        state = Locked(
            State(next: seeds.lowerBound, last: seeds.upperBound, awaited: seeds.lowerBound)
        )
    }

    /// Until every seed was played.
    func run(onThreads count: Int) {
        let others = (1..<count).map { _ in startThread() }
        work()
        for thread in others { pthread_join(thread, nil) }
    }

    private func work() {
        Seat.taken {
            while let seed = takeSeed() {
                Seat.current?.pointee.seed = seed
                hand(play(seed), of: seed)
            }
        }
    }

    private func takeSeed() -> UInt64? {
        state.withLock { state in
            guard state.next <= state.last else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    private func hand(_ result: Result, of seed: UInt64) {
        state.withLock { state in
            state.early[seed] = result
            while let first = state.early.removeValue(forKey: state.awaited) {
                sink(first)
                state.awaited += 1
            }
        }
    }

    private func startThread() -> pthread_t {
        var thread = pthread_t()
        let status = pthread_create(
            &thread,
            nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            },
            Unmanaged.passRetained(Body { self.work() }).toOpaque()
        )
        precondition(status == 0, "no thread: \(status)")
        return thread
    }
}

/// What a thread is started with; the function of C that it begins in knows no generic type.
private final class Body {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
}
