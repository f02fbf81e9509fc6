// `@lock` over the operations of the protocol (HTTP §2.3, §2.4). The resource is the whole path before `/@lock`; the
// token of a lock is the id of its ticket, which is durable, cannot be guessed, and can be checked whoever shows it.
// The contents themselves are kept elsewhere: a PATCH of a document answers whether its save may go on.

import HoldfastCoordinator
import HoldfastCore
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

struct AtLockProfile: Sendable {
    let dialect: any AtLockDialect
    let prefix: String
    let publicURL: String?
    let showsTokens: Bool

    typealias Body = @Sendable (Asker) async throws(Refusal) -> HTTPReply

    func answer(_ body: @escaping Body) -> Route.Handler {
        { exchange in
            do throws(Refusal) {
                return try await body(try Asker(exchange, self))
            } catch {
                return self.reply(error)
            }
        }
    }

    private func reply(_ refusal: Refusal) -> HTTPReply {
        let status = refusal.isOfServer ? HTTPStatus.unavailable : Problem.status(of: refusal)
        return dialect.form.reply(status, refusal)
    }
}

/// One request: who asks, and about what.
struct Asker: Sendable {
    let exchange: Exchange
    let profile: AtLockProfile
    let principal: Principal
    let path: ResourcePath

    init(_ exchange: Exchange, _ profile: AtLockProfile) throws(Refusal) {
        self.exchange = exchange
        self.profile = profile
        principal = try exchange.principal()
        let parts = profile.prefix.split(separator: "/").map(String.init) + exchange.parameters
        let text = parts.isEmpty ? "@root" : parts.joined(separator: "/")
        guard let path = ResourcePath(text) else {
            throw Refusal(.badRequest, "this is no path that can be locked: \(text)")
        }
        self.path = path
    }

    var dialect: any AtLockDialect { profile.dialect }

    /// The lock that stands there, as this reader may see it.
    func present() async throws(Refusal) -> ShownLock? {
        try await exchange.holders(of: path, limit: 1, as: principal).first.map(shown)
    }

    func shown(_ view: TicketView) -> ShownLock {
        let isOwn = view.owner == principal.owner
        let host = exchange.request.text(in: exchange.request.host) ?? ""
        let scheme = exchange.connection.service.setting.isSecure ? "https" : "http"
        let authority = exchange.connection.service.coordinator.setting.authority
        return ShownLock(
            view: view,
            isOwn: isOwn,
            creatorName: authority.displayName(of: view.owner),
            token: isOwn || profile.showsTokens ? view.ticket : nil,
            base: profile.publicURL ?? "\(scheme)://\(host)",
            prefix: profile.prefix
        )
    }
}

/// What may stand in the body of a lock and a refresh.
private struct LockOptions {
    var isStealable = true
    var timeout: Interval

    static let timeoutDefault = Interval.seconds(600)

    init(_ asker: Asker) throws(Refusal) {
        let limits = asker.exchange.connection.service.coordinator.setting.limits
        timeout = min(max(Self.timeoutDefault, limits.leaseMin), limits.leaseMax)
        guard !asker.exchange.request.body.isEmpty else { return }
        guard let body = asker.exchange.json, body.members != nil else {
            throw Refusal(.badRequest, "the body must be a JSON object, or nothing")
        }
        if let value = body["stealable"] {
            guard let isStealable = value.bool else {
                throw Refusal(.badRequest, "stealable must be true or false", field: "stealable")
            }
            self.isStealable = isStealable
        }
        if let value = body["timeout"] {
            guard let timeout = value.interval, timeout >= limits.leaseMin,
                timeout <= limits.leaseMax
            else {
                throw Refusal(
                    .badRequest,
                    "timeout must be a number of seconds above zero, at most "
                        + "\(limits.leaseMax.wholeMilliseconds / 1_000)",
                    field: "timeout"
                )
            }
            self.timeout = timeout
        }
    }

    func request(_ path: ResourcePath) -> TicketRequest {
        TicketRequest(
            resource: path,
            lease: timeout,
            maxWait: .zero,
            ifMine: .return,
            stealable: isStealable,
            notify: .none
        )
    }
}

// MARK: - The lock

extension AtLockProfile {
    /// POST: a lock that is mine already stays as it is.
    @Sendable static func lock(_ asker: Asker) async throws(Refusal) -> HTTPReply {
        try await lock(asker, try LockOptions(asker))
    }

    private static func lock(
        _ asker: Asker,
        _ options: LockOptions
    ) async throws(Refusal) -> HTTPReply {
        do throws(Refusal) {
            let request = options.request(asker.path)
            let answer = try await asker.exchange.queue(request, as: asker.principal)
            guard answer.standing.grant != nil else {
                throw Refusal(.conflict, "a ticket of yours waits for it")
            }
            return try await shown(answer.ticket, asker)
        } catch {
            guard error.code == .conflict || error.code == .capacityMismatch else { throw error }
            // It may be closed, or wanted by those who wait: then nobody is there to be shown.
            guard let present = try await asker.present() else {
                throw Refusal(.unavailable, "nobody holds it, but it cannot be had yet; ask again")
            }
            let shown = present.asAnothers(showingToken: asker.profile.showsTokens)
            return asker.dialect.heldByAnother(shown)
        }
    }

