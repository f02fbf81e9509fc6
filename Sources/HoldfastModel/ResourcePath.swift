// The name of a resource (rule 1): valid UTF-8, 1–512 bytes, segments separated by `/`. A path can
// only be made by the checking initialiser, so nobody behind the codec needs to check one again.
// Equality, order and hashes go by bytes: `String ==` would merge canonically equal names.

/// The path of a resource, checked once when it entered the house.
@usableFromInline package struct ResourcePath: Sendable {
    @usableFromInline package let text: String

    @usableFromInline package static let byteCountMax = 512

    /// What is wrong with a text that is no path.
    @usableFromInline package enum Flaw: Error, Equatable {
        case empty
        case tooLong
        case leadingOrTrailingSlash
        case emptySegment
        case dotSegment
        case controlCharacter
    }

    @usableFromInline package init(checking text: String) throws(Flaw) {
        if let flaw = ResourcePath.flaw(in: text) { throw flaw }
        self.text = text
    }

    /// For tests and constants: nil where the text is no path.
    @usableFromInline package init?(_ text: String) {
        guard ResourcePath.flaw(in: text) == nil else { return nil }
        self.text = text
    }

    /// The same for printable ASCII, which most paths are; nil also where only a closer look can tell.
    @usableFromInline package init?(plainASCII bytes: Span<UInt8>) {
        guard ResourcePath.isPlainASCII(bytes) else { return nil }
        // Safe: every byte was looked at.
        let checked = unsafe UTF8Span(unchecked: bytes, isKnownASCII: true)
        text = String(copying: checked)
    }

    /// Whether the bytes are such a path.
    @usableFromInline package static func isPlainASCII(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count <= ResourcePath.byteCountMax, !bytes.isEmpty else { return false }
        var (index, afterSlash): (Int, UInt64) = (0, 1)
        while index < bytes.count {
            let word = EightASCII(bytes, at: index)
            // Behind the slash before it stands no segment that is empty, or begins with a dot.
            guard word.isPrintable, word.segmentStarts(afterSlash) & word.slashesAndDots == 0 else {
                return false
            }
            afterSlash = word.endsWithSlash
            index &+= 8
        }
        return bytes[bytes.count &- 1] != 0x2f
    }

    private static func flaw(in text: String) -> Flaw? {
        let bytes = text.utf8Span.span
        guard bytes.count > 0 else { return .empty }
        guard bytes.count <= byteCountMax else { return .tooLong }
        guard bytes[0] != 0x2f, bytes[bytes.count - 1] != 0x2f else {
            return .leadingOrTrailingSlash
        }
        var segmentStart = 0
        for index in 0...bytes.count {
            let isEnd = index == bytes.count
            if !isEnd, bytes[index] < 0x20 || bytes[index] == 0x7f { return .controlCharacter }
            // Unicode's Cc also holds U+0080…U+009F, which are C2 80…C2 9F.
            if !isEnd, bytes[index] == 0xc2, bytes[index + 1] < 0xa0 { return .controlCharacter }
            guard isEnd || bytes[index] == 0x2f else { continue }
            if let flaw = segmentFlaw(bytes.extracting(segmentStart..<index)) { return flaw }
            segmentStart = index + 1
        }
        return nil
    }

    private static func segmentFlaw(_ segment: Span<UInt8>) -> Flaw? {
        switch segment.count {
        case 0: .emptySegment
        case 1 where segment[0] == 0x2e: .dotSegment
        case 2 where segment[0] == 0x2e && segment[1] == 0x2e: .dotSegment
        default: nil
        }
    }

    /// A path lies under a prefix when it is the prefix or continues it at a segment's end.
    @usableFromInline package func lies(under prefix: ResourcePath) -> Bool {
        let bytes = text.utf8Span.span
        let start = prefix.text.utf8Span.span
        guard bytes.count >= start.count else { return false }
        for index in 0..<start.count where bytes[index] != start[index] { return false }
        return bytes.count == start.count || bytes[start.count] == 0x2f
    }

    /// The path itself and every path above it: "a/b/c", "a/b", "a".
    @usableFromInline package var prefixes: [ResourcePath] {
        let ends = text.utf8.indices.filter { text.utf8[$0] == 0x2f }
        return [self] + ends.reversed().map { ResourcePath(unchecked: String(text[..<$0])) }
    }

    private init(unchecked text: String) { self.text = text }

    /// FNV-1a over the bytes.
    ///
    /// It is the same in every process and on every node, so a slot is, too. Tables
    /// use the seeded `hash(into:)` instead, which an attacker cannot aim at.
    @usableFromInline package var stableHash: UInt64 {
        ResourcePath.stableHash(of: text.utf8Span.span)
    }

    /// Of a path with these bytes.
    @usableFromInline package static func stableHash(of bytes: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        return hash ^ (hash >> 32)
    }
}

