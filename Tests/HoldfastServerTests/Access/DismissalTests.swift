// What a reload ends of those who are here: whoever lost its name, its token or its key is refused at once, and nothing
// goes on for it; whoever lost a right loses that right and nothing else.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import HoldfastSystem
import HoldfastWire
import Testing

@testable import HoldfastServer

struct DismissalTests {
    /// `people` are names and their tokens.
    private func table(
        _ people: [(String, String)],
        rights: [String] = ["lock:**"]
    ) throws -> AccessTable {
        let lines = people.map {
            #"{"name":"\#($0.0)","token":"\#(hashText(of: $0.1))","roles":["r"]}"#
        }
        let texts = (rights + ["read:**"]).map { "\"\($0)\"" }.joined(separator: ",")
        let role = #"{"role":"r","rights":[\#(texts)]}"#
        return try AccessTable(parsing: (lines + [role]).joined(separator: "\n"))
    }

    private func authority(_ table: AccessTable) -> TokenAuthority {
        TokenAuthority(table, owners: OwnerDirectory(), digest: plainDigest)
    }

    private func greeted(_ server: VirtualServer, _ token: String) -> VirtualClient {
        let client = server.connect()
        let hello = #"{"op":"hello","version":1,"token":"\#(token)","session":{}}"#
        #expect(client.send(hello).first?.contains(#""ok":true"#) == true)
        return client
    }

