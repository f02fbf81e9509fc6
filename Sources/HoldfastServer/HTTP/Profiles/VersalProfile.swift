// The lock API of Versal (HTTP §2.5, seeds/versal-locks.md): who edits which gadget of a course. A lock's id is a
// number there; it is made of the fence, which no other grant of its slot has, and the slot. A user has one lock: a
// second one is taken first, then the first one is let go.

import HoldfastCoordinator
import HoldfastCore
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

struct VersalProfile: Sendable {
    private let lease: Interval
    private let catalog: VersalCatalog

    init(_ setting: HTTPSetting) {
        lease = setting.versalLease
        catalog = setting.versalCatalog
    }

    var routes: [Route] {
        [
            Route(.post, "/locks") { exchange in
                await answer(exchange) { (principal) async throws(Refusal) in
                    try await self.acquire(exchange, principal)
                }
            },
            Route(.get, "/locks") { exchange in
                await answer(exchange) { (principal) async throws(Refusal) in
                    try await self.list(exchange, principal)
                }
            },
            Route(.delete, "/locks/{lockId}") { exchange in
                await answer(exchange) { (principal) async throws(Refusal) in
                    try await Self.release(exchange, principal)
                }
            },
        ]
    }

    static let form = RefusalForm { refused($0, $1.message).retryLater($1) }

    private static let courses = "courses"
}

/// Its errors: the status again, and a message.
private func answer(
    _ exchange: Exchange,
    _ body: (Principal) async throws(Refusal) -> HTTPReply
) async -> HTTPReply {
    do throws(Refusal) {
        guard let session = exchange.request.text(of: "sid"), !session.isEmpty else {
            throw Refusal(.unauthenticated, "Invalid credentials")
        }
        return try await body(try exchange.principal(in: .header("sid")))
    } catch {
        let (status, message) = words(for: error)
        let reply = refused(status, message).retryLater(error)
        // It has a scheme of its own, which is the name of its header.
        return status == .unauthorized
            ? reply.with("WWW-Authenticate", #"SID realm="holdfast""#) : reply
    }
}

private func refused(_ status: HTTPStatus, _ message: String) -> HTTPReply {
    HTTPReply(status) { writer in
        writer.beginObject()
        writer.member("error", Int(status.number))
        writer.member("message", message)
        writer.endObject()
    }
}

private func words(for refusal: Refusal) -> (HTTPStatus, String) {
    if refusal.isOfServer { return (.unavailable, refusal.message) }
    return switch refusal.code {
    case .unauthenticated: (.unauthorized, "Invalid credentials")
    case .forbidden: (.forbidden, "Insufficient permissions")
    case .notFound: (.notFound, refusal.message)
    case .badRequest: (.badRequest, refusal.message)
    default: (.forbidden, "Resource locked")
    }
}

// MARK: - Locks

/// A gadget of a course.
private struct Gadget {
    var course: String
    var gadget: String

    private static let (first, third) = ("courses", "gadgets")

    /// Ids are single segments of the path.
    init(course: String, gadget: String) throws(Refusal) {
        guard !course.utf8.contains(0x2f), !gadget.utf8.contains(0x2f) else {
            throw Refusal(.badRequest, "courseId and gadgetId have no slash")
        }
        (self.course, self.gadget) = (course, gadget)
    }

    /// Nil for a path of something else.
    init?(_ path: ResourcePath) {
        // By bytes: a slash with an accent on it is no slash to a string.
        let parts = path.text.utf8.split(separator: 0x2f)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 4, parts[0] == Gadget.first, parts[2] == Gadget.third else {
            return nil
        }
        (course, gadget) = (parts[1], parts[3])
    }

    var path: ResourcePath? {
        ResourcePath("\(Gadget.first)/\(course)/\(Gadget.third)/\(gadget)")
    }
}

private struct VersalLock {
    var gadget: Gadget
    var path: ResourcePath
    var fence: Fence
    var owner: Owner
    var remaining: Interval
    /// When it was asked for last.
    var since: WallTime

    init(
        gadget: Gadget,
        path: ResourcePath,
        fence: Fence,
        owner: Owner,
        remaining: Interval,
        since: WallTime
    ) {
        self.gadget = gadget
        self.path = path
        self.fence = fence
        self.owner = owner
        self.remaining = remaining
        self.since = since
    }

    /// Nil where nobody holds it alone, or it is no gadget.
    init?(_ summary: ResourceSummary) {
        guard let gadget = Gadget(summary.resource), let holder = summary.holder,
            case .exclusive = holder.mode, let grant = holder.standing.grant
        else { return nil }
        self.init(
            gadget: gadget,
            path: summary.resource,
            fence: grant.fence,
            owner: holder.owner,
            remaining: grant.remaining,
            since: holder.renewedAt ?? holder.acquiredAt ?? holder.createdAt
        )
    }

    func isOlder(than other: VersalLock) -> Bool {
        since == other.since ? path < other.path : since < other.since
    }

    var id: String { String(fence.number * 256 + UInt64(Slot(of: path).number)) }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", id)
        writer.member("type", "gadget")
        writer.key("subject")
        writer.beginObject()
        writer.member("courseId", gadget.course)
        writer.member("gadgetId", gadget.gadget)
        writer.endObject()
        writer.member("ownerId", owner.name)
        writer.member("expiresIn", Int(max(0, remaining.wholeMilliseconds)))
        writer.endObject()
    }
}

// MARK: - Routes

