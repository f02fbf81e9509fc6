// A loop of the virtual world: the turn of Loop.swift's header, one step after another, driven from
// outside. A lock guards the queues because a test's own tasks may enqueue from elsewhere.
//
// A test runs whole turns; a seeded world runs one piece after another (VirtualLoop+Pieces), so that the pieces of
// several loops mix as those of threads do.

package import HoldfastModel
import Synchronization

/// One loop of a virtual world.
package final class VirtualLoop: Loop {
    package let index: LoopIndex
    /// How far this loop's clock is ahead of the world's: each process has a clock of its own.
    package let clockOffset: Interval
    let world: VirtualWorld
    let state = Mutex(State())
    private let current = Atomic<Bool>(false)
    /// What is left of the posts and jobs that were taken out to be run.
    let takenOut = Atomic<Int>(0)

    struct State {
        var jobs: [UnownedJob] = []
        var posts: [@Sendable () -> Void] = []
        var yielded: [UnsafeContinuation<Void, Never>] = []
        var hooks: [@Sendable () -> Void] = []
        /// Those that are set.
        var alarms: [VirtualAlarm] = []
        var earliest = Instant.never
        var heldUpUntil = Instant.zero
        var turn = Turn.over
        /// It was let go: what is posted now would never run, and keep for ever what it knows.
        var isOver = false
    }

    /// How far a turn that is run in pieces has come.
    enum Turn {
        case over
        /// Posts and jobs; leaves for `rung` when none is left.
        case begun(at: Instant)
        /// The alarms rang; leaves for `over` by way of the hooks.
        case rung
    }

    init(index: LoopIndex, world: VirtualWorld, clockOffset: Interval = .zero) {
        self.index = index
        self.world = world
        self.clockOffset = clockOffset
    }

    package var reading: ClockReading {
        let reading = world.reading
        return ClockReading(now: reading.now + clockOffset, wall: reading.wall)
    }
    package var isCurrent: Bool { current.load(ordering: .relaxed) }
    package var heldUpUntil: Instant { state.withLock { $0.heldUpUntil } }

    package var isIdle: Bool {
        takenOut.load(ordering: .relaxed) == 0
            && state.withLock { state in
                unsafe state.posts.isEmpty && state.jobs.isEmpty && state.yielded.isEmpty
            }
    }

    /// Its turns take no time.
    package var lags: DurationHistogram { .ofLoops }

    package func post(_ work: @escaping @Sendable () -> Void) {
        state.withLock { state in
            if !state.isOver { state.posts.append(work) }
        }
    }

    package func atEndOfTurn(_ hook: @escaping @Sendable () -> Void) {
        state.withLock { $0.hooks.append(hook) }
    }

    package func makeAlarm() -> any Alarm {
        VirtualAlarm(loop: self)
    }

    package func letOthersRun() async {
        await withUnsafeContinuation { continuation in
            state.withLock { unsafe $0.yielded.append(continuation) }
        }
    }

    /// Rule 11: this loop woke late.
    func wokeLate() {
        let until = reading.now + .milliseconds(100)
        state.withLock { $0.heldUpUntil = until }
    }

    /// On the world's clock.
    var nextDeadline: Instant? {
        let earliest = state.withLock { $0.earliest }
        return earliest == .never
            ? nil : Instant(nanoseconds: earliest.nanoseconds - clockOffset.nanoseconds)
    }

    /// An alarm was moved; only those that are set are kept.
    func note(_ alarm: VirtualAlarm, from old: Instant, to new: Instant) {
        state.withLock { state in
            if old == .never { state.alarms.append(alarm) }
            if new == .never { state.alarms.removeAll { $0 === alarm } }
            state.earliest = state.alarms.lazy.map(\.deadline).min() ?? .never
        }
    }

    /// Breaks the circles between the loop and what it keeps.
    func letGo() {
        let left = state.withLock { state in
            defer {
                state = State()
                state.isOver = true
            }
            return state
        }
        withExtendedLifetime(left) {}
    }

    /// What runs while this is called runs on the loop.
    func asCurrent<Value>(_ body: () -> Value) -> Value {
        current.store(true, ordering: .relaxed)
        defer { current.store(false, ordering: .relaxed) }
        return body()
    }

    /// One turn; false when there was nothing to do.
    func takeTurn() -> Bool {
        asCurrent {
            var didWork = false
            while runReady() { didWork = true }
            if ringAlarms(dueAt: reading.now) { didWork = true }
            while runReady() { didWork = true }
            guard didWork else { return false }
            for hook in state.withLock({ $0.hooks }) { hook() }
            return true
        }
    }

    /// False when none was due.
    func ringAlarms(dueAt now: Instant) -> Bool {
        guard state.withLock({ $0.earliest <= now }) else { return false }
        // Of those due at one instant the one set first rings first.
        let due = state.withLock { $0.alarms.filter { $0.deadline <= now } }.enumerated()
            .sorted { ($0.element.deadline, $0.offset) < ($1.element.deadline, $1.offset) }
        for (_, alarm) in due { alarm.ring() }
        return true
    }

    /// Posts, then jobs; those that stepped back go on when nothing else is left.
    private func runReady() -> Bool {
        let (posts, jobs) = state.withLock { state in
            defer {
                state.posts = []
                state.jobs = []
            }
            return (state.posts, state.jobs)
        }
        takenOut.store(posts.count + jobs.count, ordering: .relaxed)
        for post in posts { countingDown { post() } }
        for job in jobs { countingDown { run(job) } }
        guard posts.isEmpty, jobs.isEmpty else { return true }
        return resumeYielded()
    }

    /// What runs now is not what is left.
    func countingDown(_ body: () -> Void) {
        takenOut.subtract(1, ordering: .relaxed)
        body()
    }

    func run(_ job: UnownedJob) {
        unsafe job.runSynchronously(
            isolatedTo: asUnownedSerialExecutor(),
            taskExecutor: asUnownedTaskExecutor()
        )
    }

    func resumeYielded() -> Bool {
        let yielded = state.withLock { state in
            defer { state.yielded = [] }
            return unsafe state.yielded
        }
        for continuation in yielded { unsafe continuation.resume() }
        return !yielded.isEmpty
    }
}

// MARK: - Executor

extension VirtualLoop {
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        unsafe UnownedTaskExecutor(ordinary: self)
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    package func checkIsolated() { precondition(isCurrent, "not on the loop") }
}

/// An alarm of a virtual loop.
final class VirtualAlarm: Alarm {
    private let bell: Bell
    private let loop: VirtualLoop
    private let at = Mutex(Instant.never)

    init(loop: VirtualLoop) {
        self.loop = loop
        bell = Bell(on: loop)
    }

    var deadline: Instant { at.withLock { $0 } }

    func set(for deadline: Instant) {
        let old = at.withLock { at in
            defer { at = deadline }
            return at
        }
        if old != deadline { loop.note(self, from: old, to: deadline) }
    }

    func rings() async -> Bool { await bell.rings() }

    func ring() {
        set(for: .never)
        bell.ring()
    }
}
