// The library against the vectors that the standards give (RFC 6234, RFC 4231).

import Testing

@testable import HoldfastSystem

struct CryptographyTests {
    @Test(arguments: [
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ("01234567", 80, "594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5"),
    ])
    func `SHA-256 is that of RFC 6234`(text: String, times: Int, digest: String) throws {
        let bytes = Array(String(repeating: text, count: times).utf8)
        #expect(try Cryptography().sha256(bytes).hexadecimal == digest)
    }

    private static let textKey = Array("Jefe".utf8)
    private static let longKey = [UInt8](repeating: 0xaa, count: 131)
    private static let longText =
        "This is a test using a larger than block-size key and a larger than block-size data. "
        + "The key needs to be hashed before being used by the HMAC algorithm."

    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            textKey, Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), [UInt8](repeating: 0xcd, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            longKey, Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            longKey, Array(longText.utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ])
    func `HMAC is that of RFC 4231`(key: [UInt8], message: [UInt8], code: String) throws {
        #expect(try Cryptography().hmacSHA256(key: key, message: message).hexadecimal == code)
    }

    @Test func `an empty key is a key and not the one before`() throws {
        let cryptography = try Cryptography()
        _ = cryptography.hmacSHA256(key: [1], message: [])
        #expect(
            cryptography.hmacSHA256(key: [], message: []).hexadecimal
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        )
    }

    @Test func `bytes are equal when all of them are`() throws {
        let cryptography = try Cryptography()
        #expect(cryptography.isEqualInConstantTime([], []))
        #expect(cryptography.isEqualInConstantTime([1, 2, 3], [1, 2, 3]))
        #expect(!cryptography.isEqualInConstantTime([1, 2, 3], [1, 2, 4]))
        #expect(!cryptography.isEqualInConstantTime([1, 2, 3], [0, 2, 3]))
        #expect(!cryptography.isEqualInConstantTime([1, 2, 3], [1, 2]))
        #expect(!cryptography.isEqualInConstantTime([], [1]))
    }

    @Test func `whoever lacks the library reads what to install`() {
        let text = "\(CryptographyUnavailable(reason: "libcrypto.so.3: cannot open"))"
        #expect(text.contains("apt install libssl3"))
        #expect(text.contains("libcrypto.so.3: cannot open"))
    }
}

extension [UInt8] {
    /// Two digits a byte.
    var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// From two digits a byte.
    init(hexadecimal text: String) {
        let digits = text.utf8.map { UInt8($0 < 0x3a ? $0 - 0x30 : $0 - 0x57) }
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// From base64url without padding (RFC 7515 §2).
    init(base64URL text: String) {
        let alphabet = [UInt8](
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
        )
        var (bits, count) = (UInt32(0), 0)
        self = []
        for byte in text.utf8 {
            bits = bits << 6 | UInt32(alphabet.firstIndex(of: byte) ?? 0)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
    }
}
