// Keys and signatures: the examples of RFC 7515 (appendix A.2 and A.3), keys in PEM as operators have them, and keys
// that must be refused.

import Testing

@testable import HoldfastSystem

struct VerifyingKeyTests {
    private let cryptography: Cryptography

    init() throws { cryptography = try Cryptography() }

    private func rsa() throws -> VerifyingKey {
        try VerifyingKey(
            rsaModulus: [UInt8](base64URL: Samples.modulus),
            exponent: [UInt8](base64URL: "AQAB"),
            cryptography
        )
    }

    private func p256() throws -> VerifyingKey {
        try VerifyingKey(
            p256X: [UInt8](base64URL: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            y: [UInt8](base64URL: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
            cryptography
        )
    }

    // MARK: The standard's examples

    @Test func `the RS256 example of RFC 7515 verifies and nothing near it`() throws {
        let key = try rsa()
        let message = Array("eyJhbGciOiJSUzI1NiJ9.\(Samples.payload)".utf8)
        let signature = [UInt8](base64URL: Samples.rsaSignature)
        func verifies(_ signature: [UInt8], _ message: [UInt8]) -> Bool {
            cryptography.verifies(signature: signature, of: message, by: key, as: .rs256)
        }
        #expect(verifies(signature, message))
        #expect(!verifies(signature, message + [0]))
        #expect(!verifies(signature.dropLast(), message))
        #expect(!verifies([], message))
        var changed = signature
        changed[100] ^= 1
        #expect(!verifies(changed, message))
    }

    @Test func `the ES256 example of RFC 7515 verifies and nothing near it`() throws {
        let key = try p256()
        let message = Array("eyJhbGciOiJFUzI1NiJ9.\(Samples.payload)".utf8)
        let signature = [UInt8](base64URL: Samples.p256Signature)
        func verifies(_ signature: [UInt8], _ message: [UInt8]) -> Bool {
            cryptography.verifies(signature: signature, of: message, by: key, as: .es256)
        }
        #expect(verifies(signature, message))
        #expect(!verifies(signature, message + [0]))
        #expect(!verifies(signature + [0], message))
        #expect(!verifies([], message))
        #expect(!verifies(Array(signature[32...] + signature[..<32]), message))
        // Zero for both numbers was accepted by others for any message (CVE-2022-21449).
        #expect(!verifies([UInt8](repeating: 0, count: 64), message))
        #expect(!verifies([UInt8](repeating: 255, count: 64), message))
    }

    @Test func `a key verifies only what its own algorithm signed`() throws {
        let rsaMessage = Array("eyJhbGciOiJSUzI1NiJ9.\(Samples.payload)".utf8)
        #expect(
            !cryptography.verifies(
                signature: [UInt8](base64URL: Samples.rsaSignature),
                of: rsaMessage,
                by: try rsa(),
                as: .es256
            )
        )
        let message = Array("eyJhbGciOiJFUzI1NiJ9.\(Samples.payload)".utf8)
        #expect(
            !cryptography.verifies(
                signature: [UInt8](base64URL: Samples.p256Signature),
                of: message,
                by: try p256(),
                as: .rs256
            )
        )
    }

    // MARK: PEM

    @Test(arguments: [Samples.certificate, Samples.publicKey])
    func `a key is read from a certificate and from a public key`(pem: String) throws {
        let key = try VerifyingKey(pem: pem, cryptography)
        #expect(key.algorithm == .es256)
        #expect(
            cryptography.verifies(
                signature: [UInt8](hexadecimal: Samples.signature),
                of: Array("deploy/prod".utf8),
                by: key,
                as: .es256
            )
        )
    }

    // MARK: Refused

    @Test(arguments: [
        ("", VerifyingKeyFlaw.unreadable),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", .unreadable),
        (
            "-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\n"
                + "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n"
                + "-----END PUBLIC KEY-----\n", .unreadable
        ),
        (Samples.shortRSA, .wrongLength(1_024)),
        (Samples.p384, .wrongKind),
        (Samples.pss, .wrongKind),
    ])
    func `text that is no good key is refused`(pem: String, flaw: VerifyingKeyFlaw) {
        #expect(throws: flaw) { try VerifyingKey(pem: pem, cryptography) }
    }

    @Test func `numbers that are no good key are refused`() {
        let modulus = [UInt8](base64URL: Samples.modulus)
        #expect(throws: VerifyingKeyFlaw.wrongLength(2_040)) {
            try VerifyingKey(
                rsaModulus: Array(modulus.dropLast()),
                exponent: [1, 0, 1],
                cryptography
            )
        }
        #expect(throws: VerifyingKeyFlaw.self) {
            try VerifyingKey(rsaModulus: [], exponent: [1, 0, 1], cryptography)
        }
        let off = [UInt8](repeating: 7, count: 32)
        #expect(throws: VerifyingKeyFlaw.unreadable) {
            try VerifyingKey(p256X: off, y: off, cryptography)
        }
        #expect(throws: VerifyingKeyFlaw.unreadable) {
            try VerifyingKey(p256X: off + [0], y: off, cryptography)
        }
    }
}

