// The words that everything in a journal is written with: little-endian numbers of fixed width, numbers of as many
// bytes as they need, texts with their length before them. JSON was rejected for the log: it is read back at every
// start, a million tickets at a time, and nobody looks at it without `holdfast journal dump`, which shows JSON.

/// Bytes that grow at their end.
struct ByteWriter: Sendable {
    var bytes: [UInt8] = []

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func append(fixed word: UInt32) { appendLow(UInt64(word), byteCount: 4) }

    mutating func append(fixed word: UInt64) { appendLow(word, byteCount: 8) }

    mutating func append(fixed word: Int64) { append(fixed: UInt64(bitPattern: word)) }

    private mutating func appendLow(_ word: UInt64, byteCount: Int) {
        var rest = word
        for _ in 0..<byteCount {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func append(_ number: UInt32) { append(UInt64(number)) }

    /// Zigzag: small numbers of either sign need few bytes.
    mutating func append(_ number: Int64) {
        append(UInt64(bitPattern: number << 1 ^ number >> 63))
    }

    mutating func append(_ text: String) {
        var text = text
        text.makeContiguousUTF8()
        let characters = text.utf8Span.span
        append(UInt64(characters.count))
        for index in characters.indices { bytes.append(characters[index]) }
    }

    /// Zeros up to the next multiple of eight.
    mutating func pad() {
        while bytes.count & 7 != 0 { bytes.append(0) }
    }

    /// Puts a number where room was left for it.
    mutating func put(_ number: UInt32, byteCount: Int, at offset: Int) {
        for index in 0..<byteCount {
            bytes[offset + index] = UInt8(truncatingIfNeeded: number >> (UInt32(index) * 8))
        }
    }
}
