// The body of `made`, in the order of `TicketRecord+Bytes`.

import HoldfastCore
import HoldfastModel

extension EntryDecoder {
    mutating func making(
        _ resourceIndex: UInt32,
        _ path: ResourcePath,
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>,
        _ shift: ClockShift
    ) throws(CodecFlaw) -> Record {
        let start = reader.offset
        let flags = MakingFlags(rawValue: try reader.number(bytes))
        guard MakingFlags.known.isSuperset(of: flags) else {
            throw CodecFlaw("a field that is not known", at: start)
        }
        let ticketIndex = try reader.number32(bytes)
        let secretHigh = try reader.fixed64(bytes)
        let secretLow = try reader.fixed32(bytes)
        let number = try reader.number(bytes)
        let owner = try owner(&reader, bytes)
        let lease = Interval(nanoseconds: try reader.signed(bytes))
        let granted = flags.contains(.grant) ? try grant(&reader, bytes) : nil
        let session = flags.contains(.session) ? SessionID(bits: try reader.fixed64(bytes)) : nil
        let steal = flags.contains(.steal) ? try reader.interval(bytes) : nil
        let request = TicketRequest(
            resource: path,
            lease: lease,
            maxWait: flags.contains(.maxWait) ? try reader.interval(bytes) : nil,
            flags,
            mode: try mode(flags, &reader, bytes),
            priority: flags.contains(.priority) ? try reader.byte(bytes) : 0,
            lockDelay: flags.contains(.lockDelay) ? try reader.interval(bytes) : .zero,
            pollWithin: flags.contains(.pollWithin)
                ? try reader.interval(bytes) : TicketRequest.pollWithinDefault,
            details: flags.contains(.details) ? try details(flags, &reader, bytes) : nil
        )
        let record = Record.TicketRecord(
            id: TicketID(
                secretHigh: secretHigh,
                secretLow: secretLow,
                slot: slot,
                resourceIndex: resourceIndex,
                ticketIndex: ticketIndex
            ),
            number: number,
            owner: owner,
            session: session,
            request: request,
            steal: steal.map { Steal(grace: $0, force: flags.contains(.force)) },
            at: shift.instant(try reader.signed(bytes))
        )
        return .made(record, grant: granted)
    }

    private func mode(
        _ flags: MakingFlags,
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>
    ) throws(CodecFlaw) -> Mode {
        guard flags.contains(.permit) else { return flags.contains(.shared) ? .shared : .exclusive }
        return .permit(count: try reader.number32(bytes), of: try reader.number32(bytes))
    }

    private func details(
        _ flags: MakingFlags,
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>
    ) throws(CodecFlaw) -> TicketDetails {
        TicketDetails(
            key: flags.contains(.key) ? try reader.text(bytes) : nil,
            holder: flags.contains(.holder) ? try reader.text(bytes) : nil,
            reason: flags.contains(.reason) ? try reader.text(bytes) : nil,
            meta: flags.contains(.meta) ? try meta(&reader, bytes) : []
        )
    }

    private func meta(
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>
    ) throws(CodecFlaw) -> [MetaEntry] {
        let start = reader.offset
        let count = try reader.number(bytes)
        // Each has two lengths: more than that many cannot be there, whatever the number says.
        guard count <= UInt64(reader.byteCountLeft / 2) else {
            throw CodecFlaw("more metadata than what is left", at: start)
        }
        var entries: [MetaEntry] = []
        for _ in 0..<count {
            entries.append(MetaEntry(name: try reader.text(bytes), value: try reader.text(bytes)))
        }
        return entries
    }
}

extension ByteReader {
    fileprivate mutating func interval(_ bytes: Span<UInt8>) throws(CodecFlaw) -> Interval {
        Interval(nanoseconds: try signed(bytes))
    }
}

extension TicketRequest {
    /// The arguments are evaluated in this order, which is that of the bytes.
    fileprivate init(
        resource: ResourcePath,
        lease: Interval,
        maxWait: Interval?,
        _ flags: MakingFlags,
        mode: Mode,
        priority: UInt8,
        lockDelay: Interval,
        pollWithin: Interval,
        details: TicketDetails?
    ) {
        self.init(
            resource: resource,
            lease: lease,
            mode: mode,
            maxWait: maxWait,
            priority: priority,
            ifMine: flags.contains(.returnsMine) ? .return : .queue,
            binding: flags.contains(.bindsTicket)
                ? .ticket : flags.contains(.bindsSession) ? .session : nil,
            stealable: flags.contains(.stealable),
            lockDelay: lockDelay,
            pollWithin: pollWithin,
            notify: flags.contains(.notifiesNone)
                ? .none : flags.contains(.notifiesPosition) ? .position : .state,
            details: details
        )
    }
}
