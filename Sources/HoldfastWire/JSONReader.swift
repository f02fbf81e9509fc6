// A strict reader of RFC 8259, pulled by whoever knows what should come: it checks everything it passes
// over, makes no value of what nobody asked for and allocates nothing. The reader is only a place in the
// bytes; they are handed to every call, so that it can stand in any struct. Rejected: Foundation's decoder,
// which accepts repeated keys, tells no offsets, and makes a tree of every line.

/// A place in a JSON text, and the checked ways onward.
package struct JSONReader: Sendable {
    /// The outermost value is level 1.
    package static let depthMax = 16

    package var offset: Int
    private var depth: Int
    /// The next member or element stands behind a comma.
    private var followsValue = false

    package init(offset: Int = 0, depth: Int = 0) {
        self.offset = offset
        self.depth = depth
    }

    /// The first byte of the next value; space before it is passed over.
    @inline(__always)
    package mutating func peek(_ bytes: Span<UInt8>) throws(JSONFlaw) -> UInt8 {
        // Most lines have no space between their parts.
        if offset < bytes.count, bytes[offset] > 0x20 { return bytes[offset] }
        skipSpace(bytes)
        guard offset < bytes.count else { throw JSONFlaw(.endOfInput, at: bytes.count) }
        return bytes[offset]
    }

    package mutating func beginObject(_ bytes: Span<UInt8>) throws(JSONFlaw) {
        try begin(0x7b, bytes)
    }

    package mutating func beginArray(_ bytes: Span<UInt8>) throws(JSONFlaw) {
        try begin(0x5b, bytes)
    }

    /// The name of the next member, whose value comes next.
    ///
    /// Nil at the end of the object, which is passed.
    package mutating func nextMember(_ bytes: Span<UInt8>) throws(JSONFlaw) -> JSONText? {
        guard try goToItem(bytes, end: 0x7d) else { return nil }
        let name = try string(bytes)
        guard try peek(bytes) == 0x3a else { throw JSONFlaw(.unexpectedByte, at: offset) }
        offset += 1
        return name
    }

    /// Whether another element comes next; false at the end of the array, which is passed.
    package mutating func nextElement(_ bytes: Span<UInt8>) throws(JSONFlaw) -> Bool {
        try goToItem(bytes, end: 0x5d)
    }

    /// Checks the next value and passes over it.
    package mutating func skipValue(_ bytes: Span<UInt8>) throws(JSONFlaw) {
        switch try peek(bytes) {
        case 0x22: _ = try string(bytes)
        case 0x7b:
            try beginObject(bytes)
            while try nextMember(bytes) != nil { try skipValue(bytes) }
        case 0x5b:
            try beginArray(bytes)
            while try nextElement(bytes) { try skipValue(bytes) }
        case 0x2d, 0x30...0x39: _ = try number(bytes)
        default: _ = try constant(bytes)
        }
    }

    /// `true`, `false`, or nil for `null`.
    package mutating func constant(_ bytes: Span<UInt8>) throws(JSONFlaw) -> Bool? {
        switch try peek(bytes) {
        case 0x74:
            try pass("true", bytes)
            return true
        case 0x66:
            try pass("false", bytes)
            return false
        case 0x6e:
            try pass("null", bytes)
            return nil
        default: throw JSONFlaw(.unexpectedByte, at: offset)
        }
    }

    /// Nothing but space may follow the outermost value.
    package mutating func end(_ bytes: Span<UInt8>) throws(JSONFlaw) {
        skipSpace(bytes)
        guard offset == bytes.count else { throw JSONFlaw(.trailingBytes, at: offset) }
    }

    /// Called by the readers of strings and numbers when they passed one.
    @inline(__always)
    mutating func passedValue(endingAt end: Int) {
        offset = end
        followsValue = true
    }

    mutating func skipSpace(_ bytes: Span<UInt8>) {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0a, 0x0d: offset += 1
            default: return
            }
        }
    }

    private mutating func begin(_ bracket: UInt8, _ bytes: Span<UInt8>) throws(JSONFlaw) {
        guard try peek(bytes) == bracket else { throw JSONFlaw(.unexpectedByte, at: offset) }
        guard depth < JSONReader.depthMax else { throw JSONFlaw(.tooDeep, at: offset) }
        depth += 1
        offset += 1
        followsValue = false
    }

    @inline(__always)
    private mutating func goToItem(
        _ bytes: Span<UInt8>,
        end: UInt8
    ) throws(JSONFlaw) -> Bool {
        if try peek(bytes) == end {
            depth -= 1
            passedValue(endingAt: offset + 1)
            return false
        }
        guard followsValue else { return true }
        guard bytes[offset] == 0x2c else { throw JSONFlaw(.unexpectedByte, at: offset) }
        offset += 1
        followsValue = false
        // A comma promises another item: the closing bracket after it is an error.
        guard try peek(bytes) != end else { throw JSONFlaw(.unexpectedByte, at: offset) }
        return true
    }

    private mutating func pass(_ word: String, _ bytes: Span<UInt8>) throws(JSONFlaw) {
        for (index, byte) in word.utf8.enumerated() {
            guard offset + index < bytes.count else {
                throw JSONFlaw(.endOfInput, at: bytes.count)
            }
            guard bytes[offset + index] == byte else {
                throw JSONFlaw(.unexpectedByte, at: offset + index)
            }
        }
        passedValue(endingAt: offset + word.utf8.count)
    }
}
