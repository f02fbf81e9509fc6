// Bytes as somebody unknown may show them for a token that others signed, taken apart before anything in it is
// believed. What was taken is held to RFC 7515 in the dumbest way: three parts that read back to themselves, a header
// without what we do not know, no name twice.

import HoldfastModel
import HoldfastWire

/// A JSON Web Token up to its signature.
package struct TokenTarget: FuzzTarget {
    package let name = "token"

    package init() {}

    package func run(_ bytes: [UInt8]) throws(Finding) {
        guard let text = String(validating: bytes, as: UTF8.self),
            let token = JSONWebToken(text)
        else { return }
        try demand(bytes.count <= JSONWebToken.bytesMax, "longer than it may be")
        let parts = bytes.split(separator: 0x2e, omittingEmptySubsequences: false)
        try demand(parts.count == 3, "\(parts.count) parts")
        try demand(token.signed == Array(parts[0] + [0x2e] + parts[1]), "other bytes were signed")
        for part in parts {
            guard let decoded = Base64URL.decoded(part) else { throw Finding("no base64url") }
            try demand(TokenTarget.encoded(decoded) == Array(part), "a second spelling")
        }
        try demand(Base64URL.decoded(parts[2]) == token.signature, "another signature")
        try check(parts[0], token)
        let names = (token.claims.members ?? []).map { Array($0.name.utf8) }
        try demand(Set(names).count == names.count, "a claim stands twice")
    }

    private func check(_ part: ArraySlice<UInt8>, _ token: JSONWebToken) throws(Finding) {
        guard let bytes = Base64URL.decoded(part),
            let header = try? JSONValue(parsing: bytes.span)
        else { throw Finding("a header that is no JSON") }
        try demand(header["crit"] == nil, "a header that asks for what is unknown")
        try demand(header["zip"] == nil, "a header that says it is packed")
        try demand(header["alg"]?.string == token.algorithm, "another algorithm")
        try demand(header["kid"]?.string == token.keyID, "another key")
    }

    /// RFC 4648 §5 without padding.
    private static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var (bits, count): (UInt32, UInt32) = (0, 0)
        func character(_ bits: UInt32) -> UInt8 {
            Base64URL.character(of: UInt8(truncatingIfNeeded: bits) & 63)
        }
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(character(bits >> count))
            }
        }
        if count > 0 { text.append(character(bits << (6 - count))) }
        return text
    }
}
