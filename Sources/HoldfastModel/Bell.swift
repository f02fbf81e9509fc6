// How plain code on a loop wakes a task on the same loop: a mailbox that got its first letter, a
// batch that wants writing, room in a buffer. One task waits; ringing while nobody waits is
// remembered, so no wake-up is lost. A stream of elements was rejected: what happened is already
// stored elsewhere.

/// A signal for one waiting task, rung and awaited on one loop.
package final class Bell: Sendable {
    private let loop: any Loop
    private let state: LoopBound<State>

    private struct State {
        var isRung = false
        var isCancelled = false
        var waiter: CheckedContinuation<Bool, Never>?
    }

    package init(on loop: any Loop) {
        self.loop = loop
        state = LoopBound(State(), on: loop)
    }

    /// Wakes the waiting task, or the next one that waits.
    ///
    /// On the loop.
    package func ring() {
        guard let waiter = state.value.waiter else {
            state.value.isRung = true
            return
        }
        state.value.waiter = nil
        waiter.resume(returning: true)
    }

    /// Waits for the next ring; false when the task was cancelled.
    ///
    /// On the loop.
    package func rings() async -> Bool {
        // The closure runs on the cancelling thread, maybe before the wait is registered: it only
        // posts.
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if state.value.isCancelled {
                    continuation.resume(returning: false)
                } else if state.value.isRung {
                    state.value.isRung = false
                    continuation.resume(returning: true)
                } else {
                    precondition(state.value.waiter == nil, "two tasks wait for one bell")
                    state.value.waiter = continuation
                }
            }
        } onCancel: {
            loop.post { self.cancel() }
        }
    }

    private func cancel() {
        state.value.isCancelled = true
        guard let waiter = state.value.waiter else { return }
        state.value.waiter = nil
        waiter.resume(returning: false)
    }
}
