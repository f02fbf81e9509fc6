// From bytes back to entries, one slot at a time: it remembers the paths of that slot's resources, the last owner
// (most entries name the one before), and the highest fence it saw. It trusts nothing: bytes whose checksum is right
// may still have been written by a version that has a bug.

import HoldfastCore
import HoldfastModel

/// Brings instants of one run to the clock of this process.
struct ClockShift: Hashable, Sendable {
    /// What zero of the run's differences is on this clock.
    var nanoseconds: Int64

    func instant(_ difference: Int64) -> Instant {
        Instant(nanoseconds: nanoseconds &+ difference)
    }
}

/// Reads the entries of one slot, in their order.
struct EntryDecoder {
    /// Rule 18: of grants, and of what is remembered of grants that are forgotten.
    private(set) var fence = Fence.none
    private var paths: [UInt32: ResourcePath] = [:]
    let slot: Slot
    private let owners: OwnerSource
    private var lastOwner: Owner?

    init(slot: Slot, owners: @escaping OwnerSource) {
        self.slot = slot
        self.owners = owners
    }

    /// Reads the next entry, length and all.
    mutating func next(
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>,
        shift: ClockShift
    ) throws(CodecFlaw) -> JournalEntry {
        let start = reader.offset
        let length = Int(try reader.low(EntryEncoder.lengthByteCount, bytes))
        guard length <= reader.byteCountLeft else {
            throw CodecFlaw("an entry is longer than what is left", at: start)
        }
        var body = ByteReader(reader.offset..<reader.offset + length)
        let entry = try entry(&body, bytes, shift)
        guard body.isAtEnd else { throw CodecFlaw("an entry goes on after its end", at: start) }
        try reader.skip(length)
        return entry
    }

    private mutating func entry(
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>,
        _ shift: ClockShift
    ) throws(CodecFlaw) -> JournalEntry {
        let start = reader.offset
        guard try reader.byte(bytes) == slot.number else {
            throw CodecFlaw("an entry of another slot", at: start)
        }
        let byte = try reader.byte(bytes)
        guard let tag = EntryTag(rawValue: byte & ~EntryTag.pathBit) else {
            throw CodecFlaw("there is no entry of kind \(byte & ~EntryTag.pathBit)", at: start)
        }
        switch tag {
        case .resourceForgotten:
            let index = try reader.number32(bytes)
            paths[index] = nil
            return .resourceForgotten(slot, resourceIndex: index)
        case .sessionOpened, .sessionEnded:
            return .session(try session(tag, &reader, bytes))
        case .made, .granted, .ended, .leaseLengthened, .losing, .kept, .closed, .opened,
            .forgotten, .counted, .claimed, .logged:
            let index = try reader.number32(bytes)
            let tellsPath = byte & EntryTag.pathBit != 0
            let path = try path(of: index, isTold: tellsPath, &reader, bytes)
            return .resource(
                ResourceEntry(
                    slot: slot,
                    resourceIndex: index,
                    path: path,
                    record: try record(tag, index, path, &reader, bytes, shift)
                )
            )
        }
    }

    private mutating func path(
        of index: UInt32,
        isTold: Bool,
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>
    ) throws(CodecFlaw) -> ResourcePath {
        let start = reader.offset
        if isTold {
            guard let path = ResourcePath(try reader.text(bytes)) else {
                throw CodecFlaw("a path that is none", at: start)
            }
            paths[index] = path
            return path
        }
        guard let path = paths[index] else {
            throw CodecFlaw("an entry of a resource that nothing named", at: start)
        }
        return path
    }

    // MARK: Sessions

    private mutating func session(
        _ tag: EntryTag,
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>
    ) throws(CodecFlaw) -> SessionRecord {
        let start = reader.offset
        let id = SessionID(bits: try reader.fixed64(bytes))
        guard id.slot == slot else { throw CodecFlaw("a session of another slot", at: start) }
        guard tag == .sessionOpened else { return .ended(id) }
        return .opened(
            OpenedSession(
                id: id,
                secret: try reader.text(bytes),
                owner: try owner(&reader, bytes),
                grace: Interval(nanoseconds: try reader.signed(bytes))
            )
        )
    }

    // MARK: Parts

    mutating func owner(
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>
    ) throws(CodecFlaw) -> Owner {
        let range = try reader.textRange(bytes)
        if let lastOwner, lastOwner.name.utf8Span.span.isSame(as: bytes, at: range) {
            return lastOwner
        }
        let owner = owners(try ByteReader.text(range, bytes))
        lastOwner = owner
        return owner
    }

    mutating func grant(
        _ reader: inout ByteReader,
        _ bytes: Span<UInt8>
    ) throws(CodecFlaw) -> Fence {
        let found = Fence(number: try reader.number(bytes))
        fence = max(fence, found)
        return found
    }
}

extension ByteReader {
    /// Passes over what is not read here.
    mutating func skip(_ byteCount: Int) throws(CodecFlaw) {
        guard byteCount <= byteCountLeft else { throw CodecFlaw("it ends too early", at: offset) }
        self = ByteReader(offset + byteCount..<end)
    }
}

extension Span<UInt8> {
    fileprivate func isSame(as other: Span<UInt8>, at range: Range<Int>) -> Bool {
        guard count == range.count else { return false }
        for index in indices where self[index] != other[range.lowerBound + index] { return false }
        return true
    }
}
