// Tokens that others sign: what is believed of them, and every way in which one can be wrong. The signed examples are
// those of RFC 7515, appendix A.

import HoldfastCoordinator
import HoldfastCore
import HoldfastModel
import HoldfastSystem
import Testing

@testable import HoldfastServer

/// 2026-01-01.
private let now: Int64 = 1_767_225_600

private func authority(
    _ keys: String = jwtSecret,
    at time: Int64 = now,
    _ change: (inout JWTSetting) -> Void = { _ in }
) throws -> JWTAuthority {
    var setting = JWTSetting()
    change(&setting)
    return JWTAuthority(
        setting,
        keys: try JWTKeys(parsing: keys, Cryptography()),
        table: try AccessTable(
            parsing: """
                {"role":"deployer","rights":["lock:deploy/**"]}
                {"role":"reader","rights":["read:**"]}
                """
        ),
        owners: OwnerDirectory(),
        clock: { WallTime(microseconds: time * 1_000_000) }
    )
}

private func isKnown(_ token: String, _ authority: JWTAuthority) -> Bool {
    (try? authority.principal(token: token)) != nil
}

struct JWTTests {
    @Test func `a token says who it is and which roles it has`() throws {
        let authority = try authority()
        for roles in [#"["deployer","reader","other"]"#, #""deployer reader other""#] {
            let claims = #"{"sub":"ann","exp":\#(now + 60),"roles":\#(roles),"kind":"application"}"#
            let principal = try authority.principal(token: try signed(claims))
            #expect(principal.owner.name == "ann")
            #expect(principal.kind == .application)
            #expect(principal.rightsShown == ["lock:deploy/**", "read:**"])
            let path = try #require(ResourcePath("deploy/prod"))
            #expect(authority.rights(of: principal, on: path) == [.lock, .read])
            #expect(authority.rightsOnEverything(of: principal) == .read)
            // Rule 29: nobody is heard any longer than the proof is good, and the leeway.
            #expect(authority.refusal(of: principal, at: wall(now + 89)) == nil)
            #expect(authority.refusal(of: principal, at: wall(now + 90))?.code == .unauthenticated)
        }
    }

    private func wall(_ seconds: Int64) -> WallTime { WallTime(microseconds: seconds * 1_000_000) }

