// Events as lines (PROTOCOL §5): they have no `id` but an `event`, by which a client tells them from
// replies.

package import HoldfastModel

/// Renders what a connection is told without having asked.
package enum EventWriter {
    /// Appends the notice as an object of its own, for a transport that numbers it elsewhere.
    package static func write(_ notice: Notice, into buffer: inout [UInt8]) {
        JSONWriter.append(to: &buffer) { writer in
            writer.beginObject()
            writer.member(.event, notice.kind.word)
            writer.members(of: notice)
            writer.endObject()
        }
    }

    /// Appends the event's line; `request` is the id of the `lock` that a `queued` event belongs to.
    package static func write(
        _ event: ConnectionEvent,
        request: RequestID = .absent,
        into buffer: inout [UInt8]
    ) {
        JSONWriter.append(to: &buffer) { writer in
            writer.beginObject()
            writer.members(of: event, request: request)
            writer.endObject()
            writer.endLine()
        }
    }
}

extension JSONWriter {
    fileprivate mutating func members(of event: ConnectionEvent, request: RequestID) {
        switch event {
        case .ticket(let event): members(of: event, request: request)
        case .watched(let watch, let sequence, let notice):
            members(of: notice, watch: watch, sequence: sequence)
        case .gap(let watch, let missed):
            member(.event, "gap")
            member(.watch, watch)
            member("missed", missed)
        case .goodbye(let reason):
            member(.event, "goodbye")
            member(.reason, reason.rawValue)
        }
    }

    private mutating func members(of event: TicketEvent, request: RequestID) {
        switch event {
        case .queued(_, let ticket, let resource, let place):
            member(.event, "queued")
            member("request", request)
            self.ticket(ticket, resource)
            self.place(place)
        case .acquired(let ticket, let resource, let lease, let grant):
            member(.event, "acquired")
            self.ticket(ticket, resource)
            self.grant(grant, lease: lease)
        case .losing(let ticket, let resource, let grace, let by, let reason):
            member(.event, "losing")
            self.ticket(ticket, resource)
            member("grace", grace)
            member(.by, by)
            member(.reason, reason)
        case .kept(let ticket, let resource):
            member(.event, "kept")
            self.ticket(ticket, resource)
        case .lost(let ticket, let resource, let loss):
            member(.event, "lost")
            self.ticket(ticket, resource)
            member(.ended, loss.ended.word)
            member(.by, loss.by)
            member(.reason, loss.reason)
        case .position(let ticket, let place):
            member(.event, "position")
            member(.ticket, ticket)
            self.place(place)
        }
    }

    private mutating func ticket(_ ticket: TicketID, _ resource: ResourcePath) {
        member(.ticket, ticket)
        member(.resource, resource)
    }

    private mutating func members(of notice: Notice, watch: UInt64, sequence: UInt64) {
        member(.event, notice.kind.word)
        member(.watch, watch)
        member(.sequence, sequence)
        members(of: notice)
    }

    fileprivate mutating func members(of notice: Notice) {
        member(.at, notice.at)
        member(.resource, notice.resource)
        member(.number, notice.number)
        member(.owner, notice.owner.name)
        member(.holder, notice.holder)
        member(.fence, notice.fence)
        member(.by, notice.by)
        member(.reason, notice.reason)
    }
}
