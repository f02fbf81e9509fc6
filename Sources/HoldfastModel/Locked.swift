// A value behind the kernel's classic lock. `Synchronization.Mutex` was rejected for what threads of this
// house share: under contention its slow path is invisible to the thread sanitizer, which then reports
// races that are none. This one costs a few nanoseconds more and is seen.

import Glibc

/// A value that threads take turns with.
///
/// Hold it to move values in and out; run what they cause after it is released.
@safe package final class Locked<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    // Whoever would overlap waits for the lock, or for itself for good: there is nothing to look for.
    @exclusivity(unchecked) private var value: Value

    package init(_ value: sending Value) {
        unsafe mutex = .allocate(capacity: 1)
        let result = unsafe pthread_mutex_init(mutex, nil)
        precondition(result == 0, "no memory for a lock")
        unsafe self.value = value
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&value)
    }
}
