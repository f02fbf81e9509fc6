// The seam below the actors: an event loop is where a shard's actors run. The server fills it with
// a thread around epoll, the simulator with a seeded queue. It is crossed once per batch or turn,
// never per request.
//
// One turn of a loop, in this order: what became readable or was posted is run until no job is
// left; then alarms that are due ring, and what they started is run; then the end-of-turn hooks are
// called (journal, replies, writes). So requests already received are stepped before leases that
// became due (rule 11), and all replies of a turn to one connection leave in one write.

/// An event loop: one thread, in turns, that actors and tasks are pinned to.
@usableFromInline package protocol Loop: SerialExecutor, TaskExecutor {
    /// Its place among the loops of this process.
    var index: LoopIndex { get }

    /// Both clocks, read when called. Any thread.
    var reading: ClockReading { get }

    /// Rule 11: while `now` is before this, no lease may end, because this loop woke late. On the
    /// loop.
    var heldUpUntil: Instant { get }

    /// How long, each time, the loop did not look for what is ready: so long may something have waited for it. On the
    /// loop.
    var lags: DurationHistogram { get }

    /// Whether nothing waits to be run that would run before a job that is enqueued now. On the loop.
    var isIdle: Bool { get }

    /// Runs `work` on the loop in its next turn, in the order posted. Any thread.
    func post(_ work: @escaping @Sendable () -> Void)

    /// Calls `hook` at the end of every turn for as long as the loop lives. On the loop, or before
    /// it runs.
    func atEndOfTurn(_ hook: @escaping @Sendable () -> Void)

    /// A new alarm of this loop.
    func makeAlarm() -> any Alarm

    /// Lets everything else that is ready run first; `Task.yield` would go by way of the global
    /// pool. On the loop.
    func letOthersRun() async

    /// Whether the caller runs on this loop.
    var isCurrent: Bool { get }
}

/// One deadline that a task on the loop waits for, cheap to move.
@usableFromInline package protocol Alarm: AnyObject, Sendable {
    /// Moves the deadline; `.never` disarms. On the loop.
    func set(for deadline: Instant)

    /// Waits until the deadline was reached: true. False at once when the task is cancelled. One
    /// waiter at a time; an alarm that rang is disarmed. The loop may ring early by less than its
    /// resolution.
    func rings() async -> Bool
}

/// A value that only code on one loop may touch, shared by the actors of that loop.
///
/// The actors of a loop never run at the same time, but each is an isolation domain of its own to
/// the compiler, and an `await` between deciding and recording is forbidden. This box is the agreed
/// way to share what belongs to the loop as a whole; debug builds check that the caller is on it.
@safe @usableFromInline package final class LoopBound<Value: ~Copyable>: @unchecked Sendable {
    // Behind a pointer: a stored property of a class is checked for overlapping accesses each time it is touched,
    // which was a tenth of a request. Debug builds keep the check.
    #if DEBUG
    @usableFromInline var storage: Value
    #else
    @usableFromInline let storage: UnsafeMutablePointer<Value>
    #endif
    @usableFromInline let loop: any Loop

    @inlinable
    package init(_ value: consuming Value, on loop: any Loop) {
        #if DEBUG
        storage = value
        #else
        unsafe storage = .allocate(capacity: 1)
        unsafe storage.initialize(to: value)
        #endif
        self.loop = loop
    }

    #if !DEBUG
    deinit {
        unsafe storage.deinitialize(count: 1)
        unsafe storage.deallocate()
    }
    #endif

    /// Lent, never copied: a getter would retain everything inside on every look.
    @inlinable package var value: Value {
        @inline(__always) _read {
            #if DEBUG
            precondition(loop.isCurrent, "touched from another loop")
            yield storage
            #else
            yield unsafe storage.pointee
            #endif
        }
        @inline(__always) _modify {
            #if DEBUG
            precondition(loop.isCurrent, "touched from another loop")
            yield &storage
            #else
            yield unsafe &storage.pointee
            #endif
        }
    }
}
