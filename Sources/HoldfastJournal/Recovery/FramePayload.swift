// What the payloads of frames are made of, before their entries are read.
//
// Of entries:  latest instant of the payload, from the run's beginning │ entries …
// Of a slot:   latest │ slot │ piece │ fence │ position │ entries …

import HoldfastCore
import HoldfastModel

/// The beginning of a frame's payload.
enum FramePayload {
    /// Entries of any slots, dealt out without being read.
    static func deal(
        _ payload: ArraySlice<UInt8>,
        to take: (Slot, ArraySlice<UInt8>) -> Void
    ) throws(CodecFlaw) -> (latest: Int64, entryCount: Int) {
        let bytes = payload.span
        var reader = ByteReader(0..<bytes.count)
        let latest = try reader.signed(bytes)
        let count = try deal(payload, from: &reader, to: take)
        return (latest, count)
    }

    /// What a frame of a snapshot tells of its slot, before its entries.
    struct SlotHead: Hashable, Sendable {
        var slot: Slot
        /// 0 begins a slot anew.
        var piece: UInt64
        var fence: Fence
        var position: UInt64
    }

    static func dealSlot(
        _ payload: ArraySlice<UInt8>,
        beginning: (SlotHead) -> Void,
        to take: (Slot, ArraySlice<UInt8>) -> Void
    ) throws(CodecFlaw) -> (latest: Int64, entryCount: Int) {
        let bytes = payload.span
        var reader = ByteReader(0..<bytes.count)
        let latest = try reader.signed(bytes)
        let head = SlotHead(
            slot: Slot(number: try reader.byte(bytes)),
            piece: try reader.number(bytes),
            fence: Fence(number: try reader.number(bytes)),
            position: try reader.number(bytes)
        )
        guard head.fence.isPlausible else {
            throw CodecFlaw("a fence of \(head.fence.number)", at: reader.offset)
        }
        beginning(head)
        let count = try deal(payload, from: &reader, to: take)
        return (latest, count)
    }

    private static func deal(
        _ payload: ArraySlice<UInt8>,
        from reader: inout ByteReader,
        to take: (Slot, ArraySlice<UInt8>) -> Void
    ) throws(CodecFlaw) -> Int {
        let bytes = payload.span
        var count = 0
        while !reader.isAtEnd {
            let start = reader.offset
            let length = Int(try reader.low(EntryEncoder.lengthByteCount, bytes))
            guard length > 0 else { throw CodecFlaw("an entry without a slot", at: start) }
            let slot = Slot(number: try reader.byte(bytes))
            try reader.skip(length - 1)
            let first = payload.startIndex
            take(slot, payload[first + start..<first + reader.offset])
            count += 1
        }
        return count
    }

    // MARK: Writing, what stands before the entries

    static func beginning(latest: Int64) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(latest)
        return writer.bytes
    }

    static func beginning(latest: Int64, _ head: SlotHead) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(latest)
        writer.bytes.append(head.slot.number)
        writer.append(head.piece)
        writer.append(head.fence.number)
        writer.append(head.position)
        return writer.bytes
    }
}
