// What made other lock services and stores insecure, tried here under its number: the pattern of each flaw, not its
// bytes, since those were for another protocol.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Testing

@testable import HoldfastServer

struct KnownFlawTests {
    /// Ann may do everything; Bob only lock below `ci`.
    private func server(_ change: (inout Limits) -> Void = { _ in }) throws -> VirtualServer {
        let table = try AccessTable(
            parsing: """
                {"name":"ann","token":"\(hashText(of: "ann"))","roles":["all"]}
                {"name":"bob","token":"\(hashText(of: "bob"))","roles":["ci"]}
                {"role":"ci","rights":["lock:ci/**"]}
                {"role":"all","rights":["lock:**","read:**","steal:**","admin:**"]}
                """
        )
        var limits = Limits()
        change(&limits)
        return VirtualServer(
            limits: limits,
            authority: TokenAuthority(table, owners: OwnerDirectory(), digest: plainDigest)
        )
    }

    private func web(_ server: VirtualServer) -> HTTPTalker {
        HTTPTalker(MemoryTalker(server.connectHTTP()))
    }

    @Test func `CVE-2021-32675: a request of many parts takes no memory before its limit`() throws {
        let server = try server()
        let client = server.connect()
        // An array that never ends, of somebody unknown: refused at the limit of a line, not read to its end.
        client.post(bytes: Array(#"{"op":"hello","x":["#.utf8))
        for _ in 0..<40 { client.post(bytes: Array(String(repeating: "1,", count: 1_000).utf8)) }
        let lines = client.lines()
        #expect(lines.first?.contains(#""code":"line_too_long""#) == true)
        #expect(lines.last == #"{"event":"goodbye","reason":"line_too_long"}"#)
    }

    @Test func `CVE-2024-31228: a pattern of rights has no stars to try in all ways`() throws {
        for pattern in ["a*a*a*a*b", "**/a", "a/*/b", "a/***", "*a", "[a]"] {
            #expect((RightPattern("lock:" + pattern) == nil) == (pattern != "[a]"), "\(pattern)")
        }
        let deep = Array(repeating: "a", count: 250).joined(separator: "/")
        let pattern = try #require(RightPattern("lock:" + deep + "/**"))
        #expect(pattern.covers(try #require(ResourcePath(deep + "/b"))))
        #expect(!pattern.covers(try #require(ResourcePath(deep))))
    }

    @Test func `CVE-2026-33413: no operation is answered to somebody who proved nothing`()
        async throws
    {
        let server = try server()
        for kind in OperationName.allCases where kind != .hello {
            // Whoever sends nonsense hears of that first: what is asked here makes sense.
            let subject =
                kind == .check
                ? #""fence":1"# : #""ticket":"abcdefghijklmnopqrst","reason":"r","watch":1"#
            let line = #"{"op":"\#(kind)","resource":"a",\#(subject)}"#
            let answer = server.connect().send(line).first ?? ""
            #expect(answer.contains(#""code":"unauthenticated""#), "\(kind): \(answer)")
        }
        let open = ["/healthz", "/readyz", "/version", "/openapi.json"]
        for route in Router(HTTPSetting()).routes where !open.contains(route.pattern) {
            guard !route.pattern.hasPrefix("/ui"), route.pattern != "/" else { continue }
            let path = route.pattern.replacing(/\{[^}]*\}/, with: "x")
            let response = try await web(server).ask(route.method.rawValue, path, "{}")
            // Profiles answer nobody in their own way, and none with yes.
            #expect(
                (400...404).contains(response.status),
                "\(route.method) \(path): \(response.short)"
            )
            #expect(!response.body.contains(#""ticket""#))
        }
    }

