// Percent-decoding, once (HTTP §2): `org%2Fapp` is one segment with a slash in it, and `%252F` is one with `%2F`. What
// is no UTF-8, has a broken escape or a NUL is nil, and the route says what that means.

extension Request {
    /// The segments of the path, as they came: "/a/b%2Fc" has two.
    ///
    /// A slash at the end leaves an empty one.
    package var segments: [ByteRange] {
        var segments: [ByteRange] = []
        guard !path.isEmpty, bytes[Int(path.start)] == 0x2f else { return segments }
        var start = Int(path.start) + 1
        for index in start...Int(path.end)
        where index == Int(path.end) || bytes[index] == 0x2f {
            segments.append(ByteRange(start, index))
            start = index + 1
        }
        return segments
    }

    /// The text that a part of the path stands for.
    package func decoded(_ range: ByteRange) -> String? {
        PercentDecoding.text(of: range, in: bytes.span, plusIsSpace: false)
    }

    /// The names and values of the query, decoded, in the order in which they came; nil where one cannot be decoded.
    package var queryItems: [QueryItem]? {
        guard let query else { return [] }
        let head = bytes.span
        var items: [QueryItem]? = []
        head.forEachElement(of: query, separator: 0x26) { pair in
            var equals = Int(pair.start)
            while equals < Int(pair.end), head[equals] != 0x3d { equals += 1 }
            let valueStart = min(equals + 1, Int(pair.end))
            let name = ByteRange(Int(pair.start), equals)
            let value = ByteRange(valueStart, Int(pair.end))
            guard let name = PercentDecoding.text(of: name, in: head, plusIsSpace: true),
                let value = PercentDecoding.text(of: value, in: head, plusIsSpace: true)
            else {
                items = nil
                return
            }
            items?.append(QueryItem(name: name, value: value))
        }
        return items
    }
}

/// A name and its value in a query.
package struct QueryItem: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

enum PercentDecoding {
    static func text(of range: ByteRange, in bytes: Span<UInt8>, plusIsSpace: Bool) -> String? {
        // Most texts stand for themselves.
        var isPlain = true
        for index in range.indices where bytes[index] == 0x25 || bytes[index] == 0x2b {
            isPlain = false
        }
        if isPlain { return bytes.text(of: range) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(range.count)
        var index = Int(range.start)
        while index < Int(range.end) {
            switch bytes[index] {
            case 0x25:
                guard index + 2 < Int(range.end), let high = bytes[index + 1].hexValue,
                    let low = bytes[index + 2].hexValue
                else { return nil }
                decoded.append(high << 4 | low)
                index += 3
            case 0x2b where plusIsSpace:
                decoded.append(0x20)
                index += 1
            default:
                decoded.append(bytes[index])
                index += 1
            }
        }
        guard !decoded.contains(0) else { return nil }
        return String(validating: decoded, as: UTF8.self)
    }
}
