// A request and where it came from, as a route sees it. Who asks is found out here and nowhere else, so that a guess at
// a token is counted and a request is paid for whichever API it came by.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel

/// A request and where it came from, as a route sees it.
struct Exchange: Sendable {
    let request: Request
    /// What stands for the parameters of the pattern, decoded once.
    let parameters: [String]
    let connection: HTTPConnection
    /// Of its route.
    let isSafe: Bool

    func principal(in place: CredentialPlace = .authorization) throws(Refusal) -> Principal {
        let authority = connection.service.coordinator.setting.authority
        let visitor = connection.client.visitor
        do throws(Refusal) {
            let token = try request.token(in: place, isProof: authority.provesByToken)
            let principal = try visitor.principal(
                token,
                certified: connection.client.stream.peerName,
                by: authority
            )
            try visitor.enter(as: principal, with: token, atMost: connection.coordinatorLimits)
            try pay(as: principal)
            return principal
        } catch {
            if authority.provesNames, error.code == .unauthenticated, shows(somethingIn: place) {
                connection.client.guesses.note()
                connection.service.coordinator.setting.witness?.saw(
                    strangerFrom: connection.client.stream.peer,
                    at: connection.client.loop.reading.wall
                )
            }
            throw error
        }
    }

    /// Somebody tried to say who it is; who only asks does not guess.
    private func shows(somethingIn place: CredentialPlace) -> Bool {
        if connection.client.stream.peerName != nil { return true }
        return (try? request.token(in: place)).map { !($0?.isEmpty ?? true) } ?? true
    }

    /// A request takes one token, whatever its route asks for it.
    private func pay(as principal: Principal) throws(Refusal) {
        let client = connection.client
        guard client.pace.isBound, !client.state.value.isPaid else { return }
        client.state.value.isPaid = true
        let keeps = !isSafe && request.keeps
        if let refusal = client.pace.refusal(of: principal, keeps: keeps) { throw refusal }
    }
}

extension Request {
    /// It keeps what somebody has, or gives it back, in any of the APIs.
    fileprivate var keeps: Bool {
        if method == .delete || method == .unlock { return true }
        guard let last = segments.last.flatMap({ text(in: $0) }) else { return false }
        return ["renew", "release", "unlock"].contains(last)
    }
}
