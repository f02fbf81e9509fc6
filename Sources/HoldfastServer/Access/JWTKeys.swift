// The keys that tokens are checked with: one in PEM, several in a JWK set, or a secret. What a key is good for is
// decided when it is read; a token's header only has to agree.

import HoldfastModel
package import HoldfastSystem
import HoldfastWire

/// The keys of `--jwt-key`.
package struct JWTKeys: Sendable {
    private enum Key: Sendable {
        case secret([UInt8])
        case verifying(VerifyingKey)

        var algorithm: String {
            switch self {
            case .secret: "HS256"
            case .verifying(let key): key.algorithm == .rs256 ? "RS256" : "ES256"
            }
        }
    }

    private struct Entry: Sendable {
        var id: String?
        var key: Key
        /// Tells it from every other key, and is none.
        var mark: [UInt8]
    }

    private var entries: [Entry] = []
    private let cryptography: Cryptography

    /// A shorter secret could be guessed (RFC 7518 §3.2).
    static let secretBytesMin = 32

    /// Reads the content of a key file.
    package init(
        parsing text: String,
        _ cryptography: Cryptography
    ) throws(AccessFlaw) {
        self.cryptography = cryptography
        if text.contains("-----BEGIN") {
            guard !text.contains("PRIVATE KEY") else {
                throw AccessFlaw(problem: "this is a private key; the server needs the public one")
            }
            do throws(VerifyingKeyFlaw) {
                let key = try VerifyingKey(pem: text, cryptography)
                // As in a file of another system: only what is between the lines counts.
                let mark = text.utf8.filter { $0 > 0x20 }
                entries = [Entry(id: nil, key: .verifying(key), mark: cryptography.sha256(mark))]
            } catch {
                throw AccessFlaw(problem: "\(error)")
            }
        } else if let first = text.first(where: { !$0.isWhitespace }), "{[".contains(first) {
            let value = try Self.value(text)
            let keys = value["keys"]?.elements ?? [value]
            for key in keys { try take(key) }
            guard !entries.isEmpty else {
                throw AccessFlaw(problem: "no key of the set can be used: RSA, P-256 or oct")
            }
        } else {
            // What is public must never become a secret because a line of it was lost.
            guard !PublicKeyLook.isWorn(by: text) else {
                throw AccessFlaw(problem: "this is a key or a part of one, and no secret")
            }
            var secret = Array(text.utf8)
            while let last = secret.last, last == 0x0a || last == 0x0d { secret.removeLast() }
            try take(secret: secret, id: nil)
        }
    }

    /// A file that begins like JSON is JSON: as a secret everybody would know it.
    private static func value(_ text: String) throws(AccessFlaw) -> JSONValue {
        let value: JSONValue
        do throws(JSONFlaw) {
            value = try JSONValue(parsing: text)
        } catch {
            let line = text.utf8.prefix(error.offset).count { $0 == 0x0a } + 1
            throw AccessFlaw(line: line, problem: "this is no JSON")
        }
        guard let members = value.members else {
            throw AccessFlaw(problem: "this is no key and no set of keys")
        }
        if let name = members.nameThatRepeats { throw AccessFlaw(problem: "\(name) stands twice") }
        return value
    }

    /// A set may hold keys for other ends: they are passed over.
    private mutating func take(_ value: JSONValue) throws(AccessFlaw) {
        func number(_ name: String) -> [UInt8]? {
            value[name]?.string.flatMap { Base64URL.decoded(Array($0.utf8)) }
        }
        if let name = value.members?.nameThatRepeats {
            throw AccessFlaw(problem: "\(name) stands twice in a key")
        }
        guard Self.isForChecking(value) else { return }
        let id = value["kid"]?.string
        do throws(VerifyingKeyFlaw) {
            switch value["kty"]?.string {
            case "RSA"?:
                guard let n = number("n"), let e = number("e") else { throw .unreadable }
                let key = try VerifyingKey(rsaModulus: n, exponent: e, cryptography)
                let mark = cryptography.sha256(n + e)
                entries.append(Entry(id: id, key: .verifying(key), mark: mark))
            case "EC"? where value["crv"]?.string == "P-256":
                guard let x = number("x"), let y = number("y") else { throw .unreadable }
                let key = try VerifyingKey(p256X: x, y: y, cryptography)
                let mark = cryptography.sha256(x + y)
                entries.append(Entry(id: id, key: .verifying(key), mark: mark))
            case "oct"?:
                guard let secret = number("k") else { throw .unreadable }
                return try take(secretOfSet: secret, id: id)
            default: return
            }
        } catch {
            throw AccessFlaw(problem: "the key \(id ?? "without kid"): \(error)")
        }
    }

    /// What a key says of itself (RFC 7517 §§4.2 to 4.4): one for another end or algorithm is not used for ours.
    private static func isForChecking(_ value: JSONValue) -> Bool {
        if let use = value["use"], use.string != "sig" { return false }
        if let operations = value["key_ops"] {
            guard operations.elements?.contains(where: { $0.string == "verify" }) == true else {
                return false
            }
        }
        guard let algorithm = value["alg"] else { return true }
        switch value["kty"]?.string {
        case "RSA"?: return algorithm.string == "RS256"
        case "EC"?: return algorithm.string == "ES256"
        default: return algorithm.string == "HS256"
        }
    }

    private mutating func take(
        secretOfSet secret: [UInt8],
        id: String?
    ) throws(VerifyingKeyFlaw) {
        guard secret.count >= Self.secretBytesMin else { throw .unreadable }
        entries.append(Entry(id: id, key: .secret(secret), mark: cryptography.sha256(secret)))
    }

    private mutating func take(secret: [UInt8], id: String?) throws(AccessFlaw) {
        guard secret.count >= Self.secretBytesMin else {
            throw AccessFlaw(
                problem: "a secret has at least \(Self.secretBytesMin) bytes, this one "
                    + "\(secret.count); 'openssl rand -base64 48' makes one"
            )
        }
        entries.append(Entry(id: id, key: .secret(secret), mark: cryptography.sha256(secret)))
    }

    /// Which of the keys made the signature, by its mark; nil where none did.
    func markOfKey(behind token: JSONWebToken) -> [UInt8]? {
        entries.first { isBehind(token, $0) }?.mark
    }

    func contains(mark: [UInt8]) -> Bool { entries.contains { $0.mark == mark } }

    private func isBehind(_ token: JSONWebToken, _ entry: Entry) -> Bool {
        guard token.algorithm == entry.key.algorithm else { return false }
        // With names on both sides they have to be the same.
        if let id = token.keyID, let own = entry.id, id != own { return false }
        switch entry.key {
        case .secret(let secret):
            let code = cryptography.hmacSHA256(key: secret, message: token.signed)
            return cryptography.isEqualInConstantTime(code, token.signature)
        case .verifying(let key):
            return cryptography.verifies(
                signature: token.signature,
                of: token.signed,
                by: key,
                as: key.algorithm
            )
        }
    }

    /// Whether whoever reads the file could make tokens.
    package var areSecret: Bool {
        entries.contains { if case .secret = $0.key { true } else { false } }
    }
}
