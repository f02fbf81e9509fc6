// Public keys that signatures are checked with. A key has one algorithm, decided when it is read: a key that is
// too weak for it, or of a kind that none needs, is refused then and not when the first token comes.

import CSystem

/// A public key, good for one algorithm.
package final class VerifyingKey: @unchecked Sendable {
    /// What it verifies.
    package let algorithm: SignatureAlgorithm
    /// Read by any number of threads at a time; nothing changes it.
    private let key: OpaquePointer

    /// RSA keys have at least so many bits (RFC 7518 §3.3).
    package static let rsaBitsMin: Int32 = 2_048
    /// The library verifies with no longer ones.
    private static let rsaBitsMax: Int32 = 16_384

    /// From PEM: a public key, or a certificate that holds one.
    package convenience init(
        pem: String,
        _ cryptography: Cryptography
    ) throws(VerifyingKeyFlaw) {
        var pem = pem
        let key = pem.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                holdfast_key_from_pem($0.baseAddress, $0.count)
            }
        }
        guard let key else { throw .unreadable }
        try self.init(owning: key)
    }

    /// From the numbers of an RSA key in a JWK: `n` and `e`, decoded.
    package convenience init(
        rsaModulus modulus: [UInt8],
        exponent: [UInt8],
        _ cryptography: Cryptography
    ) throws(VerifyingKeyFlaw) {
        let key = holdfast_key_rsa(modulus, modulus.count, exponent, exponent.count)
        guard let key else { throw .unreadable }
        try self.init(owning: key)
    }

    /// From the point of a P-256 key in a JWK: `x` and `y`, decoded, 32 bytes each.
    package convenience init(
        p256X x: [UInt8],
        y: [UInt8],
        _ cryptography: Cryptography
    ) throws(VerifyingKeyFlaw) {
        guard x.count == 32, y.count == 32 else { throw .unreadable }
        let point = [4] + x + y
        guard let key = holdfast_key_p256(point, point.count) else { throw .unreadable }
        try self.init(owning: key)
    }

    private init(owning key: OpaquePointer) throws(VerifyingKeyFlaw) {
        self.key = key
        let bits = holdfast_key_rsa_bits(key)
        if bits > 0 {
            algorithm = .rs256
        } else if holdfast_key_is_p256(key) == 1 {
            algorithm = .es256
        } else {
            holdfast_key_free(key)
            throw .wrongKind
        }
        guard algorithm == .es256 || (Self.rsaBitsMin...Self.rsaBitsMax).contains(bits) else {
            throw .wrongLength(Int(bits))
        }
    }

    deinit { holdfast_key_free(key) }

    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        holdfast_key_verifies(key, signature, signature.count, message, message.count) == 1
    }
}

/// Why something is no key to verify with.
package enum VerifyingKeyFlaw: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable
    /// Neither RSA nor P-256.
    case wrongKind
    /// RSA with so many bits.
    case wrongLength(Int)

    package var description: String {
        switch self {
        case .unreadable:
            "no public key can be read; give a public key or a certificate in PEM, or a JWK"
        case .wrongKind: "the key is neither RSA nor of the curve P-256"
        case .wrongLength(let bits):
            "the RSA key has \(bits) bits; it needs \(VerifyingKey.rsaBitsMin) to 16384"
        }
    }
}
