// The words that everything in a journal is written with: little-endian numbers of fixed width, numbers of as many
// bytes as they need, texts with their length before them. JSON was rejected for the log: it is read back at every
// start, a million tickets at a time, and nobody looks at it without `holdfast journal dump`, which shows JSON.

/// Bytes that grow at their end.
struct ByteWriter: Sendable {
    var bytes: [UInt8] = []

    mutating func append(fixed word: UInt32) { append(upTo: 4) { $0.put(fixed: word) } }

    mutating func append(fixed word: UInt64) { append(upTo: 8) { $0.put(fixed: word) } }

    mutating func append(fixed word: Int64) { append(fixed: UInt64(bitPattern: word)) }

    mutating func append(_ number: UInt64) {
        append(upTo: ByteWriter.numberBytesMax) { $0.put(number) }
    }

    mutating func append(_ number: Int64) {
        append(upTo: ByteWriter.numberBytesMax) { $0.put(number) }
    }

    /// Looks for room once, for all that `body` puts there; to put more than `count` bytes is the end of the process.
    @inline(__always)
    mutating func append(upTo count: Int, _ body: (inout OutputSpan<UInt8>) -> Void) {
        bytes.append(addingCapacity: count, initializingWith: body)
    }

    /// Ten times seven bits hold 64.
    static let numberBytesMax = 10

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

extension OutputSpan<UInt8> {
    mutating func put(fixed word: UInt32) { putLow(UInt64(word), byteCount: 4) }

    mutating func put(fixed word: UInt64) { putLow(word, byteCount: 8) }

    @inline(__always)
    private mutating func putLow(_ word: UInt64, byteCount: Int) {
        for index in 0..<byteCount {
            append(UInt8(truncatingIfNeeded: word >> (UInt64(index) * 8)))
        }
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    mutating func put(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func put(_ number: UInt32) { put(UInt64(number)) }

    /// Zigzag: small numbers of either sign need few bytes.
    mutating func put(_ number: Int64) {
        put(UInt64(bitPattern: number << 1 ^ number >> 63))
    }

    mutating func put(_ text: String) {
        let characters = text.utf8Span.span
        put(UInt64(characters.count))
        for index in characters.indices { append(characters[index]) }
    }
}

extension String {
    /// At most so many bytes are put for it.
    var putBytesMax: Int { ByteWriter.numberBytesMax + utf8.count }
}
