// Replies read as the values of the public API. A member that the protocol promises and that is missing
// makes the reply unreadable; the caller is told so instead of being handed a guess.

import HoldfastModel
import HoldfastWire

extension Reply {
    /// Nil where this is no answer to `queue`, `lock`, `steal` or `acquire`.
    func report(of known: Ticket? = nil) -> TicketReport? {
        guard let ticket = text("ticket").map({ Ticket($0) }) ?? known, let standing else {
            return nil
        }
        return TicketReport(
            ticket: ticket,
            resource: text("resource"),
            lease: seconds("lease").map { Duration($0) },
            standing: standing,
            isExisting: flag("existing")
        )
    }

    private var standing: TicketReport.Standing? {
        switch text("state") {
        case "queued": value.place.map { .queued($0) }
        case "acquired": grant.map { .acquired(LockGrant($0)) }
        case "released": .released(loss)
        default: nil
        }
    }

    var contention: Contention {
        Contention(
            message: refusal?.message ?? "",
            holder: value["holder"].flatMap { TicketSnapshot($0) },
            holderCount: integer("holders") ?? 0,
            queueLength: integer("queueLength") ?? 0,
            closedFor: seconds("closedFor").map { Duration($0) }
        )
    }

    var releaseOutcome: ReleaseOutcome? {
        guard let cause = text("ended").flatMap(LockLoss.Cause.init(rawValue:)) else { return nil }
        return ReleaseOutcome(cause: cause, wasAlreadyReleased: flag("already"))
    }

    var check: FenceCheck? {
        value["valid"]?.bool.map {
            FenceCheck(isValid: $0, fence: integer("fence"), state: text("state"))
        }
    }

    var snapshot: TicketSnapshot? { TicketSnapshot(value) }

    var resource: ResourceSnapshot? {
        guard let path = text("resource"), let holders = snapshots("holders"),
            let queue = snapshots("queue"), let recent = snapshots("recent")
        else { return nil }
        return ResourceSnapshot(
            resource: path,
            mode: text("mode"),
            of: integer("of"),
            holders: holders,
            holderCount: integer("holderCount") ?? holders.count,
            queue: queue,
            queueLength: integer("queueLength") ?? queue.count,
            recent: recent,
            fence: integer("fence") ?? 0,
            closedFor: seconds("closedFor").map { Duration($0) }
        )
    }

    private func snapshots(_ name: String) -> [TicketSnapshot]? {
        guard let elements = value[name]?.elements else { return nil }
        let snapshots = elements.compactMap { TicketSnapshot($0) }
        return snapshots.count == elements.count ? snapshots : nil
    }

    var page: ResourcePage? {
        guard let elements = value["resources"]?.elements else { return nil }
        let lines = elements.compactMap { ResourceLine($0) }
        guard lines.count == elements.count else { return nil }
        return ResourcePage(resources: lines, next: text("next"))
    }

    /// The lines of `history`; they do not repeat the resource that was asked for.
    func history(of resource: String) -> [WatchNotice]? {
        guard let elements = value["history"]?.elements else { return nil }
        let notices = elements.compactMap { WatchNotice($0, resource: resource) }
        return notices.count == elements.count ? notices : nil
    }

    var notice: WatchNotice? {
        text("resource").flatMap { WatchNotice(value, resource: $0) }
    }

    var statistics: ServerStatistics? {
        guard let uptime = seconds("uptime") else { return nil }
        return ServerStatistics(
            uptime: Duration(uptime),
            connections: integer("connections") ?? 0,
            sessions: integer("sessions") ?? 0,
            resources: integer("resources") ?? 0,
            held: integer("held") ?? 0,
            waiting: integer("waiting") ?? 0,
            granted: integer("granted") ?? 0,
            released: integer("released") ?? 0,
            expired: integer("expired") ?? 0,
            lost: integer("lost") ?? 0,
            stolen: integer("stolen") ?? 0,
            requests: integer("requests") ?? 0,
            bytesIn: integer("bytesIn") ?? 0,
            bytesOut: integer("bytesOut") ?? 0
        )
    }

