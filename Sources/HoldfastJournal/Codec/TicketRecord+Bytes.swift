// The body of `made`: flags that say which fields stand there, then those fields. What most requests leave at its
// default costs nothing.

import HoldfastCore
import HoldfastModel

extension Record.TicketRecord {
    /// Of its texts, at most so many bytes are put.
    var textBytesMax: Int {
        owner.name.putBytesMax + (request.details?.putBytesMax ?? 0)
    }

    /// Everything but the instant.
    func put(_ grant: Fence?, to output: inout OutputSpan<UInt8>) {
        output.put(MakingFlags(self, grant).rawValue)
        output.put(id.ticketIndex)
        output.put(fixed: id.secretHigh)
        output.put(fixed: id.secretLow)
        output.put(number)
        output.put(owner.name)
        output.put(request.lease.nanoseconds)
        if let grant { output.put(grant.number) }
        if let session { output.put(fixed: session.bits) }
        if let steal { output.put(steal.grace.nanoseconds) }
        if let maxWait = request.maxWait { output.put(maxWait.nanoseconds) }
        if case .permit(let count, let of) = request.mode {
            output.put(count)
            output.put(of)
        }
        if request.priority != 0 { output.append(request.priority) }
        if request.lockDelay != .zero { output.put(request.lockDelay.nanoseconds) }
        if request.pollWithin != TicketRequest.pollWithinDefault {
            output.put(request.pollWithin.nanoseconds)
        }
        if let details = request.details { details.put(to: &output) }
    }
}

extension TicketDetails {
    fileprivate var putBytesMax: Int {
        meta.reduce(
            ByteWriter.numberBytesMax + (key?.putBytesMax ?? 0) + (holder?.putBytesMax ?? 0)
                + (reason?.putBytesMax ?? 0)
        ) { $0 + $1.name.putBytesMax + $1.value.putBytesMax }
    }

    fileprivate func put(to output: inout OutputSpan<UInt8>) {
        if let key { output.put(key) }
        if let holder { output.put(holder) }
        if let reason { output.put(reason) }
        guard !meta.isEmpty else { return }
        output.put(UInt64(meta.count))
        for entry in meta {
            output.put(entry.name)
            output.put(entry.value)
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
