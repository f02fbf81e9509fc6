// A JSON Web Token as it comes (RFC 7519, compact form of RFC 7515): three parts of base64url between dots, of which
// the first says how the last was made. Here it is only taken apart; nothing in it is believed until the signature is.

package import HoldfastModel

/// A token that others signed, taken apart.
package struct JSONWebToken: Sendable {
    /// As the header says; never what a key is used for.
    package var algorithm: String
    package var keyID: String?
    /// What was signed.
    package var signed: [UInt8]
    package var signature: [UInt8]
    package var claims: JSONValue

    package static let bytesMax = 16_384

    /// Nil for what is no token, or one that asks for what we do not know (RFC 7515 §4.1.11).
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.bytesMax else { return nil }
        let parts = bytes.split(separator: 0x2e, omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decoded(parts[0]).flatMap(Self.object),
            let claims = Base64URL.decoded(parts[1]).flatMap(Self.object),
            let signature = Base64URL.decoded(parts[2]), let algorithm = header["alg"]?.string,
            header["crit"] == nil, header["zip"] == nil
        else { return nil }
        let id = header["kid"]
        guard id == nil || id?.string != nil else { return nil }
        self.algorithm = algorithm
        keyID = id?.string
        self.claims = claims
        self.signature = signature
        signed = Array(bytes[..<(parts[0].count + 1 + parts[1].count)])
    }

    /// A name that stands twice in it would be read one way by us and another way by somebody else.
    private static func object(_ bytes: [UInt8]) -> JSONValue? {
        guard let value = try? JSONValue(parsing: bytes.span), let members = value.members,
            Set(members.map { Array($0.name.utf8) }).count == members.count
        else { return nil }
        return value
    }
}

extension Base64URL {
    /// Without padding; nil for any other letter, a length that none has, and bits left over.
    package static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        var (bits, count): (UInt32, Int) = (0, 0)
        for character in text {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bits & ((1 << UInt32(count)) - 1) == 0 ? bytes : nil
    }
}
