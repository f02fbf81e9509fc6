// A server whose journal failed can grant nothing any more (rule 28): whoever waits is told, everybody hears goodbye,
// and the process ends with the error. The failure may come on any loop, and before anybody serves.

import HoldfastJournal
import HoldfastModel

/// The first failure of a server's journal, and the service that it stops.
final class JournalFailure: Sendable {
    private let state = Locked(State())

    private struct State {
        var error: JournalError?
        var service: LineService?
    }

    var error: JournalError? { state.withLock { $0.error } }

    func take(_ error: JournalError) {
        let service = state.withLock { state in
            if state.error == nil { state.error = error }
            return state.service
        }
        service?.stop(.journalFailed)
    }

    /// Stops this service on a failure, also one that came already.
    func stops(_ service: LineService) {
        let hasFailed = state.withLock { state in
            state.service = service
            return state.error != nil
        }
        if hasFailed { service.stop(.journalFailed) }
    }
}
