// What is public must never become a secret because a line of it was lost or its wrapping was taken off: whoever knows
// the public key could then make tokens. So a file of a secret that looks like a key of that kind is refused.

import HoldfastModel

/// Whether a text looks like what others are given to check signatures with, or like a damaged copy of it.
enum PublicKeyLook {
    private static let marks = [
        "kty", " KEY--", " CERTIFICATE--", "-BEGIN ", "-END ", "---- BEGIN", "ssh-rsa ",
        "ssh-ed25519 ", "ecdsa-sha2-",
    ]

    static func isWorn(by text: String) -> Bool {
        marks.contains(where: text.contains) || isStructure(text)
    }

    /// The base64 of a DER sequence of some length, or of one that begins with another: every public key and
    /// certificate does, and of a hundred thousand random secrets five.
    private static func isStructure(_ text: String) -> Bool {
        let letters = text.utf8.filter { $0 > 0x20 }.prefix(4)
        guard letters.count == 4 else { return false }
        let bits = letters.reduce(UInt32(0)) { $0 << 6 | UInt32(value(of: $1)) }
        let bytes = [bits >> 16 & 255, bits >> 8 & 255, bits & 255]
        return bytes[0] == 0x30 && (bytes[1] == 0x81 || bytes[1] == 0x82 || bytes[2] == 0x30)
    }

    /// In both alphabets of base64.
    private static func value(of letter: UInt8) -> UInt8 {
        switch letter {
        case 0x2b: 62
        case 0x2f: 63
        default: Base64URL.value(of: letter) ?? 0
        }
    }
}
