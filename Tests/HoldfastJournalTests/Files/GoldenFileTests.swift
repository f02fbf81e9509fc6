// The bytes of a file, written down once: a header, a batch of one entry, a mark. A change here is a change of the
// format.

import HoldfastModel
import HoldfastSimulation
import Testing

@testable import HoldfastJournal

struct GoldenFileTests {
    private let header = FileHeader(
        kind: .segment,
        number: 2,
        instance: 0x0102_0304_0506_0708,
        run: FileHeader.Run(
            number: 3,
            reading: ClockReading(
                now: Instant(nanoseconds: 4),
                wall: WallTime(microseconds: 5)
            )
        ),
        firstSequence: 6,
        chain: 0x1122_3344
    )

    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined(separator: " ")
    }

    @Test func `a header has 72 bytes`() throws {
        let (bytes, salt) = header.encoded
        #expect(
            hex(bytes) == "48 4f 4c 44 46 41 53 54 01 00 00 00 01 00 00 00"
                + " 02 00 00 00 00 00 00 00 08 07 06 05 04 03 02 01"
                + " 03 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00"
                + " 05 00 00 00 00 00 00 00 06 00 00 00 00 00 00 00"
                + " 44 33 22 11 9d 5a 89 b6"
        )
        #expect(bytes.count == FileHeader.byteCount)
        let decoded = try FileHeader.decode(bytes.span)
        #expect(decoded.0 == header)
        #expect(decoded.salt == salt)
    }

    @Test func `a frame has 32 bytes before its payload, and ends at a multiple of eight`() {
        let head = FrameHead(
            payloadByteCount: 3,
            previous: 0x0a0b_0c0d,
            kind: .entries,
            sequence: 6,
            durable: 5
        )
        var writer = ByteWriter()
        let checksum = writer.append(head, [1], [2, 3], salt: 7)
        #expect(
            hex(writer.bytes) == "be 23 95 4c 03 00 00 00 0d 0c 0b 0a 01 00 00 00"
                + " 06 00 00 00 00 00 00 00 05 00 00 00 00 00 00 00 01 02 03 00 00 00 00 00"
        )
        let read = FrameHead(at: 0, in: writer.bytes.span)
        #expect(read?.checksum == checksum)
        #expect(read?.isIntact(at: 0, in: writer.bytes.span, salt: 7) == true)
        #expect(read?.isIntact(at: 0, in: writer.bytes.span, salt: 8) == false)
    }

    @Test func `a version that is not known is refused by name`() {
        let bytes = withVersion(2, header.encoded.bytes)
        #expect(throws: CodecFlaw("version 2 of the format is not known", at: 8)) {
            try FileHeader.decode(bytes.span)
        }
    }

    @Test func `a directory of a later version is refused, and stays as it is`() {
        let house = JournalHouse()
        house.open()
        _ = house.append([numbered(1)])
        house.end()
        let later = JournalHouse()
        later.platter.files = house.platter.files.mapValues {
            $0.count < FileHeader.byteCount ? $0 : withVersion(2, $0)
        }
        let before = later.platter.files
        #expect("\(later.open())".contains("version 2 of the format is not known"))
        #expect(later.platter.files == before)
    }

    /// The header of another version, intact.
    private func withVersion(_ version: UInt8, _ file: [UInt8]) -> [UInt8] {
        var bytes = file
        bytes[8] = version
        var checksum = Checksum()
        checksum.add(bytes.span.extracting(0..<68))
        for index in 0..<4 {
            bytes[68 + index] = UInt8(truncatingIfNeeded: checksum.value >> UInt32(index * 8))
        }
        return bytes
    }

    @Test func `no kind of frame and no length beyond the bound begins a frame`() {
        var bytes = [UInt8](repeating: 0, count: 40)
        #expect(FrameHead(at: 0, in: bytes.span) == nil)
        bytes[12] = 4
        #expect(FrameHead(at: 0, in: bytes.span) != nil)
        #expect(FrameHead(at: 9, in: bytes.span) == nil, "cut off")
        bytes[12] = 5
        #expect(FrameHead(at: 0, in: bytes.span) == nil)
        bytes[12] = 1
        bytes[7] = 2
        #expect(FrameHead(at: 0, in: bytes.span)?.payloadByteCount == FrameHead.payloadBytesMax)
        bytes[4] = 1
        #expect(FrameHead(at: 0, in: bytes.span) == nil)
    }

    @Test(arguments: [
        ("segment-000000000001", "segment-000000000001"), ("snapshot-000000123456", "same"),
        ("segment-1", nil), ("segment-0000000000012", nil), ("segment-00000000000x", nil),
        ("other-000000000001", nil), ("segment-000000000001.tmp", nil), ("lock", nil), ("", nil),
        ("segment--00000000001", nil), ("segment-+00000000001", nil),
    ])
    func `a name is that of a file of the journal or it is not`(name: String, meaning: String?) {
        #expect((JournalFileName(name) != nil) == (meaning != nil))
        #expect(JournalFileName(name)?.text ?? name == name)
    }
}
