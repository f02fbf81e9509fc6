// The first 72 bytes of every file of the journal: what it is, which one, whose, from when. Its checksum is the salt of
// all frames in the file, so a frame that belongs elsewhere is never taken for one of this file.
//
//      0  magic "HOLDFAST"             48  the run's wall clock, µs since 1970
//      8  version, kind                56  the first frame's sequence
//     16  number of the file           64  chain: the checksum at the end of the segment before
//     24  instance, by chance          68  CRC-32C of the 68 bytes before
//     32  number of the run
//     40  the run's boot clock, ns

import HoldfastModel

/// What stands at the beginning of a file.
struct FileHeader: Hashable, Sendable {
    var kind: JournalFileName.Kind
    var number: UInt64
    /// Drawn once for a journal; files of another one are not read.
    var instance: UInt64
    var run: Run
    var firstSequence: UInt64
    var chain: UInt32

    /// One life of a server, with its clocks when it began.
    struct Run: Hashable, Sendable {
        var number: UInt64
        var reading: ClockReading
    }

    static let byteCount = 72
    static let version: UInt32 = 1
    private static let magic: UInt64 = 0x5453_4146_444c_4f48
    private static let checkedByteCount = 68
    /// Frames and runs are counted from 1, and nobody lives to count so far.
    private static let sequenceMax: UInt64 = 1 << 62

    /// The bytes, and the salt of the frames behind them.
    var encoded: (bytes: [UInt8], salt: UInt32) {
        var writer = ByteWriter()
        writer.append(fixed: Self.magic)
        writer.append(fixed: Self.version)
        writer.append(fixed: kind.code)
        writer.append(fixed: number)
        writer.append(fixed: instance)
        writer.append(fixed: run.number)
        writer.append(fixed: run.reading.now.nanoseconds)
        writer.append(fixed: run.reading.wall.microseconds)
        writer.append(fixed: firstSequence)
        writer.append(fixed: chain)
        var checksum = Checksum()
        checksum.add(writer.bytes.span)
        writer.append(fixed: checksum.value)
        return (writer.bytes, checksum.value)
    }

    /// Reads the bytes back; the flaw says what is wrong with them.
    static func decode(_ bytes: Span<UInt8>) throws(CodecFlaw) -> (FileHeader, salt: UInt32) {
        guard bytes.count >= byteCount else {
            throw CodecFlaw("the header is cut off", at: bytes.count)
        }
        var reader = ByteReader(0..<byteCount)
        guard try reader.fixed64(bytes) == magic else { throw CodecFlaw("no journal file", at: 0) }
        var checksum = Checksum()
        checksum.add(bytes.extracting(0..<checkedByteCount))
        var end = ByteReader(checkedByteCount..<byteCount)
        guard try end.fixed32(bytes) == checksum.value else {
            throw CodecFlaw("the header is damaged", at: 0)
        }
        let version = try reader.fixed32(bytes)
        guard version == Self.version else {
            throw CodecFlaw("version \(version) of the format is not known", at: 8)
        }
        guard let kind = JournalFileName.Kind(code: try reader.fixed32(bytes)) else {
            throw CodecFlaw("no kind of file", at: 12)
        }
        let number = try reader.fixed64(bytes)
        let instance = try reader.fixed64(bytes)
        let run = Run(
            number: try reader.fixed64(bytes),
            reading: ClockReading(
                now: Instant(nanoseconds: Int64(bitPattern: try reader.fixed64(bytes))),
                wall: WallTime(microseconds: Int64(bitPattern: try reader.fixed64(bytes)))
            )
        )
        let firstSequence = try reader.fixed64(bytes)
        guard (1..<sequenceMax).contains(firstSequence), run.number < sequenceMax else {
            throw CodecFlaw("a number that nobody counted to", at: 32)
        }
        let header = FileHeader(
            kind: kind,
            number: number,
            instance: instance,
            run: run,
            firstSequence: firstSequence,
            chain: try reader.fixed32(bytes)
        )
        return (header, checksum.value)
    }
}

extension JournalFileName.Kind {
    fileprivate var code: UInt32 {
        switch self {
        case .segment: 1
        case .snapshot: 2
        }
    }

    fileprivate init?(code: UInt32) {
        switch code {
        case 1: self = .segment
        case 2: self = .snapshot
        default: return nil
        }
    }
}
