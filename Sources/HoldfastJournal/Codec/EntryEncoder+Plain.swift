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
        ReservedRoom.append(
            to: &writer.bytes,
            atMost: PlainEntry.bytesMax + path.count + name.count
        ) {
            room in
            room.putEntry { room in
                room.put(byte: slot.number)
                room.put(byte: EntryTag.made.rawValue | EntryTag.pathBit)
                room.put(number: UInt64(grant.ticket.resourceIndex))
                room.put(text: path)
                room.put(number: MakingFlags(plainly: terms.notify).rawValue)
                room.put(number: UInt64(grant.ticket.ticketIndex))
                room.put(fixed: grant.ticket.secretHigh)
                room.put(fixed: grant.ticket.secretLow)
                room.put(number: grant.number)
                room.put(text: name)
                room.put(zigzag: terms.lease.nanoseconds)
                room.put(number: grant.fence.number)
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
        ReservedRoom.append(to: &writer.bytes, atMost: 2 * PlainEntry.bytesMax + name.count) {
            room in
            room.putEntry { room in
                room.put(byte: slot.number)
                room.put(byte: EntryTag.ended.rawValue)
                room.put(number: UInt64(resourceIndex))
                room.put(number: UInt64(release.ticketIndex))
                room.put(byte: Ending.released.code)
                room.put(byte: FieldFlags.wasHeld.rawValue)
                room.put(text: name)
                room.put(zigzag: passed)
            }
            guard let forgotten = release.forgotten else { return }
            room.putEntry { room in
                room.put(byte: slot.number)
                room.put(byte: EntryTag.forgotten.rawValue)
                room.put(number: UInt64(resourceIndex))
                room.put(number: UInt64(forgotten))
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

extension ReservedRoom {
    /// An entry, with its length before it.
    @inline(__always)
    fileprivate mutating func putEntry(_ body: (inout ReservedRoom) -> Void) {
        let start = unsafe place
        leave(byteCount: EntryEncoder.lengthByteCount)
        body(&self)
        let length = unsafe place - start - EntryEncoder.lengthByteCount
        for index in 0..<EntryEncoder.lengthByteCount {
            let byte = UInt8(truncatingIfNeeded: length >> (8 * index))
            unsafe start.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        }
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    @inline(__always)
    fileprivate mutating func put(number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            put(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(byte: UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    fileprivate mutating func put(zigzag number: Int64) {
        put(number: UInt64(bitPattern: number << 1 ^ number >> 63))
    }

    /// With its length before it.
    @inline(__always)
    fileprivate mutating func put(text: Span<UInt8>) {
        put(number: UInt64(text.count))
        put(text)
    }
}