    /// An event of one of the client's tickets; nil where it is none.
    var lockEvent: LockEvent? {
        guard let ticket = text("ticket").map({ Ticket($0) }) else { return nil }
        let resource = text("resource") ?? ""
        switch text("event") {
        case "queued": return value.place.map { .queued(ticket, resource: resource, $0) }
        case "position": return value.place.map { .position(ticket, $0) }
        case "acquired": return grant.map { .acquired(ticket, resource: resource, LockGrant($0)) }
        case "kept": return .kept(ticket, resource: resource)
        case "lost": return .lost(ticket, resource: resource, loss)
        case "losing":
            return .losing(
                ticket,
                resource: resource,
                grace: Duration(seconds("grace") ?? .zero),
                by: text("by") ?? "",
                reason: text("reason")
            )
        default: return nil
        }
    }
}

extension LockGrant {
    init(_ terms: Reply.GrantTerms) {
        self.init(
            fence: terms.fence,
            remaining: Duration(terms.remaining),
            isLosing: terms.isLosing
        )
    }
}

extension JSONValue {
    func int(_ name: String) -> Int? { self[name]?.integer.flatMap { Int(exactly: $0) } }

    func duration(_ name: String) -> Duration? { self[name]?.interval.map { Duration($0) } }

    var place: QueuePosition? {
        guard let position = int("position"), let length = int("queueLength") else { return nil }
        return QueuePosition(position: position, queueLength: length)
    }

    var lockMode: LockMode? {
        switch self["mode"]?.string {
        case "exclusive": .exclusive
        case "shared": .shared
        case "permit": int("of").map { .permit(count: int("permits") ?? 1, of: $0) }
        default: nil
        }
    }

    /// The members that are strings.
    var texts: [String: String] {
        (members ?? []).reduce(into: [:]) { texts, member in
            texts[member.name] = member.value.string
        }
    }
}

extension TicketSnapshot {
    /// PROTOCOL §4.
    init?(_ value: JSONValue) {
        guard let number = value.int("number"), let resource = value["resource"]?.string,
            let state = value["state"]?.string, let mode = value.lockMode,
            let owner = value["owner"]?.string, let lease = value.duration("lease")
        else { return nil }
        self.init(
            ticket: value["ticket"]?.string.map { Ticket($0) },
            number: number,
            resource: resource,
            state: state,
            ended: value["ended"]?.string.flatMap(LockLoss.Cause.init(rawValue:)),
            mode: mode,
            owner: owner,
            holder: value["holder"]?.string,
            reason: value["reason"]?.string,
            metadata: value["meta"]?.texts ?? [:],
            priority: value.int("priority") ?? 0,
            lease: lease,
            fence: value.int("fence"),
            remaining: value.duration("remaining"),
            place: value.place,
            createdAt: value["createdAt"]?.string,
            acquiredAt: value["acquiredAt"]?.string,
            renewedAt: value["renewedAt"]?.string,
            expiresAt: value["expiresAt"]?.string,
            endedAt: value["endedAt"]?.string,
            isStealable: value["stealable"]?.bool ?? false,
            binding: value["bind"]?.string.flatMap(TicketBinding.init(rawValue:)),
            endedBy: value["endedBy"]?.string,
            endReason: value["endReason"]?.string
        )
    }
}

extension ResourceLine {
    init?(_ value: JSONValue) {
        guard let resource = value["resource"]?.string else { return nil }
        let holder = value["holder"]
        self.init(
            resource: resource,
            mode: value["mode"]?.string,
            holderCount: value.int("holders") ?? 0,
            queueLength: value.int("queueLength") ?? 0,
            fence: value.int("fence") ?? 0,
            oldestWait: value.duration("oldestWait") ?? .zero,
            owner: holder?["owner"]?.string,
            holder: holder?["label"]?.string,
            age: holder?.duration("age"),
            remaining: holder?.duration("remaining"),
            closedFor: value.duration("closedFor")
        )
    }
}

extension WatchNotice {
    init?(_ value: JSONValue, resource: String) {
        guard let event = value["event"]?.string, let at = value["at"]?.string,
            let number = value.int("number"), let owner = value["owner"]?.string
        else { return nil }
        self.init(
            event: event,
            at: at,
            resource: resource,
            number: number,
            owner: owner,
            holder: value["holder"]?.string,
            fence: value.int("fence"),
            by: value["by"]?.string,
            reason: value["reason"]?.string
        )
    }
}
