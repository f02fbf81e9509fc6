// Several threads over one row of scenarios: each takes the next that nobody has, and what comes of them is handed on
// in the order of the row, so that the number of threads shows nowhere but on the clock. A seed never waits and shares
// nothing with another, so threads do as well as processes.

import Glibc
import HoldfastModel
import HoldfastSimulation

/// Threads that play scenarios.
final class Jobs<Result: Sendable>: Sendable {
    private let scenarios: [Scenario]
    private let play: @Sendable (Scenario) -> Result
    private let sink: @Sendable (Result) -> Void
    private let state = Locked(State())

    private struct State {
        var next = 0
        /// The first that is still played.
        var awaited = 0
        /// What came of later ones.
        var early: [Int: Result] = [:]
    }

    /// `sink` is called by one thread at a time.
    init(
        over scenarios: [Scenario],
        play: @escaping @Sendable (Scenario) -> Result,
        sink: @escaping @Sendable (Result) -> Void
    ) {
        self.scenarios = scenarios
        self.play = play
        self.sink = sink
    }

    /// Until every scenario was played.
    func run(onThreads count: Int) {
        let others = (1..<count).map { _ in startThread() }
        work()
        for thread in others { pthread_join(thread, nil) }
    }

    private func work() {
        Seat.taken {
            while let index = takeNext() { hand(play(scenarios[index]), of: index) }
        }
    }

    private func takeNext() -> Int? {
        state.withLock { state in
            guard state.next < scenarios.count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    private func hand(_ result: Result, of index: Int) {
        state.withLock { state in
            state.early[index] = result
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
