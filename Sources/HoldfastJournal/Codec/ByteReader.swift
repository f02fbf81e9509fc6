// Reads what `ByteWriter` wrote, and survives what it did not: any bytes lead to values or to a flaw that says where,
// never to a trap. The bytes are handed to every call, so that the reader can stand in any struct.

/// What is wrong with bytes that should mean something.
struct CodecFlaw: Error, Hashable, Sendable {
    /// Counted from the first byte of what was read.
    var offset: Int
    var text: String

    init(_ text: String, at offset: Int) {
        self.offset = offset
        self.text = text
    }
}

/// A place in bytes and the checked ways onward.
struct ByteReader: Sendable {
    private(set) var offset: Int
    let end: Int

    /// Reads `range` of the bytes that are handed in later, which must have it.
    init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { offset == end }
    var byteCountLeft: Int { end - offset }

    mutating func byte(_ bytes: Span<UInt8>) throws(CodecFlaw) -> UInt8 {
        guard offset < end else { throw CodecFlaw("it ends too early", at: offset) }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func fixed32(_ bytes: Span<UInt8>) throws(CodecFlaw) -> UInt32 {
        UInt32(try low(4, bytes))
    }

    mutating func fixed64(_ bytes: Span<UInt8>) throws(CodecFlaw) -> UInt64 { try low(8, bytes) }

    /// A number of `byteCount` bytes, the lowest first.
    mutating func low(_ byteCount: Int, _ bytes: Span<UInt8>) throws(CodecFlaw) -> UInt64 {
        guard byteCountLeft >= byteCount else { throw CodecFlaw("it ends too early", at: offset) }
        var word: UInt64 = 0
        for index in 0..<byteCount { word |= UInt64(bytes[offset + index]) << UInt64(index * 8) }
        offset += byteCount
        return word
    }

    mutating func number(_ bytes: Span<UInt8>) throws(CodecFlaw) -> UInt64 {
        var word: UInt64 = 0
        var shift: UInt64 = 0
        let start = offset
        while true {
            let next = try byte(bytes)
            guard shift < 63 || next < 2 else {
                throw CodecFlaw("a number is too large", at: start)
            }
            word |= UInt64(next & 0x7f) << shift
            if next < 0x80 { return word }
            shift += 7
        }
    }

    mutating func number32(_ bytes: Span<UInt8>) throws(CodecFlaw) -> UInt32 {
        let start = offset
        guard let word = UInt32(exactly: try number(bytes)) else {
            throw CodecFlaw("a number is too large", at: start)
        }
        return word
    }

    mutating func signed(_ bytes: Span<UInt8>) throws(CodecFlaw) -> Int64 {
        let word = try number(bytes)
        return Int64(bitPattern: word >> 1) ^ -Int64(bitPattern: word & 1)
    }

    /// The place of a text's characters, which are passed.
    mutating func textRange(_ bytes: Span<UInt8>) throws(CodecFlaw) -> Range<Int> {
        let start = offset
        let count = try number(bytes)
        guard count <= UInt64(byteCountLeft) else {
            throw CodecFlaw("a text is longer than what is left", at: start)
        }
        let first = offset
        offset += Int(count)
        return first..<offset
    }

    mutating func text(_ bytes: Span<UInt8>) throws(CodecFlaw) -> String {
        let range = try textRange(bytes)
        return try ByteReader.text(range, bytes)
    }

    static func text(_ range: Range<Int>, _ bytes: Span<UInt8>) throws(CodecFlaw) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes.extracting(range)))
        } catch {
            throw CodecFlaw("a text is no UTF-8", at: range.lowerBound)
        }
    }
}