private enum Samples {
    static let payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    static let modulus =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR"
        + "T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB"
        + "dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia"
        + "GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
    static let rsaSignature =
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9"
        + "uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB"
        + "_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq"
        + "Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    static let p256Signature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

    /// Of "deploy/prod", by the key of the next two, as r and s.
    static let signature =
        "901afb703593ef85671a031be4b906ab4aa9cc6ec8f7eed2ed6e547db0372fcf"
        + "e171f7777616ef0a08c4b420040cab959176fe6b3313e0e8be719a4b3ca372e8"
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBeTCCAR+gAwIBAgIUFOyE3YXLl7vABBPhNWLCVdKdq9UwCgYIKoZIzj0EAwIw
        ETEPMA0GA1UEAwwGc2lnbmVyMCAXDTI2MTEyNjAzMTE1MFoYDzIxMjYxMTAyMDMx
        MTUwWjARMQ8wDQYDVQQDDAZzaWduZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AAR/dcGuzpE6r0M7cGonEEv1YSZ+MLZbrUvrrRJMxHVLUhBGA5Fgh68rhSmexV82
        zzpTxehWGjhGIcbgskYNS9olo1MwUTAdBgNVHQ4EFgQUfuzSibDnQrXUEiF463oL
        DmB0KPwwHwYDVR0jBBgwFoAUfuzSibDnQrXUEiF463oLDmB0KPwwDwYDVR0TAQH/
        BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiB27HMXvdIM9MWCERSQmZKQCxwaAAnX
        VT7QSuUO6z4XyQIhAKepCofNpIwM4PEbdoOwdZSpgIPRwXaK4p51Fx/V5lrf
        -----END CERTIFICATE-----
        """
    static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf3XBrs6ROq9DO3BqJxBL9WEmfjC2
        W61L660STMR1S1IQRgORYIevK4UpnsVfNs86U8XoVho4RiHG4LJGDUvaJQ==
        -----END PUBLIC KEY-----
        """
    static let shortRSA = """
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDSLoMwVYiP/S/yXNd88vtH6/Ux
        hGJtAZVGxPjgev6/KXLD+HjgItprksknc8xK2CiWTwrQ6uCeqZ2dG6O3Z3/gRMj6
        0Ztg8+uRFpI6HKl7eXB0qUHTLIm7gwA9E22QLspCvrea6rsBGRskpfyuR1THwfmV
        ohQB7K6cfxbcbGvpvQIDAQAB
        -----END PUBLIC KEY-----
        """
    static let p384 = """
        -----BEGIN PUBLIC KEY-----
        MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE30kEiKw/7HiOE/lxuLlU1B9SyVdVuKof
        rc5SCYENmlnr2iEGdURriea4PA72xLTZusTE3i1B8SFrwRkXwO0mOGMeUouDU/Ri
        1DL3Nxd+WShAj5PbVt34lqVC8XY1dbKd
        -----END PUBLIC KEY-----
        """
    static let pss = """
        -----BEGIN PUBLIC KEY-----
        MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBALr+Dy0rBtirwwO3ZuDFv1Bs
        gsIRnuxro91ZwINZUf18SygJOej31V0fJDaq+AFhqbKXPMyP0Dcb4OX6EhFDODln
        v3FNS4bNsJlv6nPeu345A1cQVMT5KXW/x+Z7MCFCR9Hg0sE7gM2fTX/nXeGQaSs+
        bFhbTPhibf8UgB5ygrOPrlaVmdWB0+HTFPuqmjRZFMe3Ctypppd3amK+rzoot5P6
        LrxF7CZ1Hug+0V7dssSLfNHM5xT2oR//JVJ6yNg0YZi9DcHM9iITtGoz5CsieszW
        48WF3zO9T32MynQpLhvgNyNwOZutwAWfUHx3FfuSdoVyIreuPvjarOkdkSK17osC
        AwEAAQ==
        -----END PUBLIC KEY-----
        """
}
