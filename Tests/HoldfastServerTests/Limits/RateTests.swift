// Rule 31's `requests_per_second`: tokens of one principal over all its connections and transports, by the clock in the
// test's hand.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Testing

@testable import HoldfastServer

struct RateTests {
    /// Ann may ask four times a second, Bob as often as the server lets anybody.
    private func server(_ change: (inout Limits) -> Void = { _ in }) throws -> VirtualServer {
        let table = try AccessTable(
            parsing: """
                {"name":"ann","token":"\(hashText(of: "ann"))","roles":["r"],"limits":{"requests_per_second":4}}
                {"name":"bob","token":"\(hashText(of: "bob"))","roles":["r"]}
                {"role":"r","rights":["lock:**","read:**"]}
                """
        )
        var limits = Limits()
        change(&limits)
        return VirtualServer(
            limits: limits,
            authority: TokenAuthority(table, owners: OwnerDirectory(), digest: plainDigest)
        )
    }

    private func hello(_ name: String, to server: VirtualServer, loop: Int = 0) -> VirtualClient {
        let client = server.connect(toLoop: loop)
        client.send(#"{"op":"hello","version":1,"token":"\#(name)"}"#)
        return client
    }

    private func isAnswered(_ lines: [String]) -> Bool {
        lines.last?.contains(#""ok":true"#) == true
    }

    /// The limit's name is in the last line.
    private func isRefused(_ lines: [String]) -> Bool {
        lines.last?.contains(#""limit":"requests_per_second""#) == true
    }

    @Test func `hello tells what a principal may ask in a second`() throws {
        let server = try server()
        for (name, rate) in [("ann", 4), ("bob", Limits.requestsPerSecondDefault)] {
            let hello = #"{"op":"hello","version":1,"token":"\#(name)"}"#
            let line = server.connect().send(hello).first
            #expect(line?.contains(#""requests_per_second":\#(rate),"#) == true)
        }
    }

    @Test func `at the limit one is answered, past it refused, and after a while answered again`()
        throws
    {
        let server = try server()
        let ann = hello("ann", to: server)
        for _ in 0..<3 { #expect(isAnswered(ann.send(#"{"op":"list","resource":"a"}"#))) }
        #expect(isRefused(ann.send(#"{"id":5,"op":"list","resource":"a"}"#)))
        server.world.advance(by: .milliseconds(250))
        #expect(isAnswered(ann.send(#"{"op":"list","resource":"a"}"#)))
        #expect(isRefused(ann.send(#"{"op":"list","resource":"a"}"#)))
    }

    @Test func `the refusal is one of the protocol, with the id and retryable`() throws {
        let server = try server()
        let ann = hello("ann", to: server)
        for _ in 0..<3 { ann.send(#"{"op":"list","resource":"a"}"#) }
        let line = ann.send(#"{"id":"x","op":"list","resource":"a"}"#)
        #expect(
            line == [
                #"{"id":"x","ok":false,"error":{"code":"limit_exceeded","message":"ann asked more than 4 times in "#
                    + #"a second","retryable":true},"limit":"requests_per_second"}"#
            ]
        )
    }

    @Test func `all connections of a principal, on all loops and over HTTP, count together`()
        async throws
    {
        let server = try server()
        let (one, two) = (hello("ann", to: server), hello("ann", to: server, loop: 1))
        #expect(isAnswered(one.send(#"{"op":"list","resource":"a"}"#)))
        #expect(isAnswered(two.send(#"{"op":"list","resource":"a"}"#)))
        #expect(isRefused(one.send(#"{"op":"list","resource":"a"}"#)))
        let web = HTTPTalker(MemoryTalker(server.connectHTTP()))
        web.post(request("GET", "/v1/resources", fields: [bearer("ann")]))
        server.world.advance(by: Pace.pause)
        let refused = try #require(await web.response())
        #expect(refused.status == 429)
        #expect(refused["Retry-After"] == "1")
        #expect(refused.json["limit"]?.string == "requests_per_second")
        let other = try await web.ask("GET", "/v1/resources", fields: [bearer("bob")])
        #expect(other.status == 200)
    }

    @Test func `what keeps and ends locks is refused last`() async throws {
        let server = try server()
        let ann = hello("ann", to: server)
        let ticket = ann.send(#"{"op":"queue","resource":"a"}"#).first?.ticket ?? ""
        for _ in 0..<2 { #expect(isAnswered(ann.send(#"{"op":"list","resource":"a"}"#))) }
        #expect(isRefused(ann.send(#"{"op":"list","resource":"a"}"#)))
        server.world.advance(by: Pace.pause)
        let renew = #"{"op":"renew","ticket":"\#(ticket)"}"#
        for _ in 0..<3 { #expect(isAnswered(ann.send(renew))) }
        #expect(isRefused(ann.send(#"{"op":"list","resource":"a"}"#)))
        server.world.advance(by: Pace.pause)
        let web = HTTPTalker(MemoryTalker(server.connectHTTP()))
        let path = "/v1/tickets/\(ticket)"
        #expect(try await web.ask("DELETE", path, fields: [bearer("ann")]).status == 200)
        web.post(request("DELETE", path, fields: [bearer("ann")]))
        server.world.advance(by: Pace.pause)
        let late = try #require(await web.response())
        #expect(late.status == 429)
        // The reserve is spent, too: nothing else is let in before that is paid back.
        #expect(late["Retry-After"] == "1")
        web.post(request("GET", "/v1/resources", fields: [bearer("ann")]))
        server.world.advance(by: Pace.pause)
        #expect(await web.response()?["Retry-After"] == "2")
    }

    @Test func `one principal's flood takes nothing from another`() throws {
        let server = try server()
        let (ann, bob) = (hello("ann", to: server), hello("bob", to: server))
        for _ in 0..<100 { ann.post(#"{"op":"list","resource":"a"}"#) }
        for _ in 0..<100 {
            #expect(isAnswered(bob.send(#"{"op":"list","resource":"a"}"#)))
        }
        server.world.advance(by: Pace.pause)
        #expect(ann.lines().filter { isRefused([$0]) }.count == 97)
    }

    @Test func `a connection that was refused is not read for a moment`() throws {
        let server = try server()
        let ann = hello("ann", to: server)
        for _ in 0..<4 { ann.send(#"{"op":"list","resource":"a"}"#) }
        ann.post(#"{"op":"ping"}"#)
        #expect(ann.lines() == [])
        server.world.advance(by: Pace.pause)
        #expect(ann.lines().count == 1)
    }

    @Test func `garbage costs as much as a request`() throws {
        let server = try server()
        let ann = hello("ann", to: server)
        for _ in 0..<3 { ann.send("{") }
        #expect(isRefused(ann.send(#"{"op":"list","resource":"a"}"#)))
    }

    @Test func `without proof of names there is no bound, unless it is set`() throws {
        let free = VirtualServer()
        let hello = #"{"op":"hello","version":1}"#
        #expect(free.connect().send(hello).first?.contains("requests_per_second") == false)
        var limits = Limits()
        limits.requestsPerSecond = 2
        let bound = VirtualServer(limits: limits)
        let client = bound.connect()
        for _ in 0..<2 {
            #expect(client.send(#"{"op":"stats"}"#).first?.contains(#""ok":true"#) == true)
        }
        #expect(isRefused(client.send(#"{"op":"stats"}"#)))
    }

    @Test(arguments: [2, 3, 4])
    func `connections of one address are bounded over TCP and HTTP together`(
        count: Int
    ) async throws {
        try await Place.sockets.with {
            $0.limits.connectionsPerAddress = 3
        } body: { house in
            let first = HTTPTalker(try await house.connectHTTP())
            #expect(try await first.ask("GET", "/healthz").status == 200)
            // One after the other: the loops accept in any order.
            var lines: [any Talker] = []
            while lines.count < min(count, 3) - 1 {
                lines.append(try await house.connect())
                #expect(await lines[lines.count - 1].ask(#"{"op":"ping"}"#).code == "ok")
            }
            guard count > 3 else { return }
            let late = try await house.connect()
            let refused = await late.next()
            #expect(refused.contains(#""limit":"connections_per_address""#))
            #expect(await late.next() == #"{"event":"goodbye","reason":"connections"}"#)
            let web = try #require(await HTTPTalker(try await house.connectHTTP()).response())
            #expect(web.status == 429 && web.json["status"]?.integer == 429)
            #expect(web.json["limit"]?.string == "connections_per_address")
            lines[0].vanish()
            try await house.until {
                guard let next = try? await house.connect() else { return false }
                return await next.ask(#"{"op":"ping"}"#).code == "ok"
            }
        }
    }
}
