// The HTTP backend of Terraform and OpenTofu (HTTP §2.6): LOCK and UNLOCK of `terraform/{name}`, with their LockInfo
// kept byte for byte in the ticket, so that whoever is refused is shown what the holder said of itself. The state is
// kept elsewhere.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

struct TerraformProfile: Sendable {
    let lease: Interval

    var routes: [Route] {
        [
            Route(.lock, "/terraform/{name}", lock),
            Route(.post, "/terraform/{name}/lock", lock),
            Route(.unlock, "/terraform/{name}", Self.unlock),
            Route(.post, "/terraform/{name}/unlock", Self.unlock),
        ]
    }

    /// In the metadata of a ticket.
    private static let infoName = "terraform"
    private static let infoBytesMax = 4_096

    @Sendable private func lock(_ exchange: Exchange) async -> HTTPReply {
        guard exchange.request.body.count <= Self.infoBytesMax else {
            return .text(.contentTooLarge, "a LockInfo has at most \(Self.infoBytesMax) bytes\n")
        }
        do throws(Refusal) {
            let principal = try exchange.principal()
            let path = try Self.path(exchange)
            guard let id = exchange.json?["ID"]?.string, !id.isEmpty,
                let info = String(validating: exchange.request.body, as: UTF8.self)
            else { throw Refusal(.badRequest, "the body must be a LockInfo with an ID") }
            let request = TicketRequest(
                resource: path,
                lease: lease,
                maxWait: .zero,
                notify: .none,
                details: TicketDetails(meta: [MetaEntry(name: Self.infoName, value: info)])
            )
            return try await take(request, id, exchange, principal)
        } catch {
            return Self.reply(error)
        }
    }

    private func take(
        _ request: TicketRequest,
        _ id: String,
        _ exchange: Exchange,
        _ principal: Principal
    ) async throws(Refusal) -> HTTPReply {
        do throws(Refusal) {
            let answer = try await exchange.queue(request, as: principal)
            return HTTPReply(.ok).telling(answer.ticket, answer.standing.grant?.fence)
        } catch {
            guard error.code == .conflict || error.isOfServer else { throw error }
            // Whatever stands against a new ticket: what its holder has it has.
            let mine = try await Self.held(request.resource, id, exchange, principal)
            if let mine { return HTTPReply(.ok).telling(mine.ticket, mine.fence) }
            guard error.code == .conflict else { throw error }
            return Self.locked(.locked, by: error.held?.holder, on: request.resource)
        }
    }

    /// The lock with this ID, where this principal has it.
    private static func held(
        _ path: ResourcePath,
        _ id: String,
        _ exchange: Exchange,
        _ principal: Principal
    ) async throws(Refusal) -> TicketView? {
        try await exchange.holders(of: path, limit: 1, as: principal).first {
            $0.owner == principal.owner && info(of: $0)?.id == id
        }
    }

    /// Without a body it is `force-unlock`: whoever may release it does.
    @Sendable private static func unlock(_ exchange: Exchange) async -> HTTPReply {
        do throws(Refusal) {
            let principal = try exchange.principal()
            let path = try path(exchange)
            var id: String?
            if !exchange.request.body.isEmpty {
                guard let text = exchange.json?["ID"]?.string, !text.isEmpty else {
                    throw Refusal(.badRequest, "the body must be a LockInfo with an ID, or none")
                }
                id = text
            }
            let holders = try await exchange.holders(of: path, limit: 1, as: principal)
            guard let holder = holders.first else { return HTTPReply(.ok) }
            if let id, info(of: holder)?.id != id {
                return locked(.conflict, by: holder, on: path)
            }
            try await exchange.release(holder.ticket, on: path, as: principal)
            return HTTPReply(.ok)
        } catch {
            // It ended between the look and the release.
            return error.code == .lost ? HTTPReply(.ok) : reply(error)
        }
    }

    private static func path(_ exchange: Exchange) throws(Refusal) -> ResourcePath {
        guard let path = ResourcePath("terraform/" + exchange.parameters[0]) else {
            throw Refusal(.badRequest, "this name is no path")
        }
        return path
    }

    static let form = RefusalForm { .text($0, $1.message + "\n").retryLater($1) }

    private static func reply(_ refusal: Refusal) -> HTTPReply {
        let status =
            refusal.code == .limitExceeded ? HTTPStatus.unavailable : Problem.status(of: refusal)
        let reply = form.reply(status, refusal)
        return status == .unauthorized
            ? reply.with("WWW-Authenticate", #"Basic realm="holdfast""#) : reply
    }
}

// MARK: - LockInfo

extension TerraformProfile {
    /// What a holder said of itself; nil where it came another way.
    private static func info(of holder: TicketView) -> (text: String, id: String)? {
        guard let text = holder.details?.meta.first(where: { $0.name == infoName })?.value,
            let id = (try? JSONValue(parsing: text))?["ID"]?.string
        else { return nil }
        return (text, id)
    }

    private static func locked(
        _ status: HTTPStatus,
        by holder: TicketView?,
        on path: ResourcePath
    ) -> HTTPReply {
        if let text = holder.flatMap({ info(of: $0) })?.text {
            return HTTPReply(status, type: HTTPReply.json, body: Array(text.utf8))
                .telling(nil, holder?.fence)
        }
        return HTTPReply(status) { writer in
            writer.beginObject()
            writer.member("ID", holder.map { String($0.number) } ?? "")
            writer.member("Operation", "")
            writer.member("Info", holder?.details?.reason ?? "")
            writer.member("Who", holder?.owner.name ?? "")
            writer.member("Version", "")
            if let holder { writer.member("Created", holder.createdAt) }
            writer.member("Path", path)
            writer.endObject()
        }.telling(nil, holder?.fence)
    }
}
