// The bodies of a resource's records, field by field in the order that the encoder wrote them.

import HoldfastCore
import HoldfastModel

extension EntryDecoder {
    mutating func record(
        _ tag: EntryTag,
        _ resourceIndex: UInt32,
        _ path: ResourcePath,
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>,
        _ shift: ClockShift
    ) throws(CodecFlaw) -> Record {
        switch tag {
        case .made:
            return try making(resourceIndex, path, &reader, bytes, shift)
        case .granted:
            return .granted(
                ticketIndex: try reader.number32(bytes),
                try grant(&reader, bytes),
                at: shift.instant(try reader.signed(bytes))
            )
        case .ended:
            return .ended(try ending(&reader, bytes, shift))
        case .leaseLengthened:
            return .leaseLengthened(
                ticketIndex: try reader.number32(bytes),
                Interval(nanoseconds: try reader.signed(bytes))
            )
        case .losing:
            return .losing(
                victim: try reader.number32(bytes),
                stealer: try reader.number32(bytes),
                grace: Interval(nanoseconds: try reader.signed(bytes)),
                at: shift.instant(try reader.signed(bytes))
            )
        case .kept:
            return .kept(
                victim: try reader.number32(bytes),
                at: shift.instant(try reader.signed(bytes))
            )
        case .closed:
            return .closed(Interval(nanoseconds: try reader.signed(bytes)))
        case .opened:
            return .opened
        case .forgotten:
            return .forgotten(ticketIndex: try reader.number32(bytes))
        case .counted:
            return .counted(
                number: try reader.number(bytes),
                try grant(&reader, bytes),
                at: shift.instant(try reader.signed(bytes))
            )
        case .claimed:
            return .claimed(
                victim: try reader.number32(bytes),
                stealer: try reader.number32(bytes),
                grace: Interval(nanoseconds: try reader.signed(bytes))
            )
        case .logged:
            return .logged(try historyEntry(&reader, bytes, shift))
        case .resourceForgotten, .sessionOpened, .sessionEnded:
            preconditionFailure("\(tag) is no record of a resource")
        }
    }

    private mutating func ending(
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>,
        _ shift: ClockShift
    ) throws(CodecFlaw) -> Record.EndRecord {
        let ticketIndex = try reader.number32(bytes)
        let ending = try reader.word(Ending.self, bytes)
        let flags = try reader.flags(among: .ofEnding, bytes)
        let owner = try owner(&reader, bytes)
        return Record.EndRecord(
            ticketIndex: ticketIndex,
            ending: ending,
            wasHeld: flags.contains(.wasHeld),
            owner: owner,
            session: flags.contains(.session)
                ? SessionID(bits: try reader.fixed64(bytes)) : nil,
            by: flags.contains(.by) ? try reader.text(bytes) : nil,
            reason: flags.contains(.reason) ? try reader.text(bytes) : nil,
            at: shift.instant(try reader.signed(bytes))
        )
    }

    private mutating func historyEntry(
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>,
        _ shift: ClockShift
    ) throws(CodecFlaw) -> HistoryEntry {
        let kind = try reader.word(Notice.Kind.self, bytes)
        let flags = try reader.flags(among: .ofHistory, bytes)
        let number = try reader.number(bytes)
        let owner = try owner(&reader, bytes)
        let holder = flags.contains(.holder) ? try reader.text(bytes) : nil
        let fence = flags.contains(.fence) ? try grant(&reader, bytes) : nil
        let by = flags.contains(.by) ? try reader.text(bytes) : nil
        let reason = flags.contains(.reason) ? try reader.text(bytes) : nil
        return HistoryEntry(
            kind: kind,
            at: shift.instant(try reader.signed(bytes)),
            number: number,
            owner: owner,
            holder: holder,
            fence: fence,
            by: by,
            reason: reason
        )
    }
}

extension ByteReader {
    fileprivate mutating func flags(
        among known: FieldFlags,
        _ bytes: Span<UInt8>
    ) throws(CodecFlaw) -> FieldFlags {
        let start = offset
        let flags = FieldFlags(rawValue: try byte(bytes))
        guard known.isSuperset(of: flags) else {
            throw CodecFlaw("a field that is not known", at: start)
        }
        return flags
    }
}
