// Eight bytes at a time: what a path and the name of a ticket are looked through with. Byte by byte this made a twelfth
// of what a lock costs.

extension Span<UInt8> {
    @inline(__always)
    func eightBytes(at index: Int) -> UInt64 {
        // Safe: the bounds are checked, and every eight bytes are a number.
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
    }

    /// Those that are left, fewer than eight, as a number; the first in the lowest.
    @inline(__always)
    func bytes(from start: Int) -> UInt64 {
        // The last eight hold them, where there are eight.
        if count >= 8 {
            let left = count &- start
            return left == 0 ? 0 : eightBytes(at: count &- 8) >> UInt64(64 &- 8 &* left)
        }
        var (word, index): (UInt64, Int) = (0, start)
        while index < count {
            word |= UInt64(self[index]) << UInt64(8 &* (index &- start))
            index &+= 1
        }
        return word
    }
}

/// Eight bytes of a text, the first in the lowest; behind its end stand letters.
struct EightASCII {
    private let word: UInt64

    @inline(__always)
    init(_ bytes: Span<UInt8>, at index: Int) {
        let left = bytes.count &- index
        guard left < 8 else {
            word = bytes.eightBytes(at: index)
            return
        }
        let filler = EightASCII.letters << UInt64(8 &* left)
        word = bytes.bytes(from: index) | filler
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080
    private static let letters: UInt64 = 0x6161_6161_6161_6161

    /// Nothing but "!" to "~".
    @inline(__always) var isPrintable: Bool {
        // No byte may have its top bit, nor get it where one is added, and all must get it where 0x5f is added.
        let upper = word &+ EightASCII.ones
        let lower = word &+ EightASCII.ones &* 0x5f
        return (word | upper | ~lower) & EightASCII.tops == 0
    }

    // What follows is asked of what is printable. A mark is the lowest bit of its byte.

    @inline(__always) private func marks(of byte: UInt8) -> UInt64 {
        let difference = word ^ EightASCII.ones &* UInt64(byte)
        return ~(difference &+ ~EightASCII.tops) >> 7 & EightASCII.ones
    }

    /// "/" is the byte behind ".".
    @inline(__always) var slashesAndDots: UInt64 { marks(of: 0x2e) | marks(of: 0x2f) }

    /// Of the bytes behind a slash; the first is, where `afterSlash` is one.
    @inline(__always) func segmentStarts(_ afterSlash: UInt64) -> UInt64 {
        marks(of: 0x2f) << 8 | afterSlash
    }

    /// One where the next byte begins a segment, else zero.
    @inline(__always) var endsWithSlash: UInt64 { marks(of: 0x2f) >> 56 }
}
