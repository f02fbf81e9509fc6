// Who is at the other end of a connection: what `hello` and a certificate say, the session that it opens or takes up,
// the place it has among the connections of its owner, and the word with which it leaves.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire
import Synchronization

extension Connection {
    func greet(_ hello: Hello, _ number: UInt64) async {
        do throws(Refusal) {
            let principal = try coordinator.setting.authority.principal(
                token: hello.token,
                certified: client.stream.peerName
            )
            if let refusal = pace.refusal(of: principal, keeps: true) { throw refusal }
            try countConnection(of: principal)
            let session = try await openSession(hello, for: principal.owner)
            countConnection(leaving: self.principal.owner)
            self.principal = principal
            self.session = session?.life
            client.state.value.guest = Guest(principal: principal, session: session?.life.id)
            greeting = .greeted
            patience.end(client.id)
            tell(.hello(helloAnswer(principal, session?.shown)), to: .hello, number)
            if let session, session.shown.resumed {
                coordinator.registry.tellChanges(of: session.life, to: client.id)
            }
        } catch {
            if provesNames, error.code == .unauthenticated {
                guesses.note()
                noteStranger()
                await guesses.pauseAfterGuess(on: client.loop)
            }
            tell(.refused(error), to: .hello, number)
        }
    }

    func noteStranger() {
        let wall = client.loop.reading.wall
        coordinator.setting.witness?.saw(strangerFrom: client.stream.peer, at: wall)
    }

    /// A client that showed a certificate is whom that names, from its first line on, and need not say hello.
    ///
    /// Where the authority does not take the name, it stays who it was; its token may be taken.
    func certify() {
        isCertified = true
        guard let name = client.stream.peerName,
            let principal = try? coordinator.setting.authority.principal(
                token: nil,
                certified: name
            ),
            principal.isProved,
            (try? countConnection(of: principal)) != nil
        else { return }
        countConnection(leaving: self.principal.owner)
        self.principal = principal
        client.state.value.guest = Guest(principal: principal, session: nil)
        patience.end(client.id)
    }

    private func openSession(
        _ hello: Hello,
        for owner: Owner
    ) async throws(Refusal) -> CarriedSession? {
        do {
            return try await session(hello, of: owner)
        } catch {
            // The connection stays what it was; another hello may be tried.
            countConnection(leaving: owner)
            throw error
        }
    }

    private func session(
        _ hello: Hello,
        of owner: Owner
    ) async throws(Refusal) -> CarriedSession? {
        if let resume = hello.resume {
            guard let id = resume.session else { throw .unknownSession }
            return try await coordinator.map[id.slot].resumeSession(
                id,
                secret: resume.secret,
                owner: owner,
                connection: client.id
            )
        }
        guard let grace = hello.sessionGrace else { return nil }
        let session = try await shard.openSession(
            owner: owner,
            grace: grace,
            connection: client.id
        )
        // Rule 26: a session that was told of can be resumed after a crash.
        try await shard.settled()
        return session
    }

    private func helloAnswer(_ principal: Principal, _ session: HelloAnswer.Session?) -> HelloAnswer
    {
        var limits = coordinator.setting.limits
        limits.requestsPerSecond = pace.rate(of: principal)
        return HelloAnswer(
            server: ServerName.text,
            node: coordinator.setting.node,
            principal: principal.owner.name,
            rights: principal.rightsShown,
            limits: limits,
            session: session
        )
    }

    /// The connection counts for this owner, too, until one of the two is left.
    private func countConnection(of principal: Principal) throws(Refusal) {
        let owner = principal.owner
        let count = owner.connections.wrappingAdd(1, ordering: .relaxed).newValue
        let limit =
            principal.limits.connections ?? coordinator.setting.limits.connectionsPerPrincipal
        // The one that says hello is not counted twice.
        guard count <= (owner === self.principal.owner ? limit + 1 : limit) else {
            countConnection(leaving: owner)
            throw .exceeded(
                .connectionsPerPrincipal,
                "\(owner.name) has \(limit.counted("connection")) already"
            )
        }
    }

    func countConnection(leaving owner: Owner) {
        owner.connections.wrappingSubtract(1, ordering: .relaxed)
    }

    func sayBye(_ number: UInt64) async {
        do throws(Refusal) {
            if let session {
                try await coordinator.registry.end(session.id, saidBy: client.id)
                // Until that is durable a second `bye` is no news either (rule 26).
                self.session = nil
                client.state.value.guest?.session = nil
            }
            tell(.done, to: .bye, number)
        } catch {
            tell(.refused(error), to: .bye, number)
        }
    }
}
