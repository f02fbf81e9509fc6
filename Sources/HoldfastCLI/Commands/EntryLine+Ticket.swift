// The line of a ticket that was made: what it was asked for with, as far as it differs from the defaults.

import HoldfastCore
import HoldfastModel
import HoldfastWire

extension EntryLine {
    static func write(
        _ record: Record.TicketRecord,
        _ grant: Fence?,
        to writer: inout JSONWriter
    ) {
        writer.member("ticket", record.id.text)
        writer.member("ticketIndex", UInt64(record.id.ticketIndex))
        writer.member("number", record.number)
        writer.member("owner", record.owner.name)
        if let session = record.session { writer.member("session", session.text) }
        if let grant { writer.member("fence", grant.number) }
        write(record.request, to: &writer)
        if let steal = record.steal {
            writer.member("stealGrace", steal.grace)
            writer.member("force", steal.force)
        }
        writer.member("at", WallTime(microseconds: record.at.nanoseconds / 1_000))
    }

    private static func write(_ request: TicketRequest, to writer: inout JSONWriter) {
        writer.member("lease", request.lease)
        switch request.mode {
        case .exclusive: break
        case .shared: writer.member("mode", "shared" as String)
        case .permit(let count, let of):
            writer.member("mode", "permit" as String)
            writer.member("permits", UInt64(count))
            writer.member("of", UInt64(of))
        }
        if let maxWait = request.maxWait { writer.member("maxWait", maxWait) }
        if request.priority != 0 { writer.member("priority", UInt64(request.priority)) }
        if let binding = request.binding { writer.member("bind", binding.rawValue) }
        if request.stealable { writer.member("stealable", true) }
        if request.lockDelay != .zero { writer.member("lockDelay", request.lockDelay) }
        if request.pollWithin != TicketRequest.pollWithinDefault {
            writer.member("pollWithin", request.pollWithin)
        }
        guard let details = request.details else { return }
        if let key = details.key { writer.member("key", key) }
        if let holder = details.holder { writer.member("holder", holder) }
        if let reason = details.reason { writer.member("reason", reason) }
        guard !details.meta.isEmpty else { return }
        writer.freeKey("meta")
        writer.beginObject()
        for entry in details.meta {
            writer.freeKey(entry.name)
            writer.value(entry.value)
        }
        writer.endObject()
    }
}
