// A journal in a test's hand: batches wait until the test lets them become durable, or refuses
// them.

package import HoldfastJournal
import Synchronization

/// Accepts batches one at a time, when told.
package final class HeldJournal: ForgetfulJournal {
    private let state = Mutex(State())

    private struct State {
        var accepted: [Batch] = []
        var waiting: (batch: Batch, continuation: CheckedContinuation<JournalError?, Never>)?
    }

    package init() {}

    package func append(_ batch: Batch) async throws(JournalError) -> JournalWish {
        let error = await withCheckedContinuation { continuation in
            state.withLock { $0.waiting = (batch, continuation) }
        }
        if let error { throw error }
        return .none
    }

    /// The batch that waits to become durable.
    package var waitingBatch: Batch? { state.withLock { $0.waiting?.batch } }

    package var acceptedBatches: [Batch] { state.withLock { $0.accepted } }

    /// Makes the waiting batch durable.
    package func accept() { answer(nil) }

    /// Refuses the waiting batch.
    package func refuse(_ error: JournalError) { answer(error) }

    private func answer(_ error: JournalError?) {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            if let batch = state.waiting?.batch, error == nil { state.accepted.append(batch) }
            return state.waiting
        }
        waiting?.continuation.resume(returning: error)
    }
}
