// Whom an HTTP connection counts for (rule 31, `connections_per_principal`): the one who asked on it last. Over TCP
// `hello` says it once; here every request says it anew, and nearly always the same, so what a token stands for is
// remembered where it cannot change: as long as names need not be proved.

import HoldfastCoordinator
import HoldfastModel
import Synchronization

/// Who asks on one connection.
struct Visitor: Sendable {
    private let state: LoopBound<State>

    private struct State {
        var current: Principal?
        /// What `current` was asked for with.
        var token: String?
    }

    init(on loop: any Loop) { state = LoopBound(State(), on: loop) }

    /// Whom a token stands for; `name` is what the client's certificate proved.
    func principal(
        _ token: String?,
        certified name: String?,
        by authority: any Authority
    ) throws(Refusal) -> Principal {
        if !authority.provesNames, let current = state.value.current,
            token.isSameText(as: state.value.token)
        {
            return current
        }
        let principal = try authority.principal(token: token, certified: name)
        // Over TCP `hello` comes later; a request over HTTP says at once who asks, or never.
        guard token != nil || principal.isProved || !authority.provesNames else {
            throw Refusal(.unauthenticated, "say who you are")
        }
        return principal
    }

    /// From now on the connection counts for this principal, and no longer for another.
    func enter(
        as principal: Principal,
        with token: String?,
        atMost limits: Limits
    ) throws(Refusal) {
        let owner = principal.owner
        guard state.value.current?.owner !== owner else {
            state.value.current = principal
            state.value.token = token
            return
        }
        let limit = principal.limits.connections ?? limits.connectionsPerPrincipal
        let count = owner.connections.wrappingAdd(1, ordering: .relaxed).newValue
        guard count <= limit else {
            owner.connections.wrappingSubtract(1, ordering: .relaxed)
            throw .exceeded(
                .connectionsPerPrincipal,
                "\(owner.name) has \(limit.counted("connection")) already"
            )
        }
        leave()
        state.value.current = principal
        state.value.token = token
    }

    /// Who asked last.
    var current: Principal? { state.value.current }

    /// Who asked last, where that one did not say who it is.
    var nameless: Principal? { state.value.token == nil ? state.value.current : nil }

    /// The connection is over.
    func leave() {
        state.value.current?.owner.connections.wrappingSubtract(1, ordering: .relaxed)
        state.value.current = nil
        state.value.token = nil
    }
}
