// Who a client says it is, from its Authorization field or a cookie.

import HoldfastHTTPCodec
import Testing

@Suite struct CredentialsTests {
    @Test(arguments: [
        ("Bearer abc", Credentials?.some(.bearer("abc"))),
        ("bearer   a.b-c=", .bearer("a.b-c=")),
        ("Basic dXNlcjpwYSBzOnM=", .basic(user: "user", password: "pa s:s")),
        ("basic Og==", .basic(user: "", password: "")),
        ("Basic dXNlcg==", .unreadable),
        ("Basic dXNlcjpwYXNz=", .unreadable),
        ("Basic dXN!cjpwYXNz", .unreadable),
        ("Basic /zo=", .unreadable),
        ("Bearer", .bearer("")),
        ("Bearer ", .bearer("")),
        ("Basic", .unreadable),
        ("Digest x", .unreadable),
        ("", nil),
    ])
    func `an Authorization field is read`(field: String, expected: Credentials?) throws {
        #expect(try request("/", "Authorization: \(field)").credentials == expected)
    }

    @Test func `no field says nothing, and two say nothing certain`() throws {
        #expect(try request("/").credentials == nil)
        let two = try request("/", "Authorization: Bearer a", "Authorization: Bearer b")
        #expect(two.credentials == .unreadable)
    }

    @Test(arguments: [
        ("refreshToken=abc", "abc"),
        ("a=1; refreshToken=abc; b=2", "abc"),
        ("a=1;refreshToken=abc", "abc"),
        ("refreshToken=abc; refreshToken=def", "abc"),
        ("refreshToken=", ""),
        ("refreshToken=a=b", "a=b"),
        ("xrefreshToken=abc", nil),
        ("refreshtoken=abc", nil),
        ("refreshToken", nil),
    ])
    func `a cookie is found by its exact name`(field: String, expected: String?) throws {
        #expect(try request("/", "Cookie: \(field)").cookie("refreshToken") == expected)
    }

    @Test func `cookies may stand in several fields`() throws {
        let request = try request("/", "Cookie: a=1", "Cookie: refreshToken=2")
        #expect(request.cookie("refreshToken") == "2")
    }
}
