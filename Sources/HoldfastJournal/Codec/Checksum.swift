// CRC-32C (Castagnoli), the checksum of storage protocols: it finds every flipped bit and every burst that a torn
// write leaves. In Swift, eight bytes a step by eight tables; the processor's instruction would be faster still, but a
// recovery spends most of its time elsewhere, and this needs no unsafe code. Checked with the vector of RFC 3720.

/// A running checksum.
struct Checksum: Sendable {
    private var register: UInt32

    /// Continues from `previous`: the checksum of a whole is that of its parts, one after another.
    init(after previous: UInt32 = 0) { register = ~previous }

    var value: UInt32 { ~register }

    mutating func add(_ bytes: Span<UInt8>) {
        var (register, index) = (self.register, 0)
        let tables = Checksum.tables.span
        while index + 8 <= bytes.count {
            let low =
                register
                ^ (UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8
                    | UInt32(bytes[index + 2]) << 16 | UInt32(bytes[index + 3]) << 24)
            let first = tables[0x700 | Int(low & 0xff)] ^ tables[0x600 | Int(low >> 8 & 0xff)]
            let second = tables[0x500 | Int(low >> 16 & 0xff)] ^ tables[0x400 | Int(low >> 24)]
            let third =
                tables[0x300 | Int(bytes[index + 4])] ^ tables[0x200 | Int(bytes[index + 5])]
            let fourth =
                tables[0x100 | Int(bytes[index + 6])] ^ tables[Int(bytes[index + 7])]
            register = first ^ second ^ third ^ fourth
            index += 8
        }
        while index < bytes.count {
            register =
                tables[Int(UInt8(truncatingIfNeeded: register) ^ bytes[index])]
                ^ register >> 8
            index += 1
        }
        self.register = register
    }

    /// Eight tables of 256, one behind the other: the n-th is for a byte with n bytes behind it.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var register = UInt32(byte)
            for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 1 ? 0x82f6_3b78 : 0) }
            tables[byte] = register
        }
        for index in 256..<8 * 256 {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xff)]
        }
        return tables
    }()
}
