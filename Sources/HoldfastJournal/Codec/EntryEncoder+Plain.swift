// The entries that nearly all of a journal is: a ticket granted as it was made, its release, and the oldest that is
// forgotten for it. They have the bytes that the general encoder puts down, without a record that carries what they say
// and without a look at the room that is left for every byte: that was two thirds of what an entry costs.

import HoldfastCore
import HoldfastModel

extension EntryEncoder {
    /// Appends the making of a ticket, and its grant.
    mutating func encode(
        _ grant: PlainGrant,
        _ terms: PlainTerms,
        to owner: Owner,
        of path: ResourcePath,
        in slot: Slot
    ) {
        latest = max(latest, grant.at)
        let (path, name) = (path.text.utf8Span.span, owner.name.utf8Span.span)
        let passed = grant.at.nanoseconds &- base.nanoseconds
        EntryRoom.append(to: &writer.bytes, atMost: PlainEntry.bytesMax + path.count + name.count) {
            room in
            room.putEntry { room in
                room.put(byte: slot.number)
                room.put(byte: EntryTag.made.rawValue | EntryTag.pathBit)
                room.put(UInt64(grant.ticket.resourceIndex))
                room.put(path)
                room.put(MakingFlags(plainly: terms.notify).rawValue)
                room.put(UInt64(grant.ticket.ticketIndex))
                room.put(fixed: grant.ticket.secretHigh)
                room.put(fixed: grant.ticket.secretLow)
                room.put(grant.number)
                room.put(name)
                room.put(zigzag: terms.lease.nanoseconds)
                room.put(grant.fence.number)
                room.put(zigzag: passed)
            }
        }
    }

    /// Appends the end of a ticket, and that the oldest is forgotten where it is.
    mutating func encode(
        _ release: PlainRelease,
        by owner: Owner,
        at resourceIndex: UInt32,
        in slot: Slot
    ) {
        latest = max(latest, release.at)
        let name = owner.name.utf8Span.span
        let passed = release.at.nanoseconds &- base.nanoseconds
        EntryRoom.append(to: &writer.bytes, atMost: 2 * PlainEntry.bytesMax + name.count) { room in
            room.putEntry { room in
                room.put(byte: slot.number)
                room.put(byte: EntryTag.ended.rawValue)
                room.put(UInt64(resourceIndex))
                room.put(UInt64(release.ticketIndex))
                room.put(byte: Ending.released.code)
                room.put(byte: FieldFlags.wasHeld.rawValue)
                room.put(name)
                room.put(zigzag: passed)
            }
            guard let forgotten = release.forgotten else { return }
            room.putEntry { room in
                room.put(byte: slot.number)
                room.put(byte: EntryTag.forgotten.rawValue)
                room.put(UInt64(resourceIndex))
                room.put(UInt64(forgotten))
            }
        }
    }
}

private enum PlainEntry {
    /// Length, slot, tag, two of fixed width, ten numbers.
    static let bytesMax = EntryEncoder.headBytesMax + 12 + 10 * ByteWriter.numberBytesMax
}

extension MakingFlags {
    /// Of a ticket that was granted as it was made, and asked for with nothing but a lease.
    fileprivate init(plainly notify: Notify) {
        switch notify {
        case .none: self = [.grant, .bindsTicket, .notifiesNone]
        case .state: self = [.grant, .bindsTicket]
        case .position: self = [.grant, .bindsTicket, .notifiesPosition]
        }
    }
}

/// A place in bytes that were reserved behind others.
///
/// Nothing in it looks at the room that is left: who reserves knows the most that is put there.
@safe private struct EntryRoom {
    private var next: UnsafeMutableRawPointer

    @inline(__always)
    static func append(
        to bytes: inout [UInt8],
        atMost byteCount: Int,
        _ body: (inout EntryRoom) -> Void
    ) {
        bytes.append(addingCapacity: byteCount) { output in
            unsafe output.withUnsafeMutableBufferPointer { bytes, count in
                guard let start = bytes.baseAddress else { return }
                let base = UnsafeMutableRawPointer(start)
                var room = unsafe EntryRoom(next: base + count)
                body(&room)
                unsafe count = room.next - base
                precondition(count <= bytes.count, "more was put than was reserved")
            }
        }
    }

    /// An entry, with its length before it.
    @inline(__always)
    mutating func putEntry(_ body: (inout EntryRoom) -> Void) {
        let start = unsafe next
        unsafe next += EntryEncoder.lengthByteCount
        body(&self)
        let length = unsafe next - start - EntryEncoder.lengthByteCount
        for place in 0..<EntryEncoder.lengthByteCount {
            let byte = UInt8(truncatingIfNeeded: length >> (8 * place))
            unsafe start.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
        }
    }

    @inline(__always)
    mutating func put(byte: UInt8) {
        unsafe next.storeBytes(of: byte, as: UInt8.self)
        unsafe next += 1
    }

    @inline(__always)
    mutating func put(fixed word: UInt64) {
        unsafe next.storeBytes(of: word.littleEndian, as: UInt64.self)
        unsafe next += 8
    }

    @inline(__always)
    mutating func put(fixed word: UInt32) {
        unsafe next.storeBytes(of: word.littleEndian, as: UInt32.self)
        unsafe next += 4
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    @inline(__always)
    mutating func put(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            put(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(byte: UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    mutating func put(zigzag number: Int64) {
        put(UInt64(bitPattern: number << 1 ^ number >> 63))
    }

    /// With its length before it.
    ///
    /// Most texts are short: eight bytes at a time, the last eight once more, where a call would take longer than the
    /// copy.
    @inline(__always)
    mutating func put(_ text: Span<UInt8>) {
        let count = text.count
        put(UInt64(count))
        guard count >= 8, count <= 64 else { return copy(text) }
        var index = 0
        while index &+ 8 < count {
            put(eightOf: text, at: index)
            index &+= 8
        }
        put(eightOf: text, at: count &- 8)
        unsafe next += count
    }

    @inline(__always)
    private func put(eightOf text: Span<UInt8>, at index: Int) {
        // Safe: the bounds are checked, and every eight bytes are a number.
        let word = unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
        unsafe next.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
    }

    private mutating func copy(_ text: Span<UInt8>) {
        for index in text.indices { put(byte: text[index]) }
    }
}
