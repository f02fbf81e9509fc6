// What makes the loop an executor, of actors and of tasks. Both at once: a task that prefers the loop and
// waits in a continuation is then resumed on the loop and not by way of the global pool, and an await
// between two actors of the loop stays a call. Jobs are run with both identities for the same reason.

import HoldfastModel

extension EventLoop {
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard !isCurrent else { return jobs.append(job) }
        let mustWake = inbox.withLock { inbox in
            precondition(inbox.phase != .stopped, "a job for a loop that has ended")
            inbox.jobs.append(job)
            return inbox.takeWakeUp()
        }
        if mustWake { poller.wake() }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        UnownedTaskExecutor(ordinary: self)
    }

    /// Makes `assumeIsolated` work from a plain callback, where the runtime knows no executor.
    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    package func checkIsolated() {
        precondition(isCurrent, "not on the event loop of this actor")
    }
}