extension ResourcePath: Hashable, Comparable {
    @usableFromInline package static func == (left: ResourcePath, right: ResourcePath) -> Bool {
        areSame(left.text.utf8Span.span, right.text.utf8Span.span)
    }

    @inline(__always)
    @usableFromInline package static func areSame(
        _ one: Span<UInt8>,
        _ other: Span<UInt8>
    ) -> Bool {
        guard one.count == other.count else { return false }
        var index = 0
        while index &+ 8 <= one.count {
            guard one.eightBytes(at: index) == other.eightBytes(at: index) else { return false }
            index &+= 8
        }
        return one.bytes(from: index) == other.bytes(from: index)
    }

    @usableFromInline package static func < (left: ResourcePath, right: ResourcePath) -> Bool {
        let (one, other) = (left.text.utf8Span.span, right.text.utf8Span.span)
        for index in 0..<min(one.count, other.count) where one[index] != other[index] {
            return one[index] < other[index]
        }
        return one.count < other.count
    }

    @usableFromInline package func hash(into hasher: inout Hasher) {
        let bytes = text.utf8Span.span
        hasher.combine(bytes.count)
        // Eight bytes at a time: feeding the hasher single ones showed in the profile.
        var index = 0
        while index &+ 8 <= bytes.count {
            hasher.combine(bytes.eightBytes(at: index))
            index &+= 8
        }
        hasher.combine(bytes.bytes(from: index))
    }

    /// For a table of its own key.
    @inline(__always)
    @usableFromInline package func hash(keyedBy key: TableKey) -> UInt64 {
        key.hash(of: text.utf8Span.span)
    }
}

extension ResourcePath {
    /// A path that was checked when it entered the house, from its bytes.
    @usableFromInline package init(known bytes: Span<UInt8>) {
        // Safe: they are the bytes of a path.
        let checked = unsafe UTF8Span(unchecked: bytes, isKnownASCII: false)
        text = String(copying: checked)
        assert(ResourcePath.flaw(in: text) == nil, "no bytes of a path")
    }

    /// Whether these are its bytes.
    @usableFromInline package func isTold(by bytes: Span<UInt8>) -> Bool {
        ResourcePath.areSame(text.utf8Span.span, bytes)
    }
}

/// What one table's hashes depend on, and nobody outside knows.
@usableFromInline package struct TableKey: Sendable {
    fileprivate let first: UInt64
    /// Odd, so that no product loses what comes in.
    fileprivate let second: UInt64

    /// Of this process: `Hasher` is seeded once in each.
    @usableFromInline package init() {
        var hasher = Hasher()
        hasher.combine(1)
        first = UInt64(truncatingIfNeeded: hasher.finalize())
        hasher = Hasher()
        hasher.combine(2)
        second = UInt64(truncatingIfNeeded: hasher.finalize()) | 1
    }

    /// Two products instead of a whole `Hasher`, which cost as much as finding the place.
    ///
    /// Who does not know the key cannot aim at a place.
    @usableFromInline package func hash(of bytes: Span<UInt8>) -> UInt64 {
        var hash = first ^ UInt64(bytes.count)
        var index = 0
        while index &+ 8 <= bytes.count {
            hash = TableKey.mix(hash ^ bytes.eightBytes(at: index), second)
            index &+= 8
        }
        return TableKey.mix(hash ^ bytes.bytes(from: index), second ^ first)
    }

    /// Both halves of a product, so that every bit of it depends on every bit of the two.
    @inline(__always)
    fileprivate static func mix(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let product = one.multipliedFullWidth(by: other)
        return product.high ^ product.low
    }
}

extension ResourcePath: CustomStringConvertible {
    @usableFromInline package var description: String { text }
}

/// One of the 256 parts the paths are divided into; a loop, and in a cluster a node, owns a slot.
@usableFromInline package struct Slot: Hashable, Sendable {
    @usableFromInline package let number: UInt8

    @usableFromInline package static let count = 256

    @inlinable package init(number: UInt8) { self.number = number }

    /// Of a path with these bytes.
    @usableFromInline package init(ofPath bytes: Span<UInt8>) {
        number = UInt8(truncatingIfNeeded: ResourcePath.stableHash(of: bytes))
    }

    @usableFromInline package init(of path: ResourcePath) {
        number = UInt8(truncatingIfNeeded: path.stableHash)
    }
}

extension ResourcePath.Flaw {
    /// For people: what is wrong with it.
    @usableFromInline package var explanation: String {
        switch self {
        case .empty: "it is empty"
        case .tooLong: "it has more than \(ResourcePath.byteCountMax) bytes"
        case .leadingOrTrailingSlash: "it begins or ends with a slash"
        case .emptySegment: "a segment is empty"
        case .dotSegment: "a segment is \".\" or \"..\""
        case .controlCharacter: "it has a control character"
        }
    }
}
