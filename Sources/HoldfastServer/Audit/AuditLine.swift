// What the audit file says, a line of JSON each: who did what, when, from where and why, and how it went. Tokens,
// ticket ids and secrets are never in it.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire

/// One line of the audit file.
struct AuditLine: Sendable {
    var at: WallTime
    var event: String
    var by: String?
    var from: String?
    var resource: ResourcePath?
    /// What was read again.
    var what: Reloaded?
    var isForced = false
    var isOff = false
    var reason: String?
    /// `done`, `queued`, `acquired`, or the code of a refusal.
    var outcome: String?
    var fence: Fence?
    var count: Int?
    /// Whoever is not on the list any more.
    var gone: [String] = []

    init(at: WallTime, event: String) {
        self.at = at
        self.event = event
    }

    enum Reloaded: String, Sendable {
        /// Who may do what.
        case access
        case certificate
    }

    init(ofReload what: Reloaded, at: WallTime) {
        self.init(at: at, event: "reload")
        self.what = what
    }

    init(_ deed: Deed, from peer: String?) {
        self.init(at: deed.at, event: deed.kind.rawValue)
        by = deed.principal.owner.name
        from = peer
        resource = deed.resource
        reason = deed.reason
        isForced = deed.isForced
        isOff = deed.isOff
        switch deed.answer {
        case .refused(let refusal): outcome = refusal.code.rawValue
        case .cleared(let number): (outcome, count) = ("done", number)
        case .ticket(let ticket):
            outcome = ticket.standing.state.rawValue
            fence = ticket.standing.grant?.fence
        default: outcome = "done"
        }
    }

    var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("at", at)
        writer.member("event", event)
        writer.member("by", by)
        writer.member("from", from)
        writer.member("resource", resource)
        if isForced { writer.member("force", true) }
        if isOff { writer.member("off", true) }
        writer.member("reason", reason)
        writer.member("outcome", outcome)
        writer.member("fence", fence)
        writer.member("count", count)
        writer.member("what", what?.rawValue)
        if !gone.isEmpty { writer.member("gone", gone) }
        writer.endObject()
        return writer.bytes + [0x0a]
    }
}
