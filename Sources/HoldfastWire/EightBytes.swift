// Looking at eight bytes at a time: where a line ends, how far a string goes without anything to look at, which short
// word stands there. Byte by byte, these three made a third of what decoding costs. Not vectors: lines are short, and a
// word needs neither a prologue nor a tail of its own.

/// Eight bytes, the first in the lowest.
struct EightBytes {
    private let word: UInt64

    @inline(__always) init(_ bytes: Span<UInt8>, at index: Int) {
        // Safe: the bounds are checked, and every eight bytes are a number.
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(
            fromByteOffset: index,
            as: UInt64.self
        )
        self.word = UInt64(littleEndian: word)
    }

    @inline(__always) init(word: UInt64) { self.word = word }

    /// The word that begins there, with zeros for what the bytes have not; there are eight of them at least.
    @inline(__always)
    static func padded(_ bytes: Span<UInt8>, at index: Int) -> UInt64 {
        let last = bytes.count &- 8
        guard index > last else { return EightBytes(bytes, at: index).word }
        let missing = index &- last
        return missing > 7 ? 0 : EightBytes(bytes, at: last).word >> UInt64(missing &* 8)
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    // A mark is the top bit of its byte. Above the first mark there may be wrong ones, from what is borrowed for it;
    // the first is always right.

    @inline(__always) private func marks(of byte: UInt8) -> UInt64 {
        let difference = word ^ (EightBytes.ones &* UInt64(byte))
        return (difference &- EightBytes.ones) & ~difference & EightBytes.tops
    }

    /// How many bytes stand before the first line feed; 8 where there is none.
    @inline(__always) var countBeforeLineFeed: Int {
        marks(of: 0x0a).trailingZeroBitCount >> 3
    }

    /// How many bytes stand for themselves in a JSON string: ASCII but for control characters, `"` and `\`.
    @inline(__always) var plainCount: Int {
        let controls = (word &- EightBytes.ones &* 0x20) & ~word & EightBytes.tops
        let marks = controls | (word & EightBytes.tops) | marks(of: 0x22) | marks(of: 0x5c)
        return marks.trailingZeroBitCount >> 3
    }

    /// How many digits stand at the beginning.
    @inline(__always) var digitCount: Int {
        // What is above 9 without the bits of "0", in any byte; 0x76 is what lifts 10 to the top bit.
        let values = word ^ EightBytes.ones &* 0x30
        let lifted = (values & ~EightBytes.tops) &+ EightBytes.ones &* 0x76
        return ((lifted | values) & EightBytes.tops).trailingZeroBitCount >> 3
    }

    /// What that many digits say, which stand at the beginning; one of them at least.
    @inline(__always) func number(ofDigits count: Int) -> UInt64 {
        // Zeros in front of them; then pairs of digits, of pairs, of fours.
        var value = (word ^ EightBytes.ones &* 0x30) << UInt64(64 &- 8 &* count)
        value = (value &* 10 &+ value >> 8) & 0x00ff_00ff_00ff_00ff
        value = (value &* 100 &+ value >> 16) & 0x0000_ffff_0000_ffff
        return (value &* 10_000 &+ value >> 32) & 0xffff_ffff
    }

    /// The first `count` bytes as a number, the first byte highest.
    @inline(__always) func number(of count: Int) -> UInt64 {
        word.byteSwapped >> UInt64(64 - 8 * count)
    }
}

/// A number below a hundred million as eight digits: halves, and halves of these, until there is one in every byte.
struct EightDigits {
    /// The first in the lowest byte.
    private let digits: UInt64

    @inline(__always) init(_ number: UInt64) {
        let (upper, lower) = number.quotientAndRemainder(dividingBy: 10_000)
        var digits = upper | lower << 32
        // Times these and shifted, each is divided by 100 and by 10, exactly for so small ones.
        let hundreds = (digits &* 10_486) >> 20 & 0x0000_007f_0000_007f
        digits = hundreds | (digits &- hundreds &* 100) << 16
        let tens = (digits &* 103) >> 10 & 0x000f_000f_000f_000f
        self.digits = tens | (digits &- tens &* 10) << 8
    }

    @inline(__always) var characters: UInt64 { digits | 0x3030_3030_3030_3030 }

    /// How many zeros stand before the first digit that says something; the last one always does.
    @inline(__always) var zerosInFront: Int { min(digits.trailingZeroBitCount >> 3, 7) }
}
