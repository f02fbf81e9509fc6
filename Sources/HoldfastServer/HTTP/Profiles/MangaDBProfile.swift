// The lock API of MangaDB (HTTP §2.2, seeds/mangadb-locks.md): who edits `{route}/{id}`. Every answer is
// `{"data":…,"code":N}`; a lock has no end there, so it lasts a lease that each further request of its owner renews.

import HoldfastCoordinator
import HoldfastCore
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

struct MangaDBProfile: Sendable {
    let lease: Interval

    var routes: [Route] {
        [
            Route(.post, "/admin/lock") { await self.answer($0, self.lock) },
            Route(.delete, "/admin/remove-lock") { await self.answer($0, self.removeLock) },
        ]
    }

    private static let cookie = CredentialPlace.cookie("refreshToken")

    /// What it answers, and the only word that it has for it.
    private enum Outcome: Error {
        case success(TicketID?, Fence?)
        case missingParameters
        case forbidden
        case notFound
        case conflict
        case internalError

        var status: HTTPStatus {
            switch self {
            case .success: .ok
            case .missingParameters: .badRequest
            case .forbidden: .forbidden
            case .notFound: .notFound
            case .conflict: .conflict
            case .internalError: .internalError
            }
        }

        var data: String {
            switch self {
            case .success: "Success"
            case .missingParameters: "Missing parameters"
            case .forbidden: "Forbidden"
            case .notFound: "Not found"
            case .conflict: "Conflict"
            case .internalError: "Internal server error"
            }
        }
    }

    /// Its checks in its order: the cookie, the permission, the parameters, and then the lock.
    private func answer(
        _ exchange: Exchange,
        _ body: (Exchange, ResourcePath, Principal) async throws(Refusal) -> Outcome
    ) async -> HTTPReply {
        let outcome: Outcome
        do throws(Refusal) {
            outcome = try await checked(exchange, body)
        } catch {
            outcome = MangaDBProfile.outcome(of: error)
        }
        let reply = MangaDBProfile.reply(outcome.status, outcome.data)
        guard case .success(let ticket, let fence) = outcome else { return reply }
        return reply.telling(ticket, fence)
    }

    private static func reply(_ status: HTTPStatus, _ data: String) -> HTTPReply {
        HTTPReply(status) { writer in
            writer.beginObject()
            writer.member("data", data)
            writer.member("code", Int(status.number))
            writer.endObject()
        }
    }

    /// Beyond its own words it says the status in words like them.
    static let form = RefusalForm { status, refusal in
        if refusal.isOfServer {
            return reply(Outcome.internalError.status, Outcome.internalError.data)
        }
        let words = status.phrase.lowercased()
        return reply(status, String(status.phrase.prefix(1)) + String(words.dropFirst()))
    }

    private func checked(
        _ exchange: Exchange,
        _ body: (Exchange, ResourcePath, Principal) async throws(Refusal) -> Outcome
    ) async throws(Refusal) -> Outcome {
        guard let token = try exchange.request.token(in: MangaDBProfile.cookie), !token.isEmpty
        else { return .notFound }
        let principal = try exchange.principal(in: MangaDBProfile.cookie)
        let path = MangaDBProfile.path(exchange.json)
        let mayLock =
            path.map { exchange.rights(of: principal, on: $0).contains(.lock) }
            ?? principal.rightsShown.contains { $0.hasPrefix("lock:") }
        guard mayLock else { return .forbidden }
        guard let path else { return .missingParameters }
        return try await body(exchange, path, principal)
    }

    private static func outcome(of refusal: Refusal) -> Outcome {
        switch refusal.code {
        case .conflict, .capacityMismatch, .timedOut, .notAcquired, .lost: .conflict
        case .forbidden, .notStealable: .forbidden
        case .notFound, .unauthenticated: .notFound
        case .badRequest, .unknownOperation, .lineTooLong: .missingParameters
        case .limitExceeded, .draining, .moved, .unavailable, .internal: .internalError
        }
    }

    /// Nil where a parameter is missing, empty or no scalar; an id may be a number.
    private static func path(_ body: JSONValue?) -> ResourcePath? {
        guard let route = body?["route"]?.string, !route.isEmpty else { return nil }
        let id: String? =
            switch body?["id"] {
            case .string(let text)?: text
            case .integer(let number)?: String(number)
            case .number?: body?["id"]?.description
            case nil, .null?, .bool?, .array?, .object?: nil
            }
        guard let id, !id.isEmpty else { return nil }
        return ResourcePath(route + "/" + id)
    }
}

// MARK: - Routes

extension MangaDBProfile {
    private func lock(
        _ exchange: Exchange,
        _ path: ResourcePath,
        _ principal: Principal
    ) async throws(Refusal) -> Outcome {
        let request = TicketRequest(
            resource: path,
            lease: lease,
            maxWait: .zero,
            ifMine: .return,
            notify: .none
        )
        let answer = try await exchange.queue(request, as: principal)
        guard let grant = answer.standing.grant else { return .conflict }
        if answer.isExisting { _ = try await exchange.renew(answer.ticket, as: principal) }
        return .success(answer.ticket, grant.fence)
    }

    private func removeLock(
        _ exchange: Exchange,
        _ path: ResourcePath,
        _ principal: Principal
    ) async throws(Refusal) -> Outcome {
        let holders = try await exchange.holders(of: path, as: principal)
        guard !holders.isEmpty else { return .notFound }
        guard let mine = holders.first(where: { $0.owner == principal.owner }) else {
            return .forbidden
        }
        do throws(Refusal) {
            try await exchange.release(mine.ticket, on: path, as: principal)
        } catch {
            // It ended between the look and the release.
            guard error.code == .lost else { throw error }
            return .notFound
        }
        return .success(mine.ticket, mine.fence)
    }
}
