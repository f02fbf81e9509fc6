// A frame: what is written, and found whole or not at all. It begins at a multiple of eight bytes.
//
//      0  CRC-32C of all that follows, padding too, begun with the file's salt
//      4  bytes of the payload                    16  sequence
//      8  the checksum of the frame before        24  durable: everything up to this sequence was synced
//     12  kind                                    32  payload, then zeros up to a multiple of eight
//
// The checksum of the frame before makes a chain: a frame that was lost, doubled or moved breaks it. `durable` is what
// tells a torn end from damage: a frame that cannot be read although a later one says it was durable is damaged.

/// A frame that was read.
struct Frame: Sendable {
    enum Kind: UInt32, Sendable {
        /// Of a segment: the entries of a batch, or of a part of one.
        case entries = 1
        /// Of a segment: nothing but the news of what is durable.
        case mark = 2
        /// Of a snapshot: a slot, or a part of one.
        case slot = 3
        /// Of a snapshot: it is complete.
        case end = 4
    }

    var head: FrameHead
    /// Where it begins in its file.
    var offset: Int
    var payload: ArraySlice<UInt8>

    var byteCount: Int { head.byteCount }
}

/// The 32 bytes before a payload.
struct FrameHead: Hashable, Sendable {
    var checksum: UInt32 = 0
    var payloadByteCount: UInt32
    var previous: UInt32
    var kind: Frame.Kind
    var sequence: UInt64
    var durable: UInt64

    static let byteCount = 32
    static let payloadBytesMax: UInt32 = 1 << 25

    /// Of the whole frame, with its padding.
    var byteCount: Int { FrameHead.frameByteCount(payload: Int(payloadByteCount)) }

    static func frameByteCount(payload: Int) -> Int { (byteCount + payload + 7) & ~7 }

    /// Nil where no frame can begin; says nothing yet of its checksum.
    init?(at offset: Int, in bytes: Span<UInt8>) {
        guard offset + FrameHead.byteCount <= bytes.count else { return nil }
        let first = FrameHead.word(at: offset, in: bytes)
        let second = FrameHead.word(at: offset + 8, in: bytes)
        checksum = UInt32(truncatingIfNeeded: first)
        payloadByteCount = UInt32(truncatingIfNeeded: first >> 32)
        previous = UInt32(truncatingIfNeeded: second)
        guard let kind = Frame.Kind(rawValue: UInt32(truncatingIfNeeded: second >> 32)),
            payloadByteCount <= FrameHead.payloadBytesMax
        else { return nil }
        self.kind = kind
        sequence = FrameHead.word(at: offset + 16, in: bytes)
        durable = FrameHead.word(at: offset + 24, in: bytes)
    }

    init(
        payloadByteCount: UInt32,
        previous: UInt32,
        kind: Frame.Kind,
        sequence: UInt64,
        durable: UInt64
    ) {
        self.payloadByteCount = payloadByteCount
        self.previous = previous
        self.kind = kind
        self.sequence = sequence
        self.durable = durable
    }

    private static func word(at offset: Int, in bytes: Span<UInt8>) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<8 { word |= UInt64(bytes[offset + index]) << UInt64(index * 8) }
        return word
    }

    /// Whether the frame that begins there is the one that was written.
    func isIntact(at offset: Int, in bytes: Span<UInt8>, salt: UInt32) -> Bool {
        guard offset + byteCount <= bytes.count else { return false }
        return FrameHead.checksum(of: bytes.extracting(offset..<offset + byteCount), salt)
            == checksum
    }

    fileprivate static func checksum(of frame: Span<UInt8>, _ salt: UInt32) -> UInt32 {
        var checksum = Checksum(after: salt)
        checksum.add(frame.extracting(4..<frame.count))
        return checksum.value
    }
}

extension ByteWriter {
    /// Appends a frame; the bytes so far must be whole frames.
    ///
    /// Returns its checksum.
    mutating func append(
        _ head: FrameHead,
        _ beginning: [UInt8],
        _ entries: [UInt8],
        salt: UInt32
    ) -> UInt32 {
        let start = bytes.count
        append(fixed: UInt32(0))
        append(fixed: head.payloadByteCount)
        append(fixed: head.previous)
        append(fixed: head.kind.rawValue)
        append(fixed: head.sequence)
        append(fixed: head.durable)
        bytes += beginning
        bytes += entries
        pad()
        let checksum = FrameHead.checksum(
            of: bytes.span.extracting(start..<bytes.count),
            salt
        )
        put(checksum, byteCount: 4, at: start)
        return checksum
    }
}
