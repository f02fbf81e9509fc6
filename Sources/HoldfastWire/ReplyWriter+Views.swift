// What people look at: tickets (PROTOCOL §4), queues, resources, history, and what stands beside an error.

import HoldfastModel

extension JSONWriter {
    /// What is beyond `code`, `message` and `retryable` stands beside `error`.
    mutating func members(of refusal: Refusal) {
        key("error")
        beginObject()
        error(refusal)
        endObject()
        extras(of: refusal)
    }

    mutating func error(_ refusal: Refusal) {
        member("code", refusal.code.rawValue)
        member("message", refusal.message)
        member("retryable", refusal.code.isRetryable)
    }

    mutating func extras(of refusal: Refusal) {
        member("offset", refusal.offset)
        member("field", refusal.field)
        member("limit", refusal.limit?.rawValue)
        member("right", refusal.right?.rawValue)
        if let loss = refusal.loss {
            member(.ended, loss.ended.word)
            member(.by, loss.by)
            member("endReason", loss.reason)
        }
        if let held = refusal.held { members(of: held) }
        if let moved = refusal.moved {
            member("node", moved.node)
            member("address", moved.address)
        }
    }

    private mutating func members(of held: Refusal.Held) {
        if let holder = held.holder {
            key(.holder)
            object(holder, showsTicket: false)
        }
        member("holders", held.holderCount)
        member(.queueLength, held.queueLength)
        member("closedFor", held.closedFor)
    }

    private mutating func object(_ view: TicketView, showsTicket: Bool = true) {
        beginObject()
        members(of: view, showsTicket: showsTicket)
        endObject()
    }

    mutating func members(of view: TicketView, showsTicket: Bool = true) {
        if showsTicket { member(.ticket, view.ticket) }
        member(.number, view.number)
        member(.resource, view.resource)
        member(.state, view.standing.state.word)
        if case .released(let ending) = view.standing { member(.ended, ending.word) }
        mode(view.mode)
        if case .permit(let count, _) = view.mode { member("permits", Int(count)) }
        capacity(of: view.mode)
        member(.owner, view.owner.name)
        if let details = view.details { members(of: details) }
        member("priority", Int(view.priority))
        member(.lease, view.lease)
        member(.fence, view.fence ?? view.standing.grant?.fence)
        member(.remaining, view.standing.grant?.remaining.roundedDown)
        if case .queued(let place) = view.standing { self.place(place) }
        member("createdAt", view.createdAt)
        member("acquiredAt", view.acquiredAt)
        member("renewedAt", view.renewedAt)
        member("expiresAt", view.expiresAt)
        member("endedAt", view.endedAt)
        member("stealable", view.stealable)
        member("bind", view.binding.rawValue)
        member("endedBy", view.endedBy)
        member("endReason", view.endReason)
    }

    private mutating func members(of details: TicketDetails) {
        member(.holder, details.holder)
        member(.reason, details.reason)
        guard !details.meta.isEmpty else { return }
        key("meta")
        beginObject()
        for entry in details.meta {
            freeKey(entry.name)
            value(entry.value)
        }
        endObject()
    }

    mutating func members(of list: ListAnswer) {
        member(.resource, list.resource)
        if let mode = list.mode {
            self.mode(mode)
            capacity(of: mode)
        }
        views("holders", list.holders)
        member("holderCount", list.holderCount)
        views("queue", list.queue)
        member(.queueLength, list.queueLength)
        views("recent", list.recent)
        member(.fence, list.fence)
        member("closedFor", list.closedFor)
    }

    private mutating func views(_ name: JSONWord, _ views: [TicketView]) {
        key(name)
        beginArray()
        for view in views { object(view) }
        endArray()
    }

    mutating func members(of answer: ResourcesAnswer) {
        key("resources")
        beginArray()
        for summary in answer.resources { object(summary) }
        endArray()
        member("next", answer.next)
    }

    private mutating func object(_ summary: ResourceSummary) {
        beginObject()
        member(.resource, summary.resource)
        if let mode = summary.mode { self.mode(mode) }
        member("holders", summary.holderCount)
        member(.queueLength, summary.queueLength)
        member(.fence, summary.fence)
        member("oldestWait", summary.oldestWait)
        if let holder = summary.holder {
            key(.holder)
            beginObject()
            member(.owner, holder.owner.name)
            member("label", holder.details?.holder)
            member("age", holder.age)
            member(.remaining, holder.standing.grant?.remaining.roundedDown)
            endObject()
        }
        member("closedFor", summary.closedFor)
        endObject()
    }

    mutating func history(_ notices: [Notice]) {
        key("history")
        beginArray()
        for notice in notices {
            beginObject()
            member(.at, notice.at)
            member(.event, notice.kind.word)
            member(.number, notice.number)
            member(.owner, notice.owner.name)
            member(.holder, notice.holder)
            member(.by, notice.by)
            member(.fence, notice.fence)
            member(.ended, notice.kind.ending?.rawValue)
            member(.reason, notice.reason)
            endObject()
        }
        endArray()
    }

    private mutating func mode(_ mode: Mode) {
        switch mode {
        case .exclusive: member("mode", "exclusive")
        case .shared: member("mode", "shared")
        case .permit: member("mode", "permit")
        }
    }

    private mutating func capacity(of mode: Mode) {
        if case .permit(_, let of) = mode { member("of", Int(of)) }
    }
}

extension Standing {
    fileprivate var grant: Grant? {
        if case .acquired(let grant) = self { grant } else { nil }
    }
}