    @Test func `CVE-2026-33343: what is nested in another operation needs its right as well`()
        async throws
    {
        let server = try server()
        let (ann, bob) = (server.connect(), server.connect())
        ann.send(#"{"op":"hello","version":1,"token":"ann"}"#)
        bob.send(#"{"op":"hello","version":1,"token":"bob"}"#)
        ann.send(#"{"op":"queue","resource":"prod"}"#)
        for line in [
            #"{"op":"watch"}"#, #"{"op":"watch","prefix":"ci"}"#,
            #"{"op":"steal","resource":"ci/a","reason":"r","force":true}"#,
            #"{"op":"list","resource":"ci/a"}"#,
        ] {
            let answer = bob.send(line).first
            #expect(answer?.contains(#""code":"forbidden""#) == true, "\(line)")
        }
        let shown = bob.send(#"{"op":"resources"}"#).first
        #expect(shown?.contains("prod") == false)
        // The APIs of others are translations: what they do below needs the same right.
        let lock = try await web(server).ask(
            "POST",
            "/admin/lock",
            #"{"route":"prod","id":"1"}"#,
            fields: ["Cookie: refreshToken=bob"]
        )
        #expect(lock.status == 403)
    }

    @Test func `CVE-2018-1098: a page of another origin changes nothing, with whatever credential`()
        async throws
    {
        let server = try server()
        defer { withExtendedLifetime(server) {} }
        let client = web(server)
        for fields in [["Origin: http://evil.example.com"], ["Sec-Fetch-Site: cross-site"]] {
            let response = try await client.ask(
                "POST",
                "/v1/tickets",
                #"{"resource":"a"}"#,
                fields: fields + [bearer("ann")]
            )
            #expect(response.status == 403)
        }
    }

    @Test func `CVE-2018-1099: a name that somebody points at this address is answered by nobody`()
        async throws
    {
        let server = try server()
        defer { withExtendedLifetime(server) {} }
        let client = web(server)
        client.post(
            "GET /v1/resources HTTP/1.1\r\nHost: evil.example.com\r\n\(bearer("ann"))\r\n\r\n"
        )
        #expect(await client.response()?.status == 421)
    }

    @Test
    func `CVE-2018-16886: only this connection's certificate says a name, no field of a request`()
        async throws
    {
        let server = try server()
        defer { withExtendedLifetime(server) {} }
        let client = web(server)
        for field in [
            "X-Client-CN: ann", "X-SSL-Client-S-DN: CN=ann", "X-Forwarded-Client-Cert: Subject=ann",
            "X-Forwarded-User: ann",
        ] {
            #expect(try await client.ask("GET", "/v1/resources", fields: [field]).status == 401)
        }
    }

    @Test func `CVE-2021-28235: a token stands in no answer, event, page or metric`() async throws {
        let server = try server()
        let ann = server.connect()
        var said = ann.send(#"{"op":"hello","version":1,"token":"ann-secret-9f"}"#)
        server.world.advance(by: .seconds(1))
        said += ann.lines()
        said += ann.send(#"{"op":"hello","version":1,"token":"ann"}"#)
        said += ann.send(#"{"op":"stats"}"#)
        let client = web(server)
        for path in ["/metrics", "/v1/resources", "/v1/rights", "/debug", "/openapi.json"] {
            let fields = [
                bearer("ann"), "SID: ann-secret-9f", "Cookie: refreshToken=ann-secret-9f",
            ]
            let response = try await client.ask("GET", path, fields: fields)
            said.append(response.body + response.fields.map(\.value).joined())
        }
        #expect(said.count > 6)
        #expect(!said.contains { $0.contains("secret-9f") })
    }

    @Test
    func `CVE-2020-7219: whoever says nothing has a bounded number of places, for a bounded time`()
        throws
    {
        let server = try server { $0.connections = 5 }
        let crowd = (0..<8).map { _ in server.connect() }
        let refused = crowd.filter { $0.lines().first?.contains(#""limit":"connections""#) == true }
        #expect(refused.count == 3)
        server.world.advance(by: LinePatience.length + .seconds(5))
        let ann = server.connect()
        let hello = ann.send(#"{"op":"hello","version":1,"token":"ann"}"#)
        #expect(hello.first?.contains(#""ok":true"#) == true)
    }

    @Test(arguments: ["CVE-2025-11374", "CVE-2025-11375"])
    func `CVE-2025-11374 and 11375: a length that is announced takes no memory`(
        name: String
    ) async throws {
        let server = try server()
        defer { withExtendedLifetime(server) {} }
        let client = web(server)
        let length = name == "CVE-2025-11374" ? "9999999999" : "99999999999999999999999"
        client.post(
            "POST /v1/tickets HTTP/1.1\r\nHost: x\r\n\(bearer("ann"))\r\nContent-Length: \(length)\r\n\r\n"
        )
        let status = await client.response()?.status
        #expect(status == 413 || status == 400)
    }

    @Test
    func `CVE-2021-37219: a certificate that is believed is nobody that the file does not know`()
        throws
    {
        let line = #"{"name":"ann","token":"\#(hashText(of: "ann"))","roles":[]}"#
        let authority = TokenAuthority(
            try AccessTable(parsing: line),
            owners: OwnerDirectory(),
            digest: plainDigest
        )
        let server = try authority.principal(token: nil, certified: "server-7")
        #expect(!server.isProved && server.rightsShown == [])
        #expect(authority.rightsOnEverything(of: server) == [])
    }

    @Test func `CVE-2023-44981: what is missing is no proof`() async throws {
        let server = try server()
        for token in ["", #","token":"""#, #","token":null"#] {
            let client = server.connect()
            client.post(#"{"op":"hello","version":1\#(token)}"#)
            server.world.advance(by: .seconds(1))
            _ = client.lines()
            let answer = client.send(#"{"op":"queue","resource":"a"}"#).first ?? ""
            #expect(answer.contains(#""ok":false"#), "\(token): \(answer)")
        }
        for field in [
            "Authorization: Bearer ", "Authorization: Basic Og==", "SID: ", "Cookie: refreshToken=",
        ] {
            let client = web(server)
            client.post(request("GET", "/v1/resources", fields: [field]))
            server.world.advance(by: .seconds(1))
            #expect(await client.response()?.status == 401, "\(field)")
        }
    }

    @Test func `CVE-2024-51504: what a request says of where it comes from counts nothing`()
        async throws
    {
        let server = try server()
        defer { withExtendedLifetime(server) {} }
        let client = web(server)
        for field in [
            "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1",
        ] {
            #expect(try await client.ask("GET", "/v1/resources", fields: [field]).status == 401)
        }
        #expect(PeerAddress(of: "10.0.0.7:1").isLocal == false)
    }

    @Test func `CVE-2022-3215: nothing that is asked ends a field of the answer`() async throws {
        let server = try server()
        defer { withExtendedLifetime(server) {} }
        let client = web(server)
        let path = "/v1/tickets/a%0d%0aSet-Cookie:%20x=y"
        let response = try await client.ask("GET", path, fields: [bearer("ann")])
        #expect(response["Set-Cookie"] == nil && response.status >= 400)
    }

    @Test func `CVE-2026-28980: the fields of a head are bounded in all, not one by one`()
        async throws
    {
        let server = try server()
        defer { withExtendedLifetime(server) {} }
        let client = web(server)
        let fields = (0..<101).map { "X-\($0): y" }
        #expect(try await client.ask("GET", "/healthz", fields: fields).status == 431)
    }

    @Test(arguments: ["chunked, identity", "xchunked", "identity"])
    func `GHSA-mgc4-wqv7-4pxm: a request has one end, or is refused`(coding: String) async throws {
        let server = try server()
        defer { withExtendedLifetime(server) {} }
        let client = web(server)
        client.post(
            "POST /v1/tickets HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \(coding)\r\n\r\n0\r\n\r\n"
                + "GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        let status = await client.response()?.status
        #expect(status == 400 || status == 501)
        #expect(await client.response() == nil)
    }
}
