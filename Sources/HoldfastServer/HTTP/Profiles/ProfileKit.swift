// What the profiles share: asking for a principal in their own way, reading JSON whatever the Content-Type says, and
// the fields in which they tell what their API has no place for.

import HoldfastCoordinator
import HoldfastCore
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

extension HTTPProfile {
    /// What this server speaks of another system's API.
    func routes(_ setting: HTTPSetting) -> [Route] {
        let routes =
            switch self {
            case .sfp: SFPProfile.routes
            case .mangadb: MangaDBProfile(lease: setting.mangadbLease).routes
            case .versal: VersalProfile(setting).routes
            case .terraform: TerraformProfile(lease: setting.terraformLease).routes
            }
        return routes.map { $0.refusing(as: form) }
    }

    private var form: RefusalForm {
        switch self {
        case .sfp: SFPProfile.form
        case .mangadb: MangaDBProfile.form
        case .versal: VersalProfile.form
        case .terraform: TerraformProfile.form
        }
    }

    var territory: Territory {
        switch self {
        case .sfp: Territory(below: ["sfp"], form)
        case .mangadb: Territory(below: ["admin"], form)
        case .versal: Territory(below: ["locks"], form)
        case .terraform: Territory(below: ["terraform"], form)
        }
    }
}

extension Exchange {
    /// The body as JSON; nil where it is none, or names something twice: of two readers one would take the first and
    /// the other the last.
    var json: JSONValue? {
        guard !request.body.isEmpty, let value = try? JSONValue(parsing: request.body.span),
            !value.repeatsName
        else { return nil }
        return value
    }

    func rights(of principal: Principal, on path: ResourcePath) -> Caller.Rights {
        connection.service.coordinator.setting.authority.rights(of: principal, on: path)
    }

    /// A ticket or why there is none.
    func queue(
        _ request: TicketRequest,
        as principal: Principal
    ) async throws(Refusal) -> TicketAnswer {
        switch await connection.ask(.queue(request), as: principal) {
        case .ticket(let answer): return answer
        case .refused(let refusal): throw refusal
        default: preconditionFailure("queue was answered with something else")
        }
    }

    func status(
        _ ticket: TicketID?,
        on path: ResourcePath?,
        as principal: Principal
    ) async throws(Refusal) -> TicketView {
        let reference = TicketReference(ticket: ticket, resource: path)
        switch await connection.ask(.status(reference), as: principal) {
        case .status(let view): return view
        case .refused(let refusal): throw refusal
        default: preconditionFailure("status was answered with something else")
        }
    }

    func release(
        _ ticket: TicketID?,
        on path: ResourcePath,
        as principal: Principal
    ) async throws(Refusal) {
        let reference = TicketReference(ticket: ticket, resource: path)
        let answer = await connection.ask(.release(reference, reason: nil), as: principal)
        if case .refused(let refusal) = answer { throw refusal }
    }

    /// Moves the end of a lease to a whole lease from now.
    func renew(_ ticket: TicketID, as principal: Principal) async throws(Refusal) -> RenewAnswer {
        let reference = TicketReference(ticket: ticket)
        switch await connection.ask(.renew(reference, lease: nil), as: principal) {
        case .renewed(let answer): return answer
        case .refused(let refusal): throw refusal
        default: preconditionFailure("renew was answered with something else")
        }
    }

    func list(
        _ path: ResourcePath,
        after: Int = 0,
        as principal: Principal
    ) async throws(Refusal) -> ListAnswer {
        let page = ListPage(limit: ListPage.limitMax, after: after)
        switch await connection.ask(.list(path, page), as: principal) {
        case .list(let answer): return answer
        case .refused(let refusal): throw refusal
        default: preconditionFailure("list was answered with something else")
        }
    }

    /// Who holds it, the longest first; at most so many.
    ///
    /// For whoever may lock it, too: a refusal would name the holder (rule 29), and the systems whose APIs these are
    /// know of no other right. The ids are for the server, which compares and releases: none is shown by this.
    func holders(
        of path: ResourcePath,
        limit: Int = ListPage.limitMax,
        as principal: Principal
    ) async throws(Refusal) -> [TicketView] {
        guard maySee(path, principal) else { throw .missing(.lock) }
        // No queue has so many that this would show one of them.
        let page = ListPage(limit: limit, after: 1 << 40, revealsTickets: true)
        let question = Operation.list(path, page)
        switch await connection.ask(question, as: .looking(for: principal.owner)) {
        case .list(let answer): return answer.holders
        case .refused(let refusal): throw refusal
        default: preconditionFailure("list was answered with something else")
        }
    }

    /// Whether the lock that stands there is this principal's business.
    func mayLock(_ path: ResourcePath, _ principal: Principal) -> Bool {
        rights(of: principal, on: path).contains(.lock)
    }

    func maySee(_ path: ResourcePath, _ principal: Principal) -> Bool {
        !rights(of: principal, on: path).isDisjoint(with: .lockOrRead)
    }
}

extension JSONValue {
    fileprivate var repeatsName: Bool {
        switch self {
        case .object(let members):
            members.nameThatRepeats != nil || members.contains { $0.value.repeatsName }
        case .array(let values): values.contains(where: \.repeatsName)
        case .null, .bool, .integer, .number, .string: false
        }
    }
}

extension HTTPReply {
    /// The fields beyond the API of a profile (HTTP §2).
    func telling(_ ticket: TicketID?, _ fence: Fence?, position: Int? = nil) -> HTTPReply {
        with("Holdfast-Ticket", ticket?.text)
            .with("Holdfast-Fence", fence.map { String($0.number) })
            .with("Holdfast-Position", position.map { String($0) })
    }

    /// What a client that comes too early is told.
    func retryLater(_ refusal: Refusal) -> HTTPReply {
        refusal.code.isRetryable ? with("Retry-After", refusal.secondsToWait) : self
    }
}

extension Refusal {
    /// The server cannot do it now, whoever asks.
    var isOfServer: Bool {
        switch code {
        case .draining, .moved, .unavailable, .internal, .limitExceeded: true
        case .badRequest, .unknownOperation, .lineTooLong, .unauthenticated, .forbidden, .notFound,
            .conflict, .notAcquired, .lost, .timedOut, .notStealable, .capacityMismatch:
            false
        }
    }
}

extension Standing {
    var place: QueuePlace? {
        if case .queued(let place) = self { place } else { nil }
    }
    var grant: Grant? {
        if case .acquired(let grant) = self { grant } else { nil }
    }
    var ending: Ending? {
        if case .released(let ending) = self { ending } else { nil }
    }
}
