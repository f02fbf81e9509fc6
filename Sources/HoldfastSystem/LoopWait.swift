// How a task waits on a loop. A cancellation runs on the cancelling thread, perhaps before the wait is
// registered: so it only posts to the loop, where registering, ringing and cancelling follow one another
// in some order and the first one that finds the task resumes it. Waits are numbered, because a late
// cancellation must not wake the wait that came after the one it meant.

/// The place where at most one task waits.
///
/// Used on the loop only. Any `await` may let the loop run something else, also the one between saying that
/// a task will wait and parking it: what wakes it then is kept and handed over when it parks.
struct WaitPlace<Value: Sendable> {
    /// Where the wait stands.
    private enum State {
        /// Nobody waits; leaves for `expected`.
        case idle
        /// A task is about to park; leaves for `parked`, or for `woken`.
        case expected
        /// Leaves for `idle` when it is woken.
        case parked(UnsafeContinuation<Value, Never>)
        /// Woken before it parked; leaves for `idle` when it does.
        case woken(Value)
    }

    private var state = State.idle
    private var number: UInt64 = 0

    /// The number of the wait that is about to be parked.
    mutating func nextNumber() -> UInt64 {
        guard case .idle = state else { preconditionFailure("one waiter at a time") }
        state = .expected
        number += 1
        return number
    }

    mutating func park(_ continuation: UnsafeContinuation<Value, Never>) {
        switch state {
        case .expected: state = .parked(continuation)
        case .woken(let value):
            state = .idle
            continuation.resume(returning: value)
        case .idle, .parked: preconditionFailure("parked without a number")
        }
    }

    /// Wakes whoever waits or is about to, if anybody does.
    @discardableResult
    mutating func wake(_ value: Value) -> Bool {
        switch state {
        case .idle, .woken: return false
        case .expected: state = .woken(value)
        case .parked(let continuation):
            state = .idle
            continuation.resume(returning: value)
        }
        return true
    }

    /// Wakes the waiter only if it is still the one of that number.
    mutating func wake(number meant: UInt64, _ value: Value) {
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