    @Test(arguments: [
        (#"{"sub":"a","exp":\#(now - 29)}"#, true), (#"{"sub":"a","exp":\#(now - 30)}"#, false),
        (#"{"sub":"a"}"#, false), (#"{"sub":"a","exp":"\#(now + 9)"}"#, false),
        (#"{"sub":"a","exp":1e300}"#, false), (#"{"sub":"a","exp":-1}"#, false),
        (#"{"sub":"a","exp":\#(now + 9),"nbf":\#(now + 30)}"#, true),
        (#"{"sub":"a","exp":\#(now + 9),"nbf":\#(now + 31)}"#, false),
        (#"{"sub":"a","exp":\#(now + 9),"nbf":"x"}"#, false),
        (#"{"sub":"","exp":\#(now + 9)}"#, false), (#"{"exp":\#(now + 9)}"#, false),
        (#"{"sub":"anonymous","exp":\#(now + 9)}"#, false),
        (#"{"sub":7,"exp":\#(now + 9)}"#, false),
        // Made for somebody, and nobody said that this is us.
        (#"{"sub":"a","exp":\#(now + 9),"aud":"x"}"#, false),
        (#"{"sub":"a","sub":"b","exp":\#(now + 9)}"#, false),
    ])
    func `times and names are checked, to the second`(claims: String, isGood: Bool) throws {
        #expect(isKnown(try signed(claims), try authority()) == isGood)
    }

    @Test(arguments: [
        (#""iss":"us","aud":"locks""#, true), (#""iss":"us","aud":["x","locks"]"#, true),
        (#""iss":"them","aud":"locks""#, false), (#""aud":"locks""#, false),
        (#""iss":"us","aud":["x"]"#, false), (#""iss":"us""#, false),
        (#""iss":"us","aud":7"#, false),
    ])
    func `who made it for whom is checked where the operator says it`(
        claims: String,
        isGood: Bool
    ) throws {
        let authority = try authority { setting in
            setting.issuer = "us"
            setting.audience = "locks"
        }
        let token = try signed(#"{"sub":"a","exp":\#(now + 9),\#(claims)}"#)
        #expect(isKnown(token, authority) == isGood)
    }

    @Test(arguments: [
        #"{"alg":"none"}"#, #"{"alg":"hs256"}"#, #"{"alg":"HS512"}"#, #"{"alg":"RS256"}"#,
        #"{"alg":"HS256","crit":["exp"]}"#, #"{"alg":"HS256","zip":"DEF"}"#,
        #"{"alg":"HS256","kid":7}"#, #"{}"#, "[]",
        #"{"alg":"HS256","alg":"HS256"}"#,
    ])
    func `a header that asks for anything else is refused, though the code is right`(
        header: String
    ) throws {
        let token = try signed(#"{"sub":"a","exp":\#(now + 9)}"#, header: header)
        #expect(!isKnown(token, try authority()))
    }

    @Test func `what was changed, cut or made with another key is refused`() throws {
        let authority = try authority()
        let good = try signed(#"{"sub":"a","exp":\#(now + 9)}"#)
        #expect(isKnown(good, authority))
        let parts = good.split(separator: ".").map(String.init)
        let other = base64URL(Array(#"{"sub":"b","exp":\#(now + 9)}"#.utf8))
        let bad = [
            "\(parts[0]).\(other).\(parts[2])", "\(parts[0]).\(parts[1]).",
            "\(parts[0]).\(parts[1])", good + "=", good + ".x", " " + good,
            try signed(#"{"sub":"a","exp":\#(now + 9)}"#, with: jwtSecret + "!"),
        ]
        for token in bad { #expect(!isKnown(token, authority), "\(token)") }
        for index in good.indices where index != good.startIndex {
            #expect(!isKnown(String(good[..<index]), authority))
        }
    }

    @Test func `a public key is never taken for a secret`() throws {
        let authority = try authority(rsaKey, at: 1_300_819_000)
        let claims = #"{"sub":"a","exp":1300819380}"#
        // The classic confusion: a code made with the text of the public key.
        #expect(!isKnown(try signed(claims, with: rsaKey), authority))
    }

    @Test(arguments: [(rsaKey, rsaToken), (ecKey, ecToken)])
    func `tokens by RSA and by P-256 are known, as the RFC has them`(
        key: String,
        token: String
    ) throws {
        let authority = try authority(key, at: 1_300_819_000) { $0.nameClaim = "iss" }
        let principal = try authority.principal(token: token)
        #expect(principal.owner.name == "joe")
        #expect(!isKnown(token, try self.authorityLater(key)))
        let swapped = key == rsaKey ? ecToken : rsaToken
        #expect(!isKnown(swapped, authority))
    }

    private func authorityLater(_ key: String) throws -> JWTAuthority {
        try authority(key, at: 1_300_819_411) { $0.nameClaim = "iss" }
    }

    @Test(arguments: [#""alg":"RS256""#, #""key_ops":["verify"]"#, #""use":"sig""#])
    func `a key that is said to be for this is used`(member: String) throws {
        let key = #"\#(rsaKey.dropLast()),\#(member)}"#
        let authority = try authority(key, at: 1_300_819_000) { $0.nameClaim = "iss" }
        #expect(try authority.principal(token: rsaToken).owner.name == "joe")
    }

    @Test func `the name of a key counts where both sides have one`() throws {
        let k = base64URL(Array(jwtSecret.utf8))
        let keys = #"{"keys":[{"kty":"oct","kid":"one","k":"\#(k)"}]}"#
        let authority = try authority(keys)
        let claims = #"{"sub":"a","exp":\#(now + 9)}"#
        for (header, isGood) in [
            (#"{"alg":"HS256"}"#, true), (#"{"alg":"HS256","kid":"one"}"#, true),
            (#"{"alg":"HS256","kid":"two"}"#, false),
        ] {
            #expect(isKnown(try signed(claims, header: header), authority) == isGood)
        }
    }

    @Test(arguments: [
        "short", "", "{}", #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"AAAA"}]}"#,
        #"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#,
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        // Known to everybody, and long enough for a secret.
        String(rsaKey.dropLast()), "[" + rsaKey + "]", " \n" + rsaKey + "}",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PUBLIC KEY-----\n",
        // A public key of P-256 without its lines, one of RSA, one as SSH has it.
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\n",
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj\nNiuSfb4p4fAkd",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA a@b\n",
        // Made for other ends.
        #"{"keys":[\#(rsaKey.dropLast()),"key_ops":["encrypt"]}]}"#,
        #"{"keys":[\#(rsaKey.dropLast()),"alg":"RS512"}]}"#,
        #"{"keys":[\#(ecKey.dropLast()),"alg":"RS256"}]}"#,
        #"{"kty":"oct","k":"AAAA","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
    ])
    func `a key that is weak, private or none stops the start`(text: String) {
        #expect(throws: AccessFlaw.self) { try JWTKeys(parsing: text, Cryptography()) }
    }

    @Test func `a set that is no JSON is named with its line`() {
        #expect(throws: AccessFlaw(line: 3, problem: "this is no JSON")) {
            try JWTKeys(parsing: "{\n\"keys\":[\n{]}", Cryptography())
        }
    }
}
