// What becomes of those who are here when they are taken off the list: each further request is refused anyway, and what
// they have running ends at once. Their session ends with its tickets, though others of the same name may have one; a
// wait ends, and so does every ticket that waits for somebody who may not lock there any more, so that nobody is
// granted what it may not keep; a stream of events and a connection of HTTP are closed. What is held without a session
// stays its holder's until its lease ends, because somebody may still work with it. A connection of the line protocol
// stays, because its client learns there why it is refused.
//
// Whose proof is merely over hears so and loses no more than it has to: its waits are answered, its streams say
// goodbye, a connection of the line protocol is closed. Its session waits as long as it was told, so that a client with
// a fresh token finds everything as it was.

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
    /// Ends what runs for it where `refusal` says so, in good order.
    func sendAway(_ refusal: (Principal) -> Refusal?)
}

extension LineClient: DismissibleClient {
    func dismiss(_ refusal: (Principal) -> Refusal?) -> SessionID? {
        guard let (guest, refusal) = refused(by: refusal) else { return nil }
        endWaits(refusal)
        return guest.session
    }

    func sendAway(_ refusal: (Principal) -> Refusal?) {
        guard let (_, refusal) = refused(by: refusal) else { return }
        endWaits(refusal)
        takeGoodbye(.unauthenticated)
    }

    private func refused(by refusal: (Principal) -> Refusal?) -> (Guest, Refusal)? {
        guard isOpen, let guest = state.value.guest else { return nil }
        return refusal(guest.principal).map { (guest, $0) }
    }

    private func endWaits(_ refusal: Refusal) {
        let waits = takeWaits()
        for number in state.value.waits.keys.sorted() { answer(number, .refused(refusal)) }
        for ends in waits { ends.handOver(for: id) }
    }
}

extension HTTPClient: DismissibleClient {
    func dismiss(_ refusal: (Principal) -> Refusal?) -> SessionID? {
        if let principal = visitor.current, refusal(principal) != nil { close() }
        return nil
    }

    /// Each request says anew who asks, so nothing ends but what goes on.
    func sendAway(_ refusal: (Principal) -> Refusal?) {
        guard let principal = visitor.current, let refusal = refusal(principal) else { return }
        if state.value.events != nil {
            state.value.isSentAway = true
            stream.wakeReader()
        } else {
            endWait(with: refusal)
        }
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

extension Listener {
    /// Looks once a second whose proof is over, until the task is cancelled.
    func watchProofs() async {
        let alarm = loop.makeAlarm()
        repeat {
            let (authority, reading) = (coordinator.setting.authority, loop.reading)
            for client in roster.all {
                (client as? any DismissibleClient)?.sendAway {
                    authority.refusal(of: $0, at: reading.wall)
                }
            }
            alarm.set(for: reading.now + .seconds(1))
        } while await alarm.rings()
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
        await registry.withdrawWhatIsRefused()
    }
}