    @Test
    func `a token that was exchanged ends what runs by it, and nothing of its owner's next one`()
        throws
    {
        let both = [("ann", "old"), ("ann", "new"), ("bob", "bob")]
        let authority = authority(try table(both))
        let server = VirtualServer(authority: authority)
        let (old, new, bob) = (
            greeted(server, "old"), greeted(server, "new"), greeted(server, "bob")
        )
        for (client, resource) in [(old, "old"), (new, "new"), (bob, "bob")] {
            #expect(
                client.send(#"{"op":"queue","resource":"\#(resource)"}"#).last?
                    .contains("acquired") == true
            )
        }
        old.send(#"{"id":7,"op":"lock","resource":"bob","bind":"ticket","notify":"none"}"#)
        #expect(authority.exchange(for: try table(Array(both.dropFirst()))) == [])
        server.dismissRefused()
        let lines = old.lines()
        #expect(lines.contains { $0.contains(#""id":7"#) && $0.contains("unauthenticated") })
        #expect(lines.contains { $0.contains(#""event":"lost""#) })
        #expect(old.send(#"{"op":"ping"}"#).last?.contains("unauthenticated") == true)
        #expect(new.send(#"{"op":"ping"}"#).last?.contains(#""ok":true"#) == true)
        for (resource, holders, waiting) in [("old", 0, 0), ("new", 1, 0), ("bob", 1, 0)] {
            let list = bob.send(#"{"op":"list","resource":"\#(resource)"}"#).last ?? ""
            #expect(list.contains(#""holderCount":\#(holders)"#), "\(list)")
            #expect(list.contains(#""queueLength":\#(waiting)"#), "\(list)")
        }
    }

    /// Who is still in the file, and what its role may do then; which of three waits go on.
    @Test(arguments: [
        (["bob"], ["lock:**", "steal:**"], [0, 0, 0]),
        (["ann", "bob"], ["lock:elsewhere/**", "steal:**"], [0, 0, 0]),
        (["ann", "bob"], ["lock:**"], [1, 0, 1]),
        (["ann", "bob"], ["lock:**", "steal:**"], [1, 0, 1]),
    ])
    func `nobody is granted what was taken away while it waited`(
        people: [String],
        rights: [String],
        waiting: [Int]
    ) throws {
        func table(_ people: [String], _ rights: [String]) throws -> AccessTable {
            try self.table(people.map { ($0, $0) }, rights: rights)
        }
        let authority = authority(try table(["ann", "bob"], ["lock:**", "steal:**"]))
        let server = VirtualServer(authority: authority)
        let (ann, bob) = (greeted(server, "ann"), greeted(server, "bob"))
        for resource in ["one", "two", "three"] {
            bob.send(#"{"op":"queue","resource":"\#(resource)","lease":3600,"stealable":true}"#)
        }
        let unbound = #""bind":"ticket","lease":3600,"pollWithin":3600"#
        ann.send(#"{"op":"queue","resource":"one",\#(unbound)}"#)
        let steal = #"{"op":"steal","resource":"two","grace":5,"reason":"mine",\#(unbound)}"#
        let answer = ann.send(steal).last ?? ""
        #expect(answer.contains(#""state":"queued""#), "\(answer)")
        ann.send(#"{"id":7,"op":"lock","resource":"three","notify":"none",\#(unbound)}"#)
        _ = bob.lines()
        let gone = authority.exchange(for: try table(people, rights))
        server.dismissRefused(gone: gone)
        let isRefused = ann.lines().contains { line in
            line.contains(#""id":7"#) && line.contains(#""ok":false"#)
        }
        #expect(isRefused == (waiting[2] == 0))
        // The thief is patient where it may still steal.
        let maySteal = people.contains("ann") && rights.contains("steal:**") && waiting[0] == 1
        server.world.advance(by: .seconds(60))
        let isKept = bob.lines().contains { $0.contains(#""event":"kept""#) }
        #expect(isKept == !maySteal)
        for (resource, count) in zip(["one", "two", "three"], waiting) {
            let list = bob.send(#"{"op":"list","resource":"\#(resource)"}"#).last ?? ""
            let holder = resource == "two" && maySteal ? "ann" : "bob"
            #expect(list.contains(#""holderCount":1"#), "\(list)")
            #expect(list.contains(#""queueLength":\#(count)"#), "\(list)")
            #expect(list.contains(#""owner":"\#(holder)""#), "\(list)")
        }
    }

    @Test func `limits that the file changed hold on connections that are open`() throws {
        func table(_ priority: Int, _ tickets: Int) throws -> AccessTable {
            try AccessTable(
                parsing: """
                    {"name":"ann","token":"\(hashText(of: "a"))","roles":["r"],"limits":{"tickets_per_principal":\(tickets)}}
                    {"role":"r","rights":["lock:**","read:**"],"maxPriority":\(priority)}
                    """
            )
        }
        let authority = authority(try table(9, 5))
        let server = VirtualServer(authority: authority)
        let ann = greeted(server, "a")
        let urgent = #"{"op":"queue","resource":"x","priority":9}"#
        #expect(ann.send(urgent).last?.contains("acquired") == true)
        _ = authority.exchange(for: try table(1, 2))
        server.dismissRefused()
        #expect(ann.send(urgent).last?.contains(#""code":"forbidden""#) == true)
        #expect(ann.send(#"{"op":"queue","resource":"y"}"#).last?.contains("acquired") == true)
        let third = ann.send(#"{"op":"queue","resource":"z"}"#).last ?? ""
        #expect(third.contains(#""code":"limit_exceeded""#), "\(third)")
    }

    @Test func `nothing is shown any more to a watcher that was taken off the list`() throws {
        let authority = authority(try table([("ann", "a"), ("bob", "b")]))
        let server = VirtualServer(authority: authority)
        let (ann, bob) = (greeted(server, "a"), greeted(server, "b"))
        ann.send(#"{"op":"watch"}"#)
        bob.send(#"{"op":"queue","resource":"x"}"#)
        #expect(ann.lines().count == 1)
        _ = authority.exchange(for: try table([("bob", "b")]))
        bob.send(#"{"op":"queue","resource":"y"}"#)
        #expect(ann.lines() == [])
    }

    @Test func `a name that comes back binds nothing to its session that is over`() throws {
        let authority = authority(try table([("ann", "a"), ("bob", "b")]))
        let server = VirtualServer(authority: authority)
        let (ann, bob) = (greeted(server, "a"), greeted(server, "b"))
        _ = authority.exchange(for: try table([("bob", "b")]))
        server.dismissRefused(gone: ["ann"])
        _ = authority.exchange(for: try table([("ann", "a"), ("bob", "b")]))
        for operation in ["queue", "lock"] {
            let line = #"{"op":"\#(operation)","resource":"x"}"#
            #expect(ann.send(line).last?.contains(#""code":"not_found""#) == true)
        }
        let free = #"{"op":"queue","resource":"x","bind":"ticket"}"#
        #expect(ann.send(free).last?.contains("acquired") == true)
        let list = bob.send(#"{"op":"list","resource":"x"}"#).last ?? ""
        #expect(list.contains(#""holderCount":1,"queue":[],"queueLength":0"#), "\(list)")
    }

    @Test func `over HTTP its waits and streams are over`() throws {
        let authority = authority(try table([("ann", "a"), ("bob", "b")]))
        let server = VirtualServer(authority: authority)
        let bob = greeted(server, "b")
        bob.send(#"{"op":"queue","resource":"x"}"#)
        let body = #"{"resource":"x"}"#
        let requests = [
            "POST /v1/locks?wait=60 HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n",
            "GET /v1/events HTTP/1.1\r\n",
        ]
        let clients = requests.map { request in
            let client = server.connectHTTP()
            let fields =
                "Host: x\r\nAuthorization: Bearer a\r\nContent-Type: application/json\r\n\r\n"
            client.post(
                bytes: Array((request + fields + (request.hasPrefix("POST") ? body : "")).utf8)
            )
            server.world.run()
            return client
        }
        #expect(
            bob.send(#"{"op":"list","resource":"x"}"#).last?.contains(#""queueLength":1"#) == true
        )
        _ = clients.map { $0.bytes() }
        _ = authority.exchange(for: try table([("bob", "b")]))
        server.dismissRefused(gone: ["ann"])
        for client in clients { #expect(client.bytes() == [] && client.isAtEnd) }
        // Nothing of them stays: else the places of others would go, and a stop would wait for them.
        let stats = bob.send(#"{"op":"stats"}"#).last ?? ""
        #expect(stats.contains(#""connections":1,"#), "\(stats)")
        #expect(
            bob.send(#"{"op":"list","resource":"x"}"#).last?.contains(#""queueLength":0"#) == true
        )
    }

    @Test func `a right that was taken away is gone at once, and the session stays`() throws {
        let authority = authority(try table([("ann", "a")]))
        let server = VirtualServer(authority: authority)
        let ann = greeted(server, "a")
        ann.send(#"{"op":"queue","resource":"x"}"#)
        _ = authority.exchange(for: try table([("ann", "a")], rights: ["lock:y"]))
        server.dismissRefused()
        let refused = ann.send(#"{"op":"queue","resource":"x"}"#).last ?? ""
        #expect(refused.contains(#""code":"forbidden""#))
        let list = ann.send(#"{"op":"list","resource":"x"}"#).last ?? ""
        #expect(list.contains(#""holderCount":1"#))
        #expect(ann.send(#"{"op":"queue","resource":"y"}"#).last?.contains("acquired") == true)
    }

    @Test func `a proof that is over ends waits and connections, and leaves the session its grace`()
        throws
    {
        let wall = Locked(WallTime(microseconds: 1_767_225_600_000_000))
        let roles = try AccessTable(parsing: #"{"role":"r","rights":["lock:**","read:**"]}"#)
        let authority = JWTAuthority(
            JWTSetting(),
            keys: try JWTKeys(parsing: jwtSecret, Cryptography()),
            table: roles,
            owners: OwnerDirectory(),
            clock: { wall.withLock { $0 } }
        )
        let server = VirtualServer(authority: authority)
        func token(_ name: String, for seconds: Int64) throws -> String {
            let end = server.world.reading.wall.microseconds / 1_000_000 + seconds
            return try signed(#"{"sub":"\#(name)","exp":\#(end),"roles":["r"]}"#)
        }
        wall.withLock { $0 = server.world.reading.wall }
        let (ann, bob) = (
            greeted(server, try token("ann", for: 60)),
            greeted(server, try token("bob", for: 3_600))
        )
        bob.send(#"{"op":"queue","resource":"bob","lease":3600}"#)
        ann.send(#"{"op":"queue","resource":"ann","lease":3600}"#)
        ann.send(#"{"id":7,"op":"lock","resource":"bob","bind":"ticket","notify":"none"}"#)
        // The leeway is thirty seconds.
        server.world.advance(by: .seconds(85))
        #expect(ann.lines() == [])
        let body = #"{"resource":"bob"}"#
        let fields = "Host: x\r\nAuthorization: Bearer \(try token("ann", for: -26))\r\n\r\n"
        let web = [
            "POST /v1/locks?wait=60 HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\(body)",
            "GET /v1/events HTTP/1.1\r\n\(fields)",
        ].map { request in
            let client = server.connectHTTP()
            client.post(bytes: Array(request.utf8))
            server.world.run()
            return client
        }
        server.world.advance(by: .seconds(7))
        let told = web.map { String(decoding: $0.bytes(), as: UTF8.self) }
        #expect(told[0].hasPrefix("HTTP/1.1 401 "), "\(told[0])")
        let goodbye = #"data: {"event":"goodbye","reason":"unauthenticated"}"#
        #expect(told[1].contains(goodbye) && told[1].hasSuffix("0\r\n\r\n"), "\(told[1])")
        let lines = ann.lines()
        #expect(lines.contains { $0.contains(#""id":7"#) && $0.contains("unauthenticated") })
        #expect(lines.last == #"{"event":"goodbye","reason":"unauthenticated"}"#)
        for (resource, holders) in [("ann", 1), ("bob", 1)] {
            let list = bob.send(#"{"op":"list","resource":"\#(resource)"}"#).last ?? ""
            #expect(list.contains(#""holderCount":\#(holders),"queue":[]"#), "\(list)")
        }
        server.world.advance(by: .seconds(60))
        let list = bob.send(#"{"op":"list","resource":"ann"}"#).last ?? ""
        #expect(list.contains(#""holderCount":0"#), "\(list)")
    }

    @Test func `a key that is gone takes with it whoever it vouched for`() throws {
        let roles = try AccessTable(parsing: #"{"role":"r","rights":["lock:**","read:**"]}"#)
        let (first, second) = (String(repeating: "1", count: 32), String(repeating: "2", count: 32))
        func keys(_ secrets: String...) throws -> JWTKeys {
            let keys = secrets.map { #"{"kty":"oct","k":"\#(base64URL(Array($0.utf8)))"}"# }
            let set = #"{"keys":[\#(keys.joined(separator: ","))]}"#
            return try JWTKeys(parsing: set, Cryptography())
        }
        let authority = JWTAuthority(
            JWTSetting(),
            keys: try keys(first, second),
            table: roles,
            owners: OwnerDirectory(),
            clock: { WallTime(microseconds: 1_767_225_600_000_000) }
        )
        let server = VirtualServer(authority: authority)
        let clients = try [first, second].map { secret in
            let claims = #"{"sub":"\#(secret.prefix(1))","exp":4000000000,"roles":["r"]}"#
            return greeted(server, try signed(claims, with: secret))
        }
        for (client, resource) in zip(clients, ["one", "two"]) {
            client.send(#"{"op":"queue","resource":"\#(resource)"}"#)
        }
        authority.exchange(keys: try keys(second), table: roles)
        server.dismissRefused()
        #expect(clients[0].send(#"{"op":"ping"}"#).last?.contains("unauthenticated") == true)
        for (resource, holders) in [("one", 0), ("two", 1)] {
            let list = clients[1].send(#"{"op":"list","resource":"\#(resource)"}"#).last ?? ""
            #expect(list.contains(#""holderCount":\#(holders)"#), "\(list)")
        }
    }
}
