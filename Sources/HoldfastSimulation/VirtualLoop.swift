// A loop of the virtual world: the turn of Loop.swift's header, one step after another, driven from
// outside. A lock guards the queues because a test's own tasks may enqueue from elsewhere.

package import HoldfastModel
import Synchronization

/// One loop of a virtual world.
package final class VirtualLoop: Loop {
    package let index: LoopIndex
    private let world: VirtualWorld
    private let state = Mutex(State())
    private let current = Atomic<Bool>(false)

    private struct State {
        var jobs: [UnownedJob] = []
        var posts: [@Sendable () -> Void] = []
        var yielded: [UnsafeContinuation<Void, Never>] = []
        var hooks: [@Sendable () -> Void] = []
        var alarms: [VirtualAlarm] = []
        var heldUpUntil = Instant.zero
    }

    init(index: LoopIndex, world: VirtualWorld) {
        self.index = index
        self.world = world
    }

    package var reading: ClockReading { world.reading }
    package var isCurrent: Bool { current.load(ordering: .relaxed) }
    package var heldUpUntil: Instant { state.withLock { $0.heldUpUntil } }

    package func post(_ work: @escaping @Sendable () -> Void) {
        state.withLock { $0.posts.append(work) }
    }

    package func atEndOfTurn(_ hook: @escaping @Sendable () -> Void) {
        state.withLock { $0.hooks.append(hook) }
    }

    package func makeAlarm() -> any Alarm {
        let alarm = VirtualAlarm(loop: self)
        state.withLock { $0.alarms.append(alarm) }
        return alarm
    }

    package func letOthersRun() async {
        await withUnsafeContinuation { continuation in
            state.withLock { unsafe $0.yielded.append(continuation) }
        }
    }

    /// Rule 11: this loop woke late.
    func wokeLate() {
        let until = world.reading.now + .milliseconds(100)
        state.withLock { $0.heldUpUntil = until }
    }

    var nextDeadline: Instant? {
        state.withLock { $0.alarms.map(\.deadline).filter { $0 != .never }.min() }
    }

    /// One turn; false when there was nothing to do.
    func takeTurn() -> Bool {
        current.store(true, ordering: .relaxed)
        defer { current.store(false, ordering: .relaxed) }
        var didWork = false
        while runReady() { didWork = true }
        for alarm in dueAlarms() {
            alarm.ring()
            didWork = true
        }
        while runReady() { didWork = true }
        guard didWork else { return false }
        for hook in state.withLock({ $0.hooks }) { hook() }
        return true
    }

    private func dueAlarms() -> [VirtualAlarm] {
        let now = world.reading.now
        return state.withLock { $0.alarms.filter { $0.deadline <= now } }
            .sorted { $0.deadline < $1.deadline }
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
        for post in posts { post() }
        for job in jobs {
            unsafe job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(),
                taskExecutor: asUnownedTaskExecutor()
            )
        }
        guard posts.isEmpty, jobs.isEmpty else { return true }
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
    private let at = Mutex(Instant.never)

    init(loop: VirtualLoop) { bell = Bell(on: loop) }

    var deadline: Instant { at.withLock { $0 } }

    func set(for deadline: Instant) { at.withLock { $0 = deadline } }

    func rings() async -> Bool { await bell.rings() }

    func ring() {
        set(for: .never)
        bell.ring()
    }
}
