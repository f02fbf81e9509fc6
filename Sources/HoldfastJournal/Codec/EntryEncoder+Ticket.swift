// The body of `made`: flags that say which fields stand there, then those fields. What most requests leave at its
// default costs nothing.

import HoldfastCore
import HoldfastModel

extension EntryEncoder {
    /// Everything but the instant.
    static func encode(
        _ record: Record.TicketRecord,
        _ grant: Fence?,
        to writer: inout ByteWriter
    ) {
        let request = record.request
        writer.append(MakingFlags(record, grant).rawValue)
        writer.append(record.id.ticketIndex)
        writer.append(fixed: record.id.secretHigh)
        writer.append(fixed: record.id.secretLow)
        writer.append(record.number)
        writer.append(record.owner.name)
        writer.append(request.lease.nanoseconds)
        if let grant { writer.append(grant.number) }
        if let session = record.session { writer.append(fixed: session.bits) }
        if let steal = record.steal { writer.append(steal.grace.nanoseconds) }
        if let maxWait = request.maxWait { writer.append(maxWait.nanoseconds) }
        if case .permit(let count, let of) = request.mode {
            writer.append(count)
            writer.append(of)
        }
        if request.priority != 0 { writer.append(request.priority) }
        if request.lockDelay != .zero { writer.append(request.lockDelay.nanoseconds) }
        if request.pollWithin != TicketRequest.pollWithinDefault {
            writer.append(request.pollWithin.nanoseconds)
        }
        if let details = request.details { encode(details, to: &writer) }
    }

    private static func encode(_ details: TicketDetails, to writer: inout ByteWriter) {
        if let key = details.key { writer.append(key) }
        if let holder = details.holder { writer.append(holder) }
        if let reason = details.reason { writer.append(reason) }
        guard !details.meta.isEmpty else { return }
        writer.append(UInt64(details.meta.count))
        for entry in details.meta {
            writer.append(entry.name)
            writer.append(entry.value)
        }
    }
}

extension MakingFlags {
    init(_ record: Record.TicketRecord, _ grant: Fence?) {
        self = []
        insert(.grant, if: grant != nil)
        insert(.session, if: record.session != nil)
        insert(.steal, if: record.steal != nil)
        insert(.force, if: record.steal?.force ?? false)
        insert(record.request)
        if let details = record.request.details { insert(details) }
    }

    private mutating func insert(_ request: TicketRequest) {
        insert(.maxWait, if: request.maxWait != nil)
        insert(.stealable, if: request.stealable)
        insert(.bindsTicket, if: request.binding == .ticket)
        insert(.bindsSession, if: request.binding == .session)
        insert(.returnsMine, if: request.ifMine == .return)
        insert(.notifiesNone, if: request.notify == .none)
        insert(.notifiesPosition, if: request.notify == .position)
        insert(.priority, if: request.priority != 0)
        insert(.lockDelay, if: request.lockDelay != .zero)
        insert(.pollWithin, if: request.pollWithin != TicketRequest.pollWithinDefault)
        switch request.mode {
        case .exclusive: break
        case .shared: insert(.shared)
        case .permit: insert(.permit)
        }
    }

    private mutating func insert(_ details: TicketDetails) {
        insert(.details)
        insert(.key, if: details.key != nil)
        insert(.holder, if: details.holder != nil)
        insert(.reason, if: details.reason != nil)
        insert(.meta, if: !details.meta.isEmpty)
    }

    private mutating func insert(_ flag: MakingFlags, if isSet: Bool) {
        if isSet { insert(flag) }
    }
}
