// The name of a resource (rule 1): valid UTF-8, 1–512 bytes, segments separated by `/`. A path can
// only be made by the checking initialiser, so nobody behind the codec needs to check one again.
// Equality, order and hashes go by bytes: `String ==` would merge canonically equal names.

/// The path of a resource, checked once when it entered the house.
package struct ResourcePath: Sendable {
    package let text: String

    package static let byteCountMax = 512

    /// What is wrong with a text that is no path.
    package enum Flaw: Error, Equatable {
        case empty
        case tooLong
        case leadingOrTrailingSlash
        case emptySegment
        case dotSegment
        case controlCharacter
    }

    package init(checking text: String) throws(Flaw) {
        if let flaw = ResourcePath.flaw(in: text) { throw flaw }
        self.text = text
    }

    /// For tests and constants: nil where the text is no path.
    package init?(_ text: String) {
        guard ResourcePath.flaw(in: text) == nil else { return nil }
        self.text = text
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
    package func lies(under prefix: ResourcePath) -> Bool {
        let bytes = text.utf8Span.span
        let start = prefix.text.utf8Span.span
        guard bytes.count >= start.count else { return false }
        for index in 0..<start.count where bytes[index] != start[index] { return false }
        return bytes.count == start.count || bytes[start.count] == 0x2f
    }

    /// The path itself and every path above it: "a/b/c", "a/b", "a".
    package var prefixes: [ResourcePath] {
        let ends = text.utf8.indices.filter { text.utf8[$0] == 0x2f }
        return [self] + ends.reversed().map { ResourcePath(unchecked: String(text[..<$0])) }
    }

    private init(unchecked text: String) { self.text = text }

    /// FNV-1a over the bytes.
    ///
    /// It is the same in every process and on every node, so a slot is, too. Tables
    /// use the seeded `hash(into:)` instead, which an attacker cannot aim at.
    package var stableHash: UInt64 {
        let bytes = text.utf8Span.span
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        return hash ^ (hash >> 32)
    }
}

extension ResourcePath: Hashable, Comparable {
    package static func == (left: ResourcePath, right: ResourcePath) -> Bool {
        let (one, other) = (left.text.utf8Span.span, right.text.utf8Span.span)
        guard one.count == other.count else { return false }
        for index in one.indices where one[index] != other[index] { return false }
        return true
    }

    package static func < (left: ResourcePath, right: ResourcePath) -> Bool {
        let (one, other) = (left.text.utf8Span.span, right.text.utf8Span.span)
        for index in 0..<min(one.count, other.count) where one[index] != other[index] {
            return one[index] < other[index]
        }
        return one.count < other.count
    }

    package func hash(into hasher: inout Hasher) {
        let bytes = text.utf8Span.span
        hasher.combine(bytes.count)
        // Eight bytes at a time: feeding the hasher single ones showed in the profile.
        var word: UInt64 = 0
        for index in bytes.indices {
            word = word << 8 | UInt64(bytes[index])
            if index & 7 == 7 { hasher.combine(word) }
        }
        hasher.combine(word)
    }
}

extension ResourcePath: CustomStringConvertible {
    package var description: String { text }
}

/// One of the 256 parts the paths are divided into; a loop, and in a cluster a node, owns a slot.
package struct Slot: Hashable, Sendable {
    package let number: UInt8

    package static let count = 256

    @inlinable package init(number: UInt8) { self.number = number }

    package init(of path: ResourcePath) {
        number = UInt8(truncatingIfNeeded: path.stableHash)
    }
}
