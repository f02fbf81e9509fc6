// The lock API of sfp server (HTTP §2.1, seeds/sfp-server-locks.md): six routes over `{repository}/{resource}`. A
// ticket remembers which part of its path was the repository, because repositories look like `org/app`. Its users are
// those of two roles; everybody else is refused, but for giving back a ticket of one's own.

import HoldfastCoordinator
import HoldfastCore
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

enum SFPProfile {
    private static let locks = "/sfp/api/locks"
    private static let resource = locks + "/{repository}/{resource}"
    private static let ticket = resource + "/{ticketId}"

    static let routes = [
        Route(.post, locks) { exchange in
            await answer { () async throws(Refusal) in try await queue(exchange) }
        },
        Route(.get, ticket) { exchange in
            await answer { () async throws(Refusal) in try await status(exchange) }
        },
        Route(.delete, ticket) { exchange in
            await answer { () async throws(Refusal) in try await release(exchange) }
        },
        Route(.post, ticket + "/acquire") { exchange in
            await answer { () async throws(Refusal) in try await acquire(exchange) }
        },
        Route(.get, resource) { exchange in
            await answer { () async throws(Refusal) in try await list(exchange) }
        },
        Route(.delete, resource) { exchange in
            await answer { () async throws(Refusal) in try await clear(exchange) }
        },
    ]

    /// Its error envelope: the status again, and a message.
    private static func answer(
        _ body: () async throws(Refusal) -> HTTPReply
    ) async -> HTTPReply {
        do throws(Refusal) {
            return try await body()
        } catch {
            let (status, message) = words(for: error)
            return refused(status, message).retryLater(error)
        }
    }

    static let form = RefusalForm { refused($0, $1.message).retryLater($1) }

    private static func refused(_ status: HTTPStatus, _ message: String) -> HTTPReply {
        HTTPReply(status) { writer in
            writer.beginObject()
            writer.member("statusCode", Int(status.number))
            writer.member("message", message)
            writer.endObject()
        }
    }

    private static func words(for refusal: Refusal) -> (HTTPStatus, String) {
        if refusal.isOfServer { return (.unavailable, refusal.message) }
        return switch refusal.code {
        case .unauthenticated: (.unauthorized, "Unauthorized")
        case .forbidden: (.forbidden, "Forbidden - Requires role: owner, application")
        case .notFound: (.notFound, "Lock not found")
        case .badRequest: (.badRequest, refusal.message)
        default: (.conflict, refusal.message)
        }
    }
}

// MARK: - Routes

extension SFPProfile {
    private static func queue(_ exchange: Exchange) async throws(Refusal) -> HTTPReply {
        guard let repository = exchange.json?["repository"]?.string,
            let resource = exchange.json?["resource"]?.string,
            let lease = exchange.json?["leaseDurationSeconds"]?.interval
        else {
            _ = try user(exchange, on: nil)
            let fields = "repository, resource and leaseDurationSeconds"
            throw Refusal(.badRequest, "\(fields) are required: two strings and a number")
        }
        let limits = exchange.connection.service.coordinator.setting.limits
        let path = try path(repository, resource)
        let principal = try user(exchange, on: path)
        guard (limits.leaseMin...limits.leaseMax).contains(lease) else {
            throw Refusal(.badRequest, "leaseDurationSeconds is out of range")
        }
        let meta = [MetaEntry(name: repositoryName, value: repository)]
        let request = TicketRequest(
            resource: path,
            lease: lease,
            notify: .none,
            details: TicketDetails(meta: meta)
        )
        let answer = try await exchange.queue(request, as: principal)
        let view = try await exchange.status(answer.ticket, on: path, as: principal)
        return SFPTicket(view, repository: repository).reply(.created)
    }

    private static func status(_ exchange: Exchange) async throws(Refusal) -> HTTPReply {
        _ = try user(exchange, on: try named(exchange).1)
        return try await SFPTicket(exchange).shown(.ok)
    }

