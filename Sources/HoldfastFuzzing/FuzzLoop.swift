// A loop that runs what is ready, in order, on the thread that asks for a value, until nothing is left. Its clock
// stands still and its alarms never ring: what would wait for either does not end, and that is a finding.

import HoldfastModel

/// The loop of one computation.
final class FuzzLoop: Loop {
    let index = LoopIndex(number: 0)
    let reading = ClockReading(
        now: Instant(nanoseconds: 5_000_000_000),
        wall: WallTime(microseconds: 1_790_000_000_000_000)
    )
    private let state = Locked(State())

    private struct State {
        var jobs: [UnownedJob] = []
        var posts: [@Sendable () -> Void] = []
        var isRunning = false
    }

    /// What the body comes to; nil where it waits for something that does not come.
    static func value<Value: Sendable>(
        _ body: @escaping @Sendable (FuzzLoop) async -> Value
    ) -> Value? {
        let (loop, value) = (FuzzLoop(), Locked<Value?>(nil))
        Task(executorPreference: loop) {
            let result = await body(loop)
            value.withLock { $0 = result }
        }
        loop.runAll()
        return value.withLock { $0 }
    }

    private func runAll() {
        state.withLock { $0.isRunning = true }
        while let work = takeNext() { work() }
        state.withLock { $0.isRunning = false }
    }

    private func takeNext() -> (() -> Void)? {
        let (job, post) = state.withLock { state in
            state.jobs.isEmpty
                ? (nil, state.posts.isEmpty ? nil : state.posts.removeFirst())
                : (state.jobs.removeFirst(), nil)
        }
        if let job { return { self.run(job) } }
        return post
    }

    private func run(_ job: UnownedJob) {
        job.runSynchronously(
            isolatedTo: asUnownedSerialExecutor(),
            taskExecutor: asUnownedTaskExecutor()
        )
    }

    var heldUpUntil: Instant { .zero }
    var lags: DurationHistogram { .ofLoops }
    var isIdle: Bool { state.withLock { $0.jobs.isEmpty && $0.posts.isEmpty } }
    var isCurrent: Bool { state.withLock { $0.isRunning } }

    func post(_ work: @escaping @Sendable () -> Void) { state.withLock { $0.posts.append(work) } }
    func atEndOfTurn(_ hook: @escaping @Sendable () -> Void) {}
    func makeAlarm() -> any Alarm { FuzzAlarm() }
    func letOthersRun() async {}

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }
    func isIsolatingCurrentContext() -> Bool? { isCurrent }
    func checkIsolated() { precondition(isCurrent, "not on the loop") }
}

private final class FuzzAlarm: Alarm {
    func set(for deadline: Instant) {}
    func rings() async -> Bool { false }
}
