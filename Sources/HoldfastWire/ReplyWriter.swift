// Answers and refusals as lines (PROTOCOL §§2, 3 and 6), written straight into the outbound buffer.

package import HoldfastModel

/// Renders the replies of one connection.
package enum ReplyWriter {
    /// Appends the line that answers the request with that id.
    package static func write(
        _ answer: Answer,
        to id: RequestID,
        ignored: [String] = [],
        into buffer: inout [UInt8]
    ) {
        if case .refused(let refusal) = answer {
            return write(refusal, to: id, ignored: ignored, into: &buffer)
        }
        if ignored.isEmpty, writePlain(answer, to: id, into: &buffer) { return }
        JSONWriter.append(to: &buffer) { writer in
            writer.beginObject()
            writer.member(.id, id)
            writer.member(.ok, true)
            writer.members(of: answer)
            if !ignored.isEmpty { writer.member("ignored", ignored) }
            writer.endObject()
            writer.endLine()
        }
    }

    /// Appends the line that refuses the request with that id.
    package static func write(
        _ refusal: Refusal,
        to id: RequestID,
        ignored: [String] = [],
        into buffer: inout [UInt8]
    ) {
        JSONWriter.append(to: &buffer) { writer in
            writer.beginObject()
            writer.member(.id, id)
            writer.member(.ok, false)
            writer.members(of: refusal)
            if !ignored.isEmpty { writer.member("ignored", ignored) }
            writer.endObject()
            writer.endLine()
        }
    }
}

/// The same without `id` and `ok`, which HTTP says in its own way.
extension ReplyWriter {
    /// Appends the answer as an object of its own.
    package static func writeBody(
        _ answer: Answer,
        ignored: [String] = [],
        into buffer: inout [UInt8]
    ) {
        JSONWriter.append(to: &buffer) { writer in
            writer.beginObject()
            writer.members(of: answer)
            if !ignored.isEmpty { writer.member("ignored", ignored) }
            writer.endObject()
        }
    }

    /// Appends the refusal as a problem (RFC 9457); `more` writes what stands beside it.
    package static func writeProblem(
        _ refusal: Refusal,
        status: Int,
        title: String,
        ignored: [String] = [],
        into buffer: inout [UInt8],
        more: (inout JSONWriter) -> Void = { _ in }
    ) {
        JSONWriter.append(to: &buffer) { writer in
            writer.beginObject()
            writer.member("type", "about:blank")
            writer.member("title", title)
            writer.member("status", status)
            writer.member("detail", refusal.message)
            writer.error(refusal)
            writer.extras(of: refusal)
            more(&writer)
            if !ignored.isEmpty { writer.member("ignored", ignored) }
            writer.endObject()
        }
    }
}

extension JSONWriter {
    fileprivate mutating func members(of answer: Answer) {
        switch answer {
        case .refused(let refusal): members(of: refusal)
        case .hello(let hello): members(of: hello)
        case .ticket(let ticket): members(of: ticket)
        case .acquire(let answer): members(of: answer)
        case .status(let view): members(of: view)
        case .renewed(let renewal): members(of: renewal)
        case .released(let release): members(of: release)
        case .checked(let check): members(of: check)
        case .list(let list): members(of: list)
        case .resources(let resources): members(of: resources)
        case .history(let notices): history(notices)
        case .cleared(let count): member("cleared", count)
        case .watching(let watch): member(.watch, watch)
        case .done: break
        case .time(let time): member("time", time)
        case .draining(let isDraining): member("draining", isDraining)
        case .stats(let stats): members(of: stats)
        case .partialStats(let stats): members(of: stats)
        }
    }

    private mutating func members(of hello: HelloAnswer) {
        member("server", hello.server)
        member("protocol", 1)
        member("node", hello.node)
        member("principal", hello.principal)
        member("rights", hello.rights)
        key("limits")
        object(hello.limits)
        guard let session = hello.session else { return }
        key("session")
        beginObject()
        member(.id, session.id.text)
        member("secret", session.secret)
        member("grace", session.grace)
        member("resumed", session.resumed)
        endObject()
    }

    /// The keys are the names of PROTOCOL §8; `lease` tells the longest one.
    private mutating func object(_ limits: Limits) {
        beginObject()
        for name in LimitName.allCases {
            if name == .lease {
                freeKey(name.rawValue)
                value(limits.leaseMax)
            } else if let count = limits.count(of: name) {
                freeKey(name.rawValue)
                value(count)
            }
        }
        endObject()
    }

