// An event loop over the kernel: one thread, epoll, and the jobs of the actors and tasks pinned to it.
// This file is what it is made of and how it lives; the turn is in EventLoop+Turn, what makes it an
// executor in EventLoop+Executor.
//
// Rejected: a general event library (the loop's order of work *is* rule 11), a thread pool behind the
// loop (a hop costs more than the work), timerfd and signalfd (the heap and a pipe do).

import CSystem
import Glibc
package import HoldfastModel
import Synchronization

/// One thread that runs in turns what became ready, was posted, was enqueued, is due.
///
/// Start it once; stop it when the tasks that prefer it and the calls to its actors are over: the owner
/// waits for them first. A post after the end is dropped, a job after the end is a bug and stops the
/// process, because its task would hang for ever in silence. A loop that was never started may simply
/// be dropped.
package final class EventLoop: Loop, @unchecked Sendable {
    package let index: LoopIndex

    let inbox = Locked(Inbox())
    let poller: Poller
    /// How long a turn may run jobs before its hooks get theirs.
    let turnLength: Interval
    /// 64 KiB that every read of this loop goes through; connections keep no buffers of their own.
    let scratch: UnsafeMutableBufferPointer<UInt8>

    // What only the loop's thread touches, in pieces that never call each other: so accesses cannot overlap, and to
    // look whether they do was a twentieth of a request that comes alone.
    @exclusivity(unchecked) var jobs = JobQueue()
    @exclusivity(unchecked) var posts: [@Sendable () -> Void] = []
    /// Tasks that let the others go first; they run on when no job is left.
    @exclusivity(unchecked) var yielded: [UnsafeContinuation<Void, Never>] = []
    @exclusivity(unchecked) var alarms = LoopAlarms()
    @exclusivity(unchecked) var hooks: [@Sendable () -> Void] = []
    @exclusivity(unchecked) var registrations = Registrations()
    @exclusivity(unchecked) var late = LateWatch()
    @exclusivity(unchecked) var polling: IdlePolling
    @exclusivity(unchecked) var lastPolled = Instant.zero
    @exclusivity(unchecked) private(set) var turns = DurationHistogram.ofLoops
    /// When a turn last ran out of jobs: alarms that are put off longer than this allows ring anyway.
    @exclusivity(unchecked) var lastFinished = Instant.zero
    @exclusivity(unchecked) var spareJobs: [UnownedJob] = []
    @exclusivity(unchecked) var sparePosts: [@Sendable () -> Void] = []
    /// How much may still be read by callbacks of the latest poll: a turn that did nothing else would have no end.
    @exclusivity(unchecked) var atOnceBytes = 0
    @exclusivity(unchecked) var atOnceReads = 0

    /// The loop's thread while it runs; 0 before and after.
    private let thread = Atomic<UInt>(0)
    private let joinable = Locked<pthread_t?>(nil)

    package static let scratchBytes = 65_536

    package init(
        index: LoopIndex,
        pollsBeforeSleep: Bool = true,
        turnLength: Interval = .milliseconds(20)
    ) throws(SystemError) {
        self.turnLength = turnLength
        self.index = index
        let isAlone = sysconf(Int32(_SC_NPROCESSORS_ONLN)) == 1
        polling = IdlePolling(isOff: !pollsBeforeSleep || isAlone)
        poller = try Poller()
        scratch = .allocate(capacity: Self.scratchBytes)
        scratch.initialize(repeating: 0)
    }

    deinit {
        // The thread keeps the loop: it has ended, or never began.
        if let handle = joinable.withLock({ $0 }) { pthread_detach(handle) }
        scratch.deallocate()
    }

    // MARK: Life

    /// Starts the loop's thread.
    ///
    /// Once.
    package func start() throws(SystemError) {
        var handle = pthread_t()
        let own = Unmanaged.passRetained(self)
        let result = pthread_create(&handle, nil, threadBody, own.toOpaque())
        guard result == 0 else {
            own.release()
            throw SystemError(call: "pthread_create", number: result)
        }
        joinable.withLock { known in
            precondition(known == nil, "started twice")
            known = handle
        }
    }

    /// Asks the loop to end once nothing is left to run.
    ///
    /// Any thread; again does nothing.
    package func stop() {
        let mustWake = inbox.withLock { inbox in
            if inbox.phase == .open { inbox.phase = .stopping }
            return inbox.takeWakeUp()
        }
        if mustWake { poller.wake() }
    }

    /// Waits until the loop's thread has ended.
    ///
    /// Not on the loop; again does nothing.
    package func join() {
        precondition(!isCurrent, "a loop cannot wait for its own end")
        let handle = joinable.withLock { known in
            defer { known = nil }
            return known
        }
        if let handle { pthread_join(handle, nil) }
    }

    fileprivate func live() {
        thread.store(pthread_self(), ordering: .relaxed)
        holdfast_name_thread("holdfast-\(index.number)")
        run()
        letGo()
        thread.store(0, ordering: .relaxed)
    }

    /// Breaks the circles between the loop and what it keeps; what was left open is closed.
    private func letGo() {
        let left = registrations.removeAll()
        alarms.removeAll()
        hooks = []
        posts = []
        withExtendedLifetime(left) {}
    }

    // MARK: Loop

    package var isCurrent: Bool { thread.load(ordering: .relaxed) == pthread_self() }

    package var reading: ClockReading { .current }

    package var heldUpUntil: Instant {
        assert(isCurrent)
        return late.heldUpUntil
    }

    package var isIdle: Bool { jobs.isEmpty && posts.isEmpty && yielded.isEmpty }

    package var lags: DurationHistogram {
        assert(isCurrent)
        return turns
    }

    /// Between two looks at what is ready; a sleep that ended when it should is none.
    func noteAbsence(_ length: Interval) { turns.note(length) }

    package func post(_ work: @escaping @Sendable () -> Void) {
        guard !isCurrent else { return posts.append(work) }
        let mustWake = inbox.withLock { inbox in
            guard inbox.phase != .stopped else { return false }
            inbox.posts.append(work)
            return inbox.takeWakeUp()
        }
        if mustWake { poller.wake() }
    }

    package func atEndOfTurn(_ hook: @escaping @Sendable () -> Void) { hooks.append(hook) }

    package func makeAlarm() -> any Alarm { LoopAlarm(of: self) }

    /// Stops the process when the caller is not on the loop: the next line would touch what is the loop's.
    func requireCurrent() {
        precondition(isCurrent, "called from outside the loop")
    }

    /// Lets everything else that is ready run first.
    ///
    /// On the loop.
    package func letOthersRun() async {
        requireCurrent()
        // Not Task.yield: that goes by way of the global pool.
        await withUnsafeContinuation { yielded.append($0) }
    }
}

/// The body of a loop's thread; it owns the loop while it runs.
private func threadBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue().live()
    return nil
}
