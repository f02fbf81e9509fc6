// Seven characters of base64url at a time, in the seven lower bytes of a word: an id is four times seven. Its bits are
// random, so that a branch for each character goes the wrong way every other time; here there is none.

extension Base64URL {
    /// One in every byte that is at least `least`; no byte may be above 127.
    @inlinable
    @inline(__always)
    static func flags(of bytes: UInt64, atLeast least: UInt64) -> UInt64 {
        // The top bit of a byte is spent where the byte is too small.
        ((bytes | 0x0080_8080_8080_8080) &- least &* 0x0001_0101_0101_0101) >> 7
            & 0x0001_0101_0101_0101
    }

    /// The characters of 42 bits, the first in the lowest byte; the bits above are not looked at.
    @inlinable
    package static func characters(ofSeven bits: UInt64) -> UInt64 {
        // Halves, and halves of these, until there are six bits in every byte; the first in the highest but one.
        var values = (bits >> 24 & 0x3_ffff) << 32 | bits & 0xff_ffff
        values = (values & 0x00ff_f000_00ff_f000) << 4 | values & 0x0000_0fff_0000_0fff
        values = (values & 0x0fc0_0fc0_0fc0_0fc0) << 2 | values & 0x003f_003f_003f_003f
        values = values.byteSwapped >> 8
        // From "A" on; what comes at 26, 52, 62 and 63 stands elsewhere. No byte leaves 0…127 on the way.
        var characters = values &+ 0x41 &* 0x0001_0101_0101_0101
        characters &+= flags(of: values, atLeast: 26) &* 6
        characters &-= flags(of: values, atLeast: 52) &* 75
        characters &-= flags(of: values, atLeast: 62) &* 13
        return characters &+ flags(of: values, atLeast: 63) &* 49
    }

    /// The 42 bits of seven characters; nil where one is none of the alphabet.
    @inlinable
    package static func bits(ofSeven characters: UInt64) -> UInt64? {
        guard characters & 0x0080_8080_8080_8080 == 0 else { return nil }
        let dash = flags(of: characters, atLeast: 0x2d) ^ flags(of: characters, atLeast: 0x2e)
        let digit = flags(of: characters, atLeast: 0x30) ^ flags(of: characters, atLeast: 0x3a)
        let upper = flags(of: characters, atLeast: 0x41) ^ flags(of: characters, atLeast: 0x5b)
        let line = flags(of: characters, atLeast: 0x5f) ^ flags(of: characters, atLeast: 0x60)
        let lower = flags(of: characters, atLeast: 0x61) ^ flags(of: characters, atLeast: 0x7b)
        guard dash | digit | upper | line | lower == 0x0001_0101_0101_0101 else { return nil }
        var values = characters &+ dash &* 17 &+ digit &* 4
        values &-= upper &* 0x41 &+ line &* 32 &+ lower &* 71
        // Six bits of every byte to twelve, to twenty-four, to all.
        values = values.byteSwapped >> 8
        values = (values & 0x3f00_3f00_3f00_3f00) >> 2 | values & 0x003f_003f_003f_003f
        values = (values & 0x0fff_0000_0fff_0000) >> 4 | values & 0x0000_0fff_0000_0fff
        return (values >> 32) << 24 | values & 0xff_ffff
    }
}
