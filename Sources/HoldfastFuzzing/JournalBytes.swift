// From the bytes of an input to the files of a journal, in three ways, so that chance reaches every layer of recovery:
//
//     0  files   name, length, bytes, as they are: headers, frames and names that make no sense
//     1  files   the same with checksums and chains put right: heads that make no sense
//     2  frames  payloads in frames that are right, entries of the right length: entries that make no sense
//
// The checksum is written here once more, the slow way: that of the journal must not be its own judge.

/// An input as files.
struct JournalBytes {
    private(set) var files: [String: [UInt8]] = [:]
    /// Of the segment before, where checksums are put right: the next one goes on there.
    private var end: End?
    private static let filesMax = 8

    private struct End {
        var chain: UInt32
        var sequence: UInt64
    }

    init(_ bytes: [UInt8]) {
        var source = ByteSource(bytes)
        let way = source.next() % 3
        for _ in 0..<JournalBytes.filesMax where !source.isAtEnd {
            let name = JournalBytes.name(&source)
            switch way {
            case 0: files[name] = JournalBytes.taken(&source)
            case 1: files[name] = sealed(JournalBytes.taken(&source), name)
            default: files[name] = framed(&source, name)
            }
        }
    }

    /// Mostly one that a journal has.
    private static func name(_ source: inout ByteSource) -> String {
        let choice = source.next()
        let kind = choice & 0x40 == 0 ? "segment" : "snapshot"
        let number = choice & 0x0f
        let suffix = choice & 0x80 == 0 ? "" : ".tmp"
        return "\(kind)-0000000000\(number < 10 ? "0" : "")\(number)\(suffix)"
    }

    private static func taken(_ source: inout ByteSource) -> [UInt8] {
        let count = Int(source.next()) | Int(source.next()) << 8
        var bytes: [UInt8] = []
        while bytes.count < count, !source.isAtEnd { bytes.append(source.next()) }
        return bytes
    }

    // MARK: Checksums put right

    private static let headerBytes = 72
    private static let headBytes = 32

    private mutating func sealed(_ original: [UInt8], _ name: String) -> [UInt8] {
        let (headerBytes, headBytes) = (JournalBytes.headerBytes, JournalBytes.headBytes)
        var bytes = original
        guard bytes.count >= headerBytes else { return bytes }
        let isSegment = name.hasPrefix("segment")
        if isSegment, let end { bytes.put(end.chain, at: headerBytes - 8) }
        let salt = JournalBytes.checksum(bytes[0..<headerBytes - 4], after: 0)
        bytes.put(salt, at: headerBytes - 4)
        var (offset, chain) = (headerBytes, salt)
        while offset + headBytes <= bytes.count {
            let payload = Int(bytes.word(at: offset + 4))
            let next = offset + (headBytes + payload + 7) & ~7
            guard next <= bytes.count else { break }
            bytes.put(chain, at: offset + 8)
            chain = JournalBytes.checksum(bytes[offset + 4..<next], after: salt)
            bytes.put(chain, at: offset)
            offset = next
        }
        if isSegment { end = End(chain: chain, sequence: end?.sequence ?? 0) }
        return bytes
    }

    // MARK: Frames

    /// A file of one run, whose frames follow one another; the bytes say what is in them.
    private mutating func framed(_ source: inout ByteSource, _ name: String) -> [UInt8] {
        let isSnapshot = name.hasPrefix("snapshot")
        let chosen = UInt64(source.next())
        var sequence = isSnapshot ? 1 : end?.sequence ?? chosen
        var bytes = JournalBytes.header(name, isSnapshot: isSnapshot, first: sequence)
        for _ in 0..<source.pick(24) {
            let choice = source.next()
            let kind = UInt32(isSnapshot ? 3 : 1) + UInt32(choice & 1)
            // Mostly as it is written: everything before was durable.
            let durable = choice & 2 == 0 ? sequence &- 1 : UInt64(source.next())
            let payload = JournalBytes.payload(&source, isSnapshot && kind == 3)
            bytes.appendFrame(payload, kind, sequence, durable)
            sequence &+= 1
        }
        let file = sealed(bytes, name)
        if !isSnapshot { end?.sequence = sequence }
        return file
    }

    private static func header(_ name: String, isSnapshot: Bool, first: UInt64) -> [UInt8] {
        var bytes = Array("HOLDFAST".utf8)
        bytes.append(UInt32(1))
        bytes.append(UInt32(isSnapshot ? 2 : 1))
        bytes.append(UInt64(name.utf8.dropLast(name.hasSuffix(".tmp") ? 4 : 0).last ?? 0) & 0x0f)
        for word: UInt64 in [42, 1, 1_000_000_000, 1_789_000_000_000_000, first] {
            bytes.append(word)
        }
        bytes.append(UInt32(0))
        bytes.append(UInt32(0))
        return bytes
    }

    private static func payload(_ source: inout ByteSource, _ isOfSnapshot: Bool) -> [UInt8] {
        var bytes: [UInt8] = [source.next() & 0x7f]
        // A slot and a piece, a fence, a position.
        if isOfSnapshot { bytes += [source.next(), source.next() & 1, source.next() & 0x7f, 0] }
        for _ in 0..<source.pick(6) {
            let count = Int(source.next())
            var entry: [UInt8] = [7]
            while entry.count < count, !source.isAtEnd { entry.append(source.next()) }
            bytes += [UInt8(entry.count & 0xff), UInt8(entry.count >> 8), 0] + entry
        }
        return bytes
    }

    // MARK: CRC-32C

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { register, _ in
            register & 1 == 1 ? register >> 1 ^ 0x82f6_3b78 : register >> 1
        }
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>, after previous: UInt32) -> UInt32 {
        ~bytes.reduce(~previous) { register, byte in
            register >> 8 ^ table[Int(UInt8(truncatingIfNeeded: register) ^ byte)]
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append<Word: FixedWidthInteger>(_ word: Word) {
        for shift in stride(from: 0, to: Word.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: word >> Word(shift)))
        }
    }

    fileprivate mutating func appendFrame(
        _ payload: [UInt8],
        _ kind: UInt32,
        _ sequence: UInt64,
        _ durable: UInt64
    ) {
        append(UInt32(0))
        append(UInt32(payload.count))
        append(UInt32(0))
        append(kind)
        append(sequence)
        append(durable)
        self += payload
        while count & 7 != 0 { append(UInt8(0)) }
    }

    fileprivate func word(at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(self[offset + $1]) << UInt32($1 * 8) }
    }

    fileprivate mutating func put(_ word: UInt32, at offset: Int) {
        for index in 0..<4 {
            self[offset + index] = UInt8(truncatingIfNeeded: word >> UInt32(index * 8))
        }
    }
}
