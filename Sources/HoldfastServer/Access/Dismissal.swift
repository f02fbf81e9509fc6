// What becomes of those who are here when they are taken off the list: each further request is refused anyway, and what
// they have running ends at once. Their session ends with its tickets, though others of the same name may have one; a
// wait ends, so that nobody is granted what it may not keep; a stream of events and a connection of HTTP are closed. A
// connection of the line protocol stays, because its client learns there why it is refused.

import HoldfastCoordinator
import HoldfastModel

/// Who is at the other end of a connection.
struct Guest: Sendable {
    var principal: Principal
    var session: SessionID?
}

/// A client that may have to go because of who it is.
protocol DismissibleClient {
    /// Ends what runs for it where `refusal` says so; gives the session that ends with it.
    func dismiss(_ refusal: (Principal) -> Refusal?) -> SessionID?
}

extension LineClient: DismissibleClient {
    func dismiss(_ refusal: (Principal) -> Refusal?) -> SessionID? {
        guard isOpen, let guest = state.value.guest, let refusal = refusal(guest.principal) else {
            return nil
        }
        let waits = takeWaits()
        for number in state.value.waits.keys.sorted() { answer(number, .refused(refusal)) }
        for ends in waits { ends.handOver(for: id) }
        return guest.session
    }
}

extension HTTPClient: DismissibleClient {
    func dismiss(_ refusal: (Principal) -> Refusal?) -> SessionID? {
        if let principal = visitor.current, refusal(principal) != nil { close() }
        return nil
    }
}

extension Listener {
    /// Gives the sessions that are over with those who had to go.
    func dismissRefused() -> [SessionID] {
        let (authority, wall) = (coordinator.setting.authority, loop.reading.wall)
        return roster.all.compactMap { client in
            (client as? any DismissibleClient)?.dismiss { authority.refusal(of: $0, at: wall) }
        }
    }
}

extension LineService {
    /// After who may do what was read again: ends what those have here who are not heard any more, and the sessions of
    /// all who had one of the names that are `gone`.
    package func dismissRefused(gone: [String]) async {
        var sessions: [SessionID] = []
        for listener in listeners { sessions += await listener.dismissRefused() }
        // A server that cannot store an end stops for that.
        for session in sessions { try? await registry.end(session) }
        if !gone.isEmpty { await registry.endSessions(ofOwnersNamed: gone) }
    }
}
