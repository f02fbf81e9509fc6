// The thread of the clients: it blocks on its sockets as no thread of the runtime's pool may, and what it does is
// not counted.

import CCounting
import Glibc

/// A thread for one piece of blocking work.
enum DrivingThread {
    /// Runs `work` on a thread of its own and waits for what it gives.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job { continuation.resume(with: Result { try work() }) }
            var thread = pthread_t()
            let status = pthread_create(
                &thread,
                nil,
                { pointer in
                    counting_exclude(1)
                    guard let pointer else { return nil }
                    Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().body()
                    return nil
                },
                Unmanaged.passRetained(job).toOpaque()
            )
            precondition(status == 0, "no thread: \(status)")
            pthread_detach(thread)
        }
    }

    private final class Job {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
}
