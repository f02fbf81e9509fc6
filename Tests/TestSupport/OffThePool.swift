// Long computations go to threads of their own: the few threads that all tests share must stay free for those that wait
// for a server in the same process.

import Dispatch
package import Testing

/// Runs a test, or every test of a suite, off the threads that tests share.
package struct OffThePool: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await withTaskExecutorPreference(QueueExecutor()) { try await function() }
    }
}

extension Trait where Self == OffThePool {
    package static var offThePool: OffThePool { OffThePool() }
}

/// Jobs run on the threads of the system's queues, which are as many as are busy.
private final class QueueExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        DispatchQueue.global().async { job.runSynchronously(on: executor) }
    }
}