    private static func release(_ exchange: Exchange) async throws(Refusal) -> HTTPReply {
        let ticket = try await SFPTicket(exchange)
        let principal = try exchange.principal()
        do throws(Refusal) {
            try await exchange.release(ticket.id, on: ticket.view.resource, as: principal)
        } catch {
            // One that ended is shown as it is.
            guard error.code == .lost else { throw error }
        }
        return try await SFPTicket(exchange).shown(.ok)
    }

    private static func acquire(_ exchange: Exchange) async throws(Refusal) -> HTTPReply {
        let path = try named(exchange).1
        let principal = try user(exchange, on: path)
        do throws(Refusal) {
            return try await attempt(exchange)
        } catch {
            // Whoever may lock here is refused what is another's.
            guard error.code == .forbidden, exchange.rights(of: principal, on: path).contains(.lock)
            else { throw error }
            return refused(
                .forbidden,
                "Forbidden - Only the owner of a ticket may acquire it"
            )
        }
    }

    private static func attempt(_ exchange: Exchange) async throws(Refusal) -> HTTPReply {
        let ticket = try await SFPTicket(exchange)
        let reference = TicketReference(ticket: ticket.id, resource: ticket.view.resource)
        let answer = await exchange.connection.ask(
            .acquire(reference, wait: nil),
            as: try exchange.principal()
        )
        switch answer {
        case .acquire(let answer):
            switch answer.standing {
            case .queued(let place):
                let text = "Lock is queued: number \(place.position) of \(place.queueLength)"
                return outcome(false, text).telling(ticket.id, nil, position: place.position)
            case .acquired(let grant):
                return outcome(true, "Lock acquired").telling(ticket.id, grant.fence)
            case .released:
                preconditionFailure("a finished ticket is refused with lost, it is no answer")
            }
        case .refused(let refusal):
            guard refusal.code == .lost, let loss = refusal.loss else { throw refusal }
            return outcome(false, "Lock ended: \(loss.ended.rawValue)")
        default:
            preconditionFailure("acquire was answered with something else")
        }
    }

    private static func outcome(_ isAcquired: Bool, _ message: String) -> HTTPReply {
        HTTPReply(.ok) { writer in
            writer.beginObject()
            writer.member("acquired", isAcquired)
            writer.member("message", message)
            writer.endObject()
        }
    }

    /// Holders, then the queue in order, then those that ended a while ago.
    private static func list(_ exchange: Exchange) async throws(Refusal) -> HTTPReply {
        let (repository, path) = try named(exchange)
        let principal = try user(exchange, on: path)
        var page = try await exchange.list(path, as: principal)
        var array = SFPArray(repository: repository)
        array.add(page.holders)
        let recent = page.recent
        var position = 0
        while true {
            array.add(page.queue)
            position += page.queue.count
            guard page.queue.count == ListPage.limitMax, position < page.queueLength else { break }
            // A queue of a hundred thousand takes a while: others are served in between. It may move up meanwhile, so
            // each page begins a little before the last one's end.
            await exchange.connection.client.loop.letOthersRun()
            position -= SFPArray.overlap
            page = try await exchange.list(path, after: position, as: principal)
        }
        array.add(recent)
        return array.reply()
    }

    private static func clear(_ exchange: Exchange) async throws(Refusal) -> HTTPReply {
        let (_, path) = try named(exchange)
        let principal = try user(exchange, on: path)
        switch await exchange.connection.ask(.clear(path, reason: nil), as: principal) {
        case .cleared(let count):
            return HTTPReply(.ok) { writer in
                writer.beginObject()
                writer.member("cleared", count)
                writer.endObject()
            }
        case .refused(let refusal): throw refusal
        default: preconditionFailure("clear was answered with something else")
        }
    }
}

// MARK: - Roles

extension SFPProfile {
    private static let roles: Set = ["owner", "application"]

