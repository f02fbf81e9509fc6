// How a task waits on a loop. A cancellation runs on the cancelling thread, perhaps before the wait is
// registered: so it only posts to the loop, where registering, ringing and cancelling follow one another
// in some order and the first one that finds the task resumes it. Waits are numbered, because a late
// cancellation must not wake the wait that came after the one it meant.

/// The place where at most one task waits.
///
/// Used on the loop only.
struct WaitPlace<Value> {
    private var continuation: UnsafeContinuation<Value, Never>?
    private var number: UInt64 = 0

    var isTaken: Bool { continuation != nil }

    /// The number of the wait that is about to be parked.
    mutating func nextNumber() -> UInt64 {
        precondition(!isTaken, "one waiter at a time")
        number += 1
        return number
    }

    mutating func park(_ continuation: UnsafeContinuation<Value, Never>) {
        self.continuation = continuation
    }

    /// Wakes whoever waits, if anybody does.
    @discardableResult
    mutating func wake(_ value: sending Value) -> Bool {
        guard let waiting = continuation else { return false }
        continuation = nil
        waiting.resume(returning: value)
        return true
    }

    /// Wakes the waiter only if it is still the one of that number.
    mutating func wake(number meant: UInt64, _ value: sending Value) {
        if number == meant { wake(value) }
    }
}

/// Parks the calling task by `park`; a cancellation calls `onCancel` at once, on any thread.
///
/// Both closures stay on the stack: a wait allocates nothing.
func parked<Value>(
    by park: (UnsafeContinuation<Value, Never>) -> Void,
    onCancel: @Sendable () -> Void
) async -> Value {
    await withTaskCancellationHandler {
        await withUnsafeContinuation(park)
    } onCancel: {
        onCancel()
    }
}