extension VersalProfile {
    private func acquire(
        _ exchange: Exchange,
        _ principal: Principal
    ) async throws(Refusal) -> HTTPReply {
        // Its document: it must be a user's.
        guard principal.kind == .user else {
            throw Refusal(.unauthenticated, "Invalid credentials")
        }
        let body = exchange.json
        guard body?["type"]?.string == "gadget", let course = body?["subject"]?["courseId"]?.string,
            let name = body?["subject"]?["gadgetId"]?.string
        else {
            throw Refusal(
                .badRequest,
                "type gadget and subject with courseId and gadgetId are required"
            )
        }
        let gadget = try Gadget(course: course, gadget: name)
        guard let path = gadget.path else {
            throw Refusal(.badRequest, "courseId or gadgetId is malformed")
        }
        guard catalog.has(course: course) else { throw .missing(course: course) }
        guard catalog.has(gadget: name, in: course) else {
            throw Refusal(.notFound, "Gadget '\(name)' not found")
        }
        let request = TicketRequest(
            resource: path,
            lease: lease,
            maxWait: .zero,
            ifMine: .return,
            notify: .none
        )
        let answer = try await exchange.queue(request, as: principal)
        guard var grant = answer.standing.grant else { throw Refusal(.conflict, "Resource locked") }
        if answer.isExisting {
            grant.remaining = try await exchange.renew(answer.ticket, as: principal).remaining
        }
        await letGo(of: principal, exchange, but: path)
        let lock = VersalLock(
            gadget: gadget,
            path: path,
            fence: grant.fence,
            owner: principal.owner,
            remaining: grant.remaining,
            since: exchange.connection.client.loop.reading.wall
        )
        return HTTPReply(.created) { lock.write(to: &$0) }.telling(answer.ticket, grant.fence)
    }

    /// A user has one lock: those from before the present one go.
    ///
    /// What came later is left, so that of two requests at once one lets go of the other's and not both.
    private func letGo(
        of principal: Principal,
        _ exchange: Exchange,
        but path: ResourcePath
    ) async {
        guard let courses = ResourcePath(Self.courses) else { return }
        let question = HoldingsQuestion(under: courses, owner: principal.owner)
        let locks = await exchange.connection.service.coordinator.map
            .holdings(question) { VersalLock($0) }
        guard let present = locks.first(where: { $0.path == path }) else { return }
        for lock in locks where lock.isOlder(than: present) {
            // One that ended meanwhile is let go, too.
            _ = try? await Self.release(lock, exchange, principal)
        }
    }

    private static func release(
        _ lock: VersalLock,
        _ exchange: Exchange,
        _ principal: Principal
    ) async throws(Refusal) {
        let holders = try await exchange.holders(of: lock.path, as: principal)
        let mine = holders.first { $0.fence == lock.fence && $0.owner == principal.owner }
        guard let mine else { throw .unknownTicket }
        try await exchange.release(mine.ticket, on: lock.path, as: principal)
    }

    private func list(
        _ exchange: Exchange,
        _ principal: Principal
    ) async throws(Refusal) -> HTTPReply {
        let items = exchange.request.queryItems ?? []
        guard let course = items.first(where: { $0.name == "subject.courseId" })?.value,
            !course.isEmpty
        else { throw Refusal(.badRequest, "subject.courseId is required") }
        guard !course.utf8.contains(0x2f), let path = ResourcePath("\(Self.courses)/\(course)"),
            let anyGadget = ResourcePath(path.text + "/gadgets/*")
        else { throw Refusal(.badRequest, "subject.courseId is malformed") }
        guard catalog.has(course: course) else { throw .missing(course: course) }
        let service = exchange.connection.service
        let authority = service.coordinator.setting.authority
        let loop = exchange.connection.client.loop
        let locks = await service.coordinator.map.holdings(HoldingsQuestion(under: path)) {
            authority.rights(of: principal, on: $0.resource).contains(.lock) ? VersalLock($0) : nil
        }
        // Its document: 403 to whoever may not update the course; to read it is not enough.
        guard !locks.isEmpty || exchange.mayLock(anyGadget, principal) else {
            throw .missing(.lock)
        }
        var array = LongArray()
        let sorted = await locks.sorted(pause: loop.letOthersRun) { $0.path < $1.path }
        await array.add(sorted, pause: loop.letOthersRun) { $0.write(to: &$1) }
        return array.reply()
    }

    private static func release(
        _ exchange: Exchange,
        _ principal: Principal
    ) async throws(Refusal) -> HTTPReply {
        let id = exchange.parameters[0]
        let unknown = Refusal(.notFound, "Lock '\(id)' not found")
        guard let number = UInt64(id), let path = ResourcePath(courses) else { throw unknown }
        let slot = Slot(number: UInt8(truncatingIfNeeded: number))
        let locks = await exchange.connection.service.coordinator.map
            .holdings(HoldingsQuestion(under: path, slot: slot)) { summary in
                VersalLock(summary).flatMap { $0.id == id ? $0 : nil }
            }
        guard let lock = locks.first else { throw unknown }
        guard lock.owner == principal.owner else { throw .missing(.admin) }
        do throws(Refusal) {
            try await release(lock, exchange, principal)
        } catch {
            throw error.code == .lost || error.code == .notFound ? unknown : error
        }
        return HTTPReply(.ok, type: HTTPReply.json, body: Array("{}".utf8))
    }
}

extension Refusal {
    fileprivate static func missing(course: String) -> Refusal {
        Refusal(.notFound, "Course '\(course)' not found")
    }
}
