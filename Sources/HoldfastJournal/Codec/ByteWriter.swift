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

    // Room is looked for once a number or text, not once a byte.

    private mutating func appendLow(_ word: UInt64, byteCount: Int) {
        bytes.append(addingCapacity: byteCount) { output in
            var rest = word
            for _ in 0..<byteCount {
                output.append(UInt8(truncatingIfNeeded: rest))
                rest >>= 8
            }
        }
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    mutating func append(_ number: UInt64) {
        guard number >= 0x80 else { return bytes.append(UInt8(truncatingIfNeeded: number)) }
        bytes.append(addingCapacity: ByteWriter.numberBytesMax) { output in
            var rest = number
            while rest >= 0x80 {
                output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            output.append(UInt8(truncatingIfNeeded: rest))
        }
    }

    /// Ten times seven bits hold 64.
    private static let numberBytesMax = 10

    mutating func append(_ number: UInt32) { append(UInt64(number)) }

    /// Zigzag: small numbers of either sign need few bytes.
    mutating func append(_ number: Int64) {
        append(UInt64(bitPattern: number << 1 ^ number >> 63))
    }

    mutating func append(_ text: String) {
        let characters = text.utf8Span.span
        append(UInt64(characters.count))
        bytes.append(addingCapacity: characters.count) { output in
            for index in characters.indices { output.append(characters[index]) }
        }
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