    /// The principal, if it has one of the roles, or all the rights that make them up there; nil: everywhere.
    private static func user(
        _ exchange: Exchange,
        on path: ResourcePath?
    ) throws(Refusal) -> Principal {
        let principal = try exchange.principal()
        let authority = exchange.connection.service.coordinator.setting.authority
        let rights =
            path.map { authority.rights(of: principal, on: $0) }
            ?? authority.rightsOnEverything(of: principal)
        guard
            !roles.isDisjoint(with: authority.roles(of: principal))
                || rights.isSuperset(of: [.lock, .read, .admin])
        else { throw Refusal.missing(.admin) }
        return principal
    }
}

// MARK: - Names

extension SFPProfile {
    /// In the metadata of a ticket.
    static let repositoryName = "repository"

    static func named(_ exchange: Exchange) throws(Refusal) -> (repository: String, ResourcePath) {
        let (repository, resource) = (exchange.parameters[0], exchange.parameters[1])
        return (repository, try path(repository, resource))
    }

    private static func path(
        _ repository: String,
        _ resource: String
    ) throws(Refusal) -> ResourcePath {
        guard !repository.isEmpty, !resource.isEmpty,
            let path = ResourcePath(repository + "/" + resource)
        else { throw Refusal(.badRequest, "repository and resource are no path") }
        return path
    }
}

/// Tickets as the elements of an array, each of them once.
private struct SFPArray {
    private var array = LongArray()
    private var shown: Set<UInt64> = []
    private let repository: String

    static let overlap = 100

    init(repository: String) { self.repository = repository }

    mutating func add(_ views: [TicketView]) {
        for view in views where shown.insert(view.number).inserted {
            array.add { SFPTicket(view, repository: repository).write(to: &$0) }
        }
    }

    mutating func reply() -> HTTPReply { array.reply() }
}

/// A ticket as sfp server shows it.
private struct SFPTicket {
    let view: TicketView
    let repository: String
    /// A list tells it to its owner only; whoever asks for one ticket knows it.
    let id: TicketID?

    init(_ view: TicketView, id: TicketID? = nil, repository: String) {
        self.view = view
        self.id = id ?? view.ticket
        let remembered = view.details?.meta.first { $0.name == SFPProfile.repositoryName }?.value
        // A ticket that came another way may call anything its repository.
        let fitting = remembered.flatMap { name in
            view.resource.text.utf8.starts(with: (name + "/").utf8) ? name : nil
        }
        self.repository = fitting ?? repository
    }

    /// The ticket that the path names, in the repository that it was queued with.
    init(_ exchange: Exchange) async throws(Refusal) {
        let principal = try exchange.principal()
        let (repository, path) = try SFPProfile.named(exchange)
        let ticket = TicketID(exchange.parameters[2])
        let view = try await exchange.status(ticket, on: path, as: principal)
        self.init(view, id: ticket, repository: repository)
        guard self.repository == repository else { throw .unknownTicket }
    }

    func shown(_ status: HTTPStatus) -> HTTPReply { reply(status) }

    func reply(_ status: HTTPStatus) -> HTTPReply {
        HTTPReply(status) { write(to: &$0) }
            .telling(id, view.standing.grant?.fence, position: view.standing.place?.position)
    }

    func write(to writer: inout JSONWriter) {
        let name = id?.text ?? String(view.number)
        writer.beginObject()
        writer.member("id", name)
        writer.member("repository", repository)
        let rest = view.resource.text.utf8.dropFirst(repository.utf8.count + 1)
        writer.member("resource", String(decoding: rest, as: UTF8.self))
        writer.member("ticketId", name)
        switch view.standing {
        case .queued: writer.member("status", "queued")
        case .acquired: writer.member("status", "acquired")
        case .released: writer.member("status", "released")
        }
        writer.member("queuePosition", view.standing.place?.position)
        writer.member("leaseStart", view.acquiredAt)
        writer.member("leaseDurationSeconds", view.lease)
        writer.member("createdAt", view.createdAt)
        let changes = [view.endedAt, view.renewedAt, view.acquiredAt].compactMap(\.self)
        writer.member("updatedAt", changes.first ?? view.createdAt)
        writer.member("requestedBy", view.owner.name)
        writer.endObject()
    }
}
