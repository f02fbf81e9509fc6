// Strings: checked byte by byte while they are passed over, and only made where somebody wants one. What
// was checked here can be unescaped later without looking for errors again.

/// A string in the bytes, already checked: where its content stands between the quotes.
package struct JSONText: Hashable, Sendable {
    package var start: Int
    package var end: Int
    /// Without escapes, so the bytes are the text.
    package var isPlain: Bool
}

extension JSONReader {
    /// Checks the string that comes next and passes over it.
    package mutating func string(_ bytes: Span<UInt8>) throws(JSONFlaw) -> JSONText {
        guard try peek(bytes) == 0x22 else { throw JSONFlaw(.unexpectedByte, at: offset) }
        let start = offset + 1
        var index = start
        var isPlain = true
        while index < bytes.count {
            while index &+ 8 <= bytes.count {
                let count = EightBytes(bytes, at: index).plainCount
                index &+= count
                guard count == 8 else { break }
            }
            guard index < bytes.count else { break }
            let byte = bytes[index]
            // What most bytes are: ASCII that stands for itself.
            if byte &- 0x20 < 0x60, byte != 0x22, byte != 0x5c {
                index &+= 1
                continue
            }
            if byte == 0x22 {
                passedValue(endingAt: index + 1)
                return JSONText(start: start, end: index, isPlain: isPlain)
            }
            if byte == 0x5c {
                isPlain = false
                index = try JSONEscape.check(at: index, bytes)
            } else {
                guard byte >= 0x80 else { throw JSONFlaw(.controlCharacter, at: index) }
                index = try UTF8Check.character(at: index, bytes)
            }
        }
        throw JSONFlaw(.endOfInput, at: bytes.count)
    }
}

extension JSONText {
    /// Length in bytes of UTF-8, after unescaping.
    package func byteCount(in bytes: Span<UInt8>) -> Int {
        guard !isPlain else { return end - start }
        var count = 0
        forEachByte(in: bytes) { _ in count += 1 }
        return count
    }

    /// The text, unescaped.
    package func text(in bytes: Span<UInt8>) -> String {
        if isPlain, let checked = try? UTF8Span(validating: bytes.extracting(start..<end)) {
            return String(copying: checked)
        }
        return String(decoding: unescaped(in: bytes), as: UTF8.self)
    }

    /// The bytes of the text, unescaped.
    package func unescaped(in bytes: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(end - start)
        forEachByte(in: bytes) { result.append($0) }
        return result
    }

    /// Whether this is that text, byte for byte, after unescaping.
    package func equals(_ text: String, in bytes: Span<UInt8>) -> Bool {
        guard isPlain else { return unescaped(in: bytes).span.hasSameBytes(as: text) }
        return bytes.extracting(start..<end).hasSameBytes(as: text)
    }

    private func forEachByte(in bytes: Span<UInt8>, _ body: (UInt8) -> Void) {
        var index = start
        while index < end {
            guard bytes[index] == 0x5c else {
                body(bytes[index])
                index += 1
                continue
            }
            index = JSONEscape.unescape(at: index, bytes, body)
        }
    }
}

extension Span<UInt8> {
    func hasSameBytes(as text: String) -> Bool {
        let other = text.utf8Span.span
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }
}

/// The escapes of RFC 8259 §7.
enum JSONEscape {
    /// Where the text goes on behind the escape at `index`.
    static func check(at index: Int, _ bytes: Span<UInt8>) throws(JSONFlaw) -> Int {
        guard index + 1 < bytes.count else { throw JSONFlaw(.endOfInput, at: bytes.count) }
        switch bytes[index + 1] {
        case 0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74: return index + 2
        case 0x75: break
        default: throw JSONFlaw(.invalidEscape, at: index)
        }
        let unit = try codeUnit(at: index + 2, bytes)
        guard unit & 0xf800 == 0xd800 else { return index + 6 }
        // A high surrogate must be followed by an escaped low one, and a low one may not come first.
        let isPair =
            unit < 0xdc00 && index + 7 < bytes.count && bytes[index + 6] == 0x5c
            && bytes[index + 7] == 0x75
        guard isPair else { throw JSONFlaw(.loneSurrogate, at: index) }
        let second = try codeUnit(at: index + 8, bytes)
        guard second & 0xfc00 == 0xdc00 else { throw JSONFlaw(.loneSurrogate, at: index) }
        return index + 12
    }

