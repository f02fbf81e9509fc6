// How a client says who it is (RFC 9110 §11, RFC 6750, RFC 7617, RFC 6265): a bearer token, a name and a password, or
// a cookie. This only reads them; what they are worth is for the authenticator.

/// What stands in an Authorization field.
package enum Credentials: Hashable, Sendable {
    case bearer(String)
    case basic(user: String, password: String)
    /// Of another scheme, or broken.
    case unreadable
}

extension Request {
    /// Nil where the client says nothing.
    ///
    /// Two fields say nothing that can be relied on.
    package var credentials: Credentials? {
        guard let range = value(of: "authorization") else { return nil }
        guard count(of: "authorization") == 1 else { return .unreadable }
        // A script whose token is not set sends a field of nothing, or a scheme of nothing.
        guard !range.isEmpty else { return nil }
        let head = bytes.span
        var end = Int(range.start)
        while end < Int(range.end), head[end] != 0x20 { end += 1 }
        let scheme = ByteRange(Int(range.start), end)
        let rest = head.trimmed(ByteRange(end, Int(range.end)))
        if head.isWord("bearer", in: scheme) {
            return text(in: rest).map(Credentials.bearer) ?? .unreadable
        }
        guard head.isWord("basic", in: scheme), let pair = Base64.decoded(rest, in: head),
            let colon = pair.firstIndex(of: 0x3a),
            let user = String(validating: pair[..<colon], as: UTF8.self),
            let password = String(validating: pair[(colon + 1)...], as: UTF8.self)
        else { return .unreadable }
        return .basic(user: user, password: password)
    }

    /// The value of the first cookie of this name, as it came.
    package func cookie(_ name: String) -> String? {
        cookies(name).first.flatMap { text(in: $0) }
    }

    package func cookieCount(_ name: String) -> Int { cookies(name).count }

    private func cookies(_ name: String) -> [ByteRange] {
        let head = bytes.span
        let letters = name.utf8Span.span
        var found: [ByteRange] = []
        for field in fields where head.isWord("cookie", in: field.name) {
            head.forEachElement(of: field.value, separator: 0x3b) { pair in
                guard pair.count > letters.count else { return }
                let start = Int(pair.start)
                guard head[start + letters.count] == 0x3d else { return }
                for index in letters.indices where head[start + index] != letters[index] { return }
                found.append(ByteRange(start + letters.count + 1, Int(pair.end)))
            }
        }
        return found
    }
}

enum Base64 {
    /// Nil for what is no base64 with its padding.
    static func decoded(_ range: ByteRange, in bytes: Span<UInt8>) -> [UInt8]? {
        guard range.count > 0, range.count % 4 == 0 else { return nil }
        var end = Int(range.end)
        while end > Int(range.end) - 2, bytes[end - 1] == 0x3d { end -= 1 }
        var decoded: [UInt8] = []
        var (bits, bitCount): (UInt32, Int) = (0, 0)
        for index in Int(range.start)..<end {
            guard let value = value(of: bytes[index]) else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            decoded.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
        }
        return decoded
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case 0x41...0x5a: byte - 0x41
        case 0x61...0x7a: byte - 0x61 + 26
        case 0x30...0x39: byte - 0x30 + 52
        case 0x2b: 62
        case 0x2f: 63
        default: nil
        }
    }
}
