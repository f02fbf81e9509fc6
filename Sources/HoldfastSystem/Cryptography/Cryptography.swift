// Digests, codes and signatures, by the system's OpenSSL: none of it is written by hand. Whoever has a value of
// this type has found the library, so what follows cannot fail for want of it.

import CSystem

/// What the system's cryptographic library does for this process.
package struct Cryptography: Sendable {
    /// Finds the library, once in a process.
    package init() throws(CryptographyUnavailable) {
        if let problem = holdfast_openssl_problem() {
            throw CryptographyUnavailable(reason: String(cString: problem))
        }
    }

    /// SHA-256, 32 bytes.
    package func sha256(_ bytes: [UInt8]) -> [UInt8] {
        digest { holdfast_sha256(bytes, bytes.count, $0) }
    }

    /// HMAC with SHA-256 (RFC 2104), 32 bytes; the key may have any length.
    package func hmacSHA256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        digest { holdfast_hmac_sha256(key, key.count, message, message.count, $0) }
    }

    /// Whether both are the same; the time it takes tells nothing but their lengths.
    package func isEqualInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && holdfast_is_equal(left, right, left.count) == 1
    }

    /// Whether the signature is this key's of the message.
    ///
    /// False also where the key is not of the algorithm's kind: what a token claims about its algorithm must never
    /// decide how a key is used.
    package func verifies(
        signature: [UInt8],
        of message: [UInt8],
        by key: VerifyingKey,
        as algorithm: SignatureAlgorithm
    ) -> Bool {
        guard key.algorithm == algorithm else { return false }
        switch algorithm {
        case .rs256: return key.verifies(signature, of: message)
        case .es256:
            guard let encoded = Self.encoded(signature) else { return false }
            return key.verifies(encoded, of: message)
        }
    }

    /// What the library takes for two raw numbers of 32 bytes (RFC 7518 §3.4); nil where they are none.
    private static func encoded(_ raw: [UInt8]) -> [UInt8]? {
        guard raw.count == 64 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(HOLDFAST_DER_SIGNATURE_BYTES))
        let count = holdfast_der_signature(raw, &bytes)
        return count > 0 ? Array(bytes[..<count]) : nil
    }

    /// The library fails these only without memory, and nothing could be trusted after that.
    private func digest(_ compute: (UnsafeMutablePointer<UInt8>) -> Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(HOLDFAST_SHA256_BYTES))
        let result = bytes.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map(compute) ?? -1
        }
        precondition(result == 0, "the cryptographic library computes no digest")
        return bytes
    }
}

/// How a message was signed (RFC 7518).
package enum SignatureAlgorithm: Hashable, Sendable, CaseIterable {
    /// RSA with PKCS #1 v1.5 and SHA-256.
    case rs256
    /// ECDSA on P-256 with SHA-256; a signature is 64 bytes, r and s.
    case es256
}

/// OpenSSL is not there, or too old.
package struct CryptographyUnavailable: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the system said.
    package let reason: String

    package var description: String {
        "OpenSSL 3 is needed and was not found (\(reason)); install it, on Debian and Ubuntu with "
            + "'apt install libssl3', on Fedora and its relatives with 'dnf install openssl-libs'"
    }
}
