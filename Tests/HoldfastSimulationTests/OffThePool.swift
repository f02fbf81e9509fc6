// Long computations go to a thread of their own: the few threads that all tests share must stay free
// for those that wait for a server in the same process.

import Dispatch

/// Computes something long, off the threads that tests share.
func offThePool<Value: Sendable>(
    _ body: @escaping @Sendable () -> Value
) async -> Value {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: body()) }
    }
}
