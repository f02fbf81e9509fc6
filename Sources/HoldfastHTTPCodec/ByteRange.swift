// Where something stands in the bytes of a request. Names and values are never made into strings until somebody asks
// for one: most fields of most requests are read by nobody.

/// A part of an array of bytes.
package struct ByteRange: Hashable, Sendable {
    package var start: UInt32
    package var end: UInt32

    package init(_ start: Int, _ end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    package static var empty: ByteRange { ByteRange(0, 0) }

    package var count: Int { Int(end - start) }
    package var isEmpty: Bool { end == start }
    package var indices: Range<Int> { Int(start)..<Int(end) }
}

extension Span<UInt8> {
    /// Whether these bytes are that word of ASCII, whatever the case of its letters; `word` is in lower case.
    func isWord(_ word: String, in range: ByteRange) -> Bool {
        // Most fields are told apart by their length alone.
        guard range.count == word.utf8.count else { return false }
        let letters = word.utf8Span.span
        for index in letters.indices
        where self[Int(range.start) + index].lowercased != letters[index] {
            return false
        }
        return true
    }

    /// The range without spaces and tabs at its ends (OWS of RFC 9110 §5.6.3).
    func trimmed(_ range: ByteRange) -> ByteRange {
        var (start, end) = (Int(range.start), Int(range.end))
        while start < end, self[start].isBlank { start += 1 }
        while start < end, self[end - 1].isBlank { end -= 1 }
        return ByteRange(start, end)
    }

    /// The elements of a list with commas; empty ones are passed over (RFC 9110 §5.6.1).
    func forEachElement(of range: ByteRange, separator: UInt8 = 0x2c, _ body: (ByteRange) -> Void) {
        var start = Int(range.start)
        for index in Int(range.start)...Int(range.end)
        where index == Int(range.end) || self[index] == separator {
            let element = trimmed(ByteRange(start, index))
            if !element.isEmpty { body(element) }
            start = index + 1
        }
    }

    func text(of range: ByteRange) -> String? {
        guard let valid = try? UTF8Span(validating: extracting(range.indices)) else { return nil }
        return String(copying: valid)
    }
}

extension UInt8 {
    var isBlank: Bool { self == 0x20 || self == 0x09 }
    /// No control character, or of another alphabet.
    var isText: Bool { self >= 0x20 && self != 0x7f }
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    var lowercased: UInt8 { self >= 0x41 && self <= 0x5a ? self | 0x20 : self }

    /// A letter of a token (RFC 9110 §5.6.2).
    var isTokenCharacter: Bool {
        guard self < 0x80 else { return false }
        let word = self < 64 ? UInt8.tokenBits.low : UInt8.tokenBits.high
        return word >> UInt64(self & 63) & 1 == 1
    }

    /// A bit for each of the first 64 and the second 64 characters of ASCII.
    private static let tokenBits: (low: UInt64, high: UInt64) = {
        var bits: (low: UInt64, high: UInt64) = (0, 0)
        let marks = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        for byte in marks.utf8 {
            if byte < 64 {
                bits.low |= 1 << UInt64(byte)
            } else {
                bits.high |= 1 << UInt64(byte - 64)
            }
        }
        return bits
    }()

    /// The value of a hexadecimal digit.
    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}