    private static func shown(_ ticket: TicketID, _ asker: Asker) async throws(Refusal) -> HTTPReply
    {
        let view = try await asker.exchange.status(ticket, on: asker.path, as: asker.principal)
        return asker.dialect.reply(asker.shown(view))
    }

    @Sendable static func show(_ asker: Asker) async throws(Refusal) -> HTTPReply {
        guard let present = try await asker.present() else {
            return asker.dialect.unlocked
        }
        return asker.dialect.reply(present)
    }

    /// PATCH: what was refreshed lasts its whole timeout from now on.
    @Sendable static func refresh(_ asker: Asker) async throws(Refusal) -> HTTPReply {
        let options = try LockOptions(asker)
        guard let present = try await asker.present() else {
            return asker.dialect.refreshLocks
                ? try await lock(asker, options) : asker.dialect.unlocked
        }
        guard present.isOwn, let ticket = present.view.ticket else {
            return asker.dialect.heldByAnother(present)
        }
        do throws(Refusal) {
            guard asker.dialect.refreshChangesToken else {
                _ = try await asker.exchange.renew(ticket, as: asker.principal)
                return try await shown(ticket, asker)
            }
            let reference = TicketReference(ticket: ticket, resource: asker.path)
            let request = options.request(asker.path)
            let operation = Operation.exchange(reference, for: request)
            let answer = await asker.exchange.connection.ask(operation, as: asker.principal)
            guard case .ticket(let fresh) = answer else { throw answer.refusal }
            return try await shown(fresh.ticket, asker)
        } catch {
            switch error.code {
            // Somebody takes it, and was told that it will be free.
            case .conflict, .badRequest: return asker.dialect.heldByAnother(present)
            // It ended between the look and the refresh.
            case .lost, .notFound:
                return asker.dialect.refreshLocks
                    ? try await lock(asker, options) : try await show(asker)
            default: throw error
            }
        }
    }

    /// DELETE: mine goes; another's only by force, and only where it may be stolen.
    @Sendable static func unlock(_ asker: Asker) async throws(Refusal) -> HTTPReply {
        let isForced = try force(asker)
        guard let present = try await asker.present() else {
            return asker.dialect.unlocked
        }
        do throws(Refusal) {
            if present.isOwn {
                try await asker.exchange.release(
                    present.view.ticket,
                    on: asker.path,
                    as: asker.principal
                )
            } else {
                guard isForced else { return asker.dialect.mayNotUnlock(present) }
                try await steal(asker)
            }
        } catch {
            switch error.code {
            case .lost, .notFound: break
            case .forbidden, .notStealable, .conflict: return asker.dialect.mayNotUnlock(present)
            default: throw error
            }
        }
        return asker.dialect.unlocked
    }

    private static func force(_ asker: Asker) throws(Refusal) -> Bool {
        guard !asker.exchange.request.body.isEmpty else { return false }
        guard let body = asker.exchange.json, body.members != nil else {
            throw Refusal(.badRequest, "the body must be a JSON object, or nothing")
        }
        guard let value = body["force"] else { return false }
        guard let isForced = value.bool else {
            throw Refusal(.badRequest, "force must be true or false", field: "force")
        }
        return isForced
    }

    /// Takes it and lets it go: only where its holder agreed, and whoever waits is next.
    private static func steal(_ asker: Asker) async throws(Refusal) {
        let request = TicketRequest(
            resource: asker.path,
            lease: .seconds(10),
            maxWait: .zero,
            notify: .none,
            details: TicketDetails(reason: "unlocked by force")
        )
        let answer = await asker.exchange.connection.ask(
            .steal(request, Steal()),
            as: asker.principal
        )
        guard case .ticket(let taken) = answer else { throw answer.refusal }
        try await asker.exchange.release(taken.ticket, on: asker.path, as: asker.principal)
    }
}

// MARK: - The document

extension AtLockProfile {
    /// PATCH of the document: whoever shows the token of its lock may save it, and nobody else.
    @Sendable static func save(_ asker: Asker) async throws(Refusal) -> HTTPReply {
        guard let present = try await asker.present() else { return HTTPReply(.noContent) }
        guard let token = asker.exchange.request.text(of: "lock-token"),
            let ticket = present.view.ticket, TicketID(token) == ticket
        else { return asker.dialect.mayNotSave() }
        guard asker.dialect.saveUnlocks else { return HTTPReply(.noContent) }
        do throws(Refusal) {
            // The token is its owner's word, whoever brings it.
            let owner = Principal.bearer(ofTicketOf: present.view.owner)
            try await asker.exchange.release(ticket, on: asker.path, as: owner)
        } catch {
            guard error.code == .lost || error.code == .notFound else { throw error }
            return asker.dialect.mayNotSave()
        }
        return HTTPReply(.noContent)
    }
}

extension Answer {
    /// Where nothing else can have come.
    fileprivate var refusal: Refusal {
        guard case .refused(let refusal) = self else {
            preconditionFailure("a request for a ticket was answered with something else")
        }
        return refusal
    }
}