    /// Hands over the bytes that a checked escape stands for; answers where the text goes on.
    static func unescape(at index: Int, _ bytes: Span<UInt8>, _ body: (UInt8) -> Void) -> Int {
        switch bytes[index + 1] {
        case 0x62: body(0x08)
        case 0x66: body(0x0c)
        case 0x6e: body(0x0a)
        case 0x72: body(0x0d)
        case 0x74: body(0x09)
        case 0x75: return unescapeUnit(at: index, bytes, body)
        default: body(bytes[index + 1])
        }
        return index + 2
    }

    private static func unescapeUnit(
        at index: Int,
        _ bytes: Span<UInt8>,
        _ body: (UInt8) -> Void
    ) -> Int {
        let unit = checkedUnit(at: index + 2, bytes)
        guard unit & 0xfc00 == 0xd800 else {
            encode(unit, body)
            return index + 6
        }
        let second = checkedUnit(at: index + 8, bytes)
        encode(0x10000 + (unit & 0x3ff) << 10 + second & 0x3ff, body)
        return index + 12
    }

    private static func encode(_ scalar: UInt32, _ body: (UInt8) -> Void) {
        func byte(_ lead: UInt32, _ shift: UInt32, _ mask: UInt32) -> UInt8 {
            UInt8(truncatingIfNeeded: lead | scalar >> shift & mask)
        }
        switch scalar {
        case ..<0x80: body(byte(0, 0, 0x7f))
        case ..<0x800:
            body(byte(0xc0, 6, 0x1f))
            body(byte(0x80, 0, 0x3f))
        case ..<0x10000:
            body(byte(0xe0, 12, 0x0f))
            body(byte(0x80, 6, 0x3f))
            body(byte(0x80, 0, 0x3f))
        default:
            body(byte(0xf0, 18, 0x07))
            body(byte(0x80, 12, 0x3f))
            body(byte(0x80, 6, 0x3f))
            body(byte(0x80, 0, 0x3f))
        }
    }

    private static func codeUnit(
        at start: Int,
        _ bytes: Span<UInt8>
    ) throws(JSONFlaw) -> UInt32 {
        var unit: UInt32 = 0
        for index in start..<start + 4 {
            guard index < bytes.count else { throw JSONFlaw(.endOfInput, at: bytes.count) }
            guard let digit = digit(bytes[index]) else {
                throw JSONFlaw(.invalidEscape, at: index)
            }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func checkedUnit(at start: Int, _ bytes: Span<UInt8>) -> UInt32 {
        (start..<start + 4).reduce(0) { $0 << 4 | (digit(bytes[$1]) ?? 0) }
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x41 + 10)
        case 0x61...0x66: UInt32(byte - 0x61 + 10)
        default: nil
        }
    }
}

/// Well-formed UTF-8 as table 3-7 of the Unicode standard has it: no overlong form, no surrogate.
enum UTF8Check {
    /// Where the text goes on behind the character of several bytes at `index`.
    static func character(at index: Int, _ bytes: Span<UInt8>) throws(JSONFlaw) -> Int {
        let second: ClosedRange<UInt8>
        let count: Int
        switch bytes[index] {
        case 0xc2...0xdf: (second, count) = (0x80...0xbf, 2)
        case 0xe0: (second, count) = (0xa0...0xbf, 3)
        case 0xed: (second, count) = (0x80...0x9f, 3)
        case 0xe1...0xef: (second, count) = (0x80...0xbf, 3)
        case 0xf0: (second, count) = (0x90...0xbf, 4)
        case 0xf1...0xf3: (second, count) = (0x80...0xbf, 4)
        case 0xf4: (second, count) = (0x80...0x8f, 4)
        default: throw JSONFlaw(.invalidUTF8, at: index)
        }
        guard index + count <= bytes.count, second.contains(bytes[index + 1]) else {
            throw JSONFlaw(.invalidUTF8, at: index)
        }
        for place in index + 2..<index + count where bytes[place] & 0xc0 != 0x80 {
            throw JSONFlaw(.invalidUTF8, at: index)
        }
        return index + count
    }
}