    private mutating func members(of answer: TicketAnswer) {
        member(.ticket, answer.ticket)
        member(.resource, answer.resource)
        member(.state, answer.standing.state.word)
        switch answer.standing {
        case .queued(let place):
            member(.lease, answer.lease)
            self.place(place)
        case .acquired(let grant): self.grant(grant, lease: answer.lease)
        case .released(let ending):
            member(.lease, answer.lease)
            member(.ended, ending.word)
        }
        if answer.isExisting { member("existing", true) }
    }

    private mutating func members(of answer: AcquireAnswer) {
        switch answer.standing {
        case .acquired(let grant):
            member("acquired", true)
            member(.state, TicketState.acquired.word)
            self.grant(grant, lease: answer.lease)
        case .queued(let place):
            member("acquired", false)
            member(.state, TicketState.queued.word)
            self.place(place)
            member("message", AcquireAnswer.message(at: place, of: answer.resource))
        case .released:
            preconditionFailure("a finished ticket is refused with lost, it is no answer")
        }
    }

    private mutating func members(of renewal: RenewAnswer) {
        member(.state, TicketState.acquired.word)
        member(.fence, renewal.fence)
        member(.lease, renewal.lease)
        member(.remaining, renewal.remaining.roundedDown)
        if renewal.isLosing { member("losing", true) }
    }

    private mutating func members(of release: ReleaseAnswer) {
        member(.ticket, release.ticket)
        member(.state, TicketState.released.word)
        member(.ended, release.ended.word)
        if release.already { member("already", true) }
    }

    private mutating func members(of check: CheckAnswer) {
        member("valid", check.isValid)
        member(.fence, check.fence)
        member(.state, check.state?.rawValue)
    }

    private mutating func members(of stats: PartialStats) {
        member("uptime", stats.uptime)
        member("resources", stats.resources)
        member("held", stats.held)
        member("waiting", stats.waiting)
    }

    private mutating func members(of stats: StatsAnswer) {
        member("uptime", stats.uptime)
        member("connections", stats.connections)
        member("sessions", stats.sessions)
        member("resources", stats.resources)
        member("held", stats.held)
        member("waiting", stats.waiting)
        member("granted", stats.granted)
        member("released", stats.released)
        member("expired", stats.expired)
        member("lost", stats.lost)
        member("stolen", stats.stolen)
        member("requests", stats.requests)
        member("bytesIn", stats.bytesIn)
        member("bytesOut", stats.bytesOut)
    }
}

/// What several shapes share.
extension JSONWriter {
    mutating func place(_ place: QueuePlace) {
        member(.position, place.position)
        member(.queueLength, place.queueLength)
    }

    mutating func grant(_ grant: Grant, lease: Interval) {
        member(.fence, grant.fence)
        member(.lease, lease)
        member(.remaining, grant.remaining.roundedDown)
        member(.waited, grant.waited)
    }
}

extension Standing {
    package var state: TicketState {
        switch self {
        case .queued: .queued
        case .acquired: .acquired
        case .released: .released
        }
    }
}

extension Interval {
    /// Rule 13: what is left is told rounded down to the millisecond, and never below zero.
    var roundedDown: Interval { Interval(nanoseconds: max(0, wholeMilliseconds) * 1_000_000) }
}

extension Limits {
    fileprivate func count(of name: LimitName) -> Int? {
        switch name {
        case .line: lineBytes
        case .connections: connections
        case .connectionsPerPrincipal: connectionsPerPrincipal
        case .connectionsPerAddress: connectionsPerAddress
        case .requestsPerSecond: requestsPerSecond
        case .inFlight: inFlight
        case .waits: waits
        case .queue: queue
        case .ticketsPerPrincipal: ticketsPerPrincipal
        case .resources: resources
        case .sessions: sessions
        case .watches: watches
        case .outbound: outboundBytes
        // What the machine grants is no number of the server's, and claims are no request of one client.
        case .memory, .claims: nil
        case .meta: metaBytes
        case .retained: retained
        case .history: history
        case .lease: preconditionFailure("a lease is a duration, not a count")
        }
    }
}

extension AcquireAnswer {
    /// For the person who polls by hand.
    fileprivate static func message(at place: QueuePlace, of resource: ResourcePath) -> String {
        var text = Array("waiting for ".utf8)
        text.append(contentsOf: resource.text.utf8)
        text.append(contentsOf: ": number ".utf8)
        text.appendDecimal(UInt64(max(0, place.position)))
        text.append(contentsOf: " of ".utf8)
        text.appendDecimal(UInt64(max(0, place.queueLength)))
        text.append(contentsOf: " in the queue".utf8)
        return String(decoding: text, as: UTF8.self)
    }
}
