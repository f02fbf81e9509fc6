// CRC-32C against its published vectors, and in parts.

import HoldfastSimulation
import Testing

@testable import HoldfastJournal

struct ChecksumTests {
    private func checksum(_ bytes: [UInt8], after previous: UInt32 = 0) -> UInt32 {
        var checksum = Checksum(after: previous)
        checksum.add(bytes.span)
        return checksum.value
    }

    /// RFC 3720, appendix B.4.
    @Test func `the published vectors hold`() {
        #expect(checksum(Array("123456789".utf8)) == 0xe306_9283)
        #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(checksum(Array(0..<32)) == 0x46dd_794e)
        #expect(checksum([]) == 0)
    }

    @Test func `a whole has the checksum of its parts`() {
        var chance = SeededGenerator(seed: 3)
        let bytes = (0..<200).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
        for cut in bytes.indices {
            let first = checksum(Array(bytes[..<cut]))
            #expect(checksum(Array(bytes[cut...]), after: first) == checksum(bytes))
        }
    }
}
