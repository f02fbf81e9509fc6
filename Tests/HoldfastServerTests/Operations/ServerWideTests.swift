// `ping`, `stats` and `drain`: what concerns the whole server.

import HoldfastModel
import HoldfastWire
import Testing

struct ServerWideTests {
    @Test(arguments: Place.allCases)
    func `a ping is answered with the time`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(#"{"id":1,"op":"ping"}"#)
            #expect(shape(reply) == #"{"id":1,"ok":true,"time":"TIME"}"#)
        }
    }

    @Test(arguments: Place.allCases)
    func `stats count what is here and what happened, over all loops`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"hello","version":1,"session":{}}"#)
            let (here, there) = (path("a", onLoop: 0), path("a", onLoop: 1))
            let one = await client.ask(#"{"op":"queue","resource":"\#(here)"}"#)
            _ = await client.ask(
                #"{"op":"queue","resource":"\#(there)","notify":"none","stealable":true}"#
            )
            _ = await client.ask(#"{"op":"queue","resource":"\#(there)"}"#)
            _ = await client.ask(#"{"op":"release","ticket":"\#(one.ticket)"}"#)
            _ = await client.ask(#"{"op":"steal","resource":"\#(there)","reason":"r"}"#)
            let reply = await client.ask(#"{"id":1,"op":"stats"}"#)
            let counts =
                #""connections":1,"sessions":1,"resources":2,"held":1,"waiting":1,"granted":3,"#
                + #""released":1,"expired":0,"lost":1,"stolen":1,"requests":7,"bytesIn":"#
            #expect(shape(reply).hasPrefix(#"{"id":1,"ok":true,"uptime":"S",\#(counts)"#))
            #expect(reply.number("bytesIn") > 250)
            #expect(reply.number("bytesOut") > 500)
            #expect(reply.json.members?.count == 16)
        }
    }

    @Test(arguments: Place.allCases)
    func `a server that drains takes no new tickets but serves those it has`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a","key":"k"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let drain = await client.ask(#"{"id":1,"op":"drain","reason":"upgrade"}"#)
            #expect(drain == #"{"id":1,"ok":true,"draining":true}"#)
            for line in [
                #"{"id":2,"op":"queue","resource":"b"}"#, #"{"id":2,"op":"lock","resource":"b"}"#,
                #"{"id":2,"op":"steal","resource":"b","reason":"r"}"#,
            ] {
                #expect(
                    shape(await client.ask(line))
                        == #"{"id":2,"ok":false,"error":{"code":"draining","message":"M","retryable":true}}"#
                )
            }
            let found = await client.ask(#"{"op":"queue","resource":"a","key":"k"}"#)
            #expect(found.ticket == held.ticket)
            let mine = await client.ask(#"{"op":"queue","resource":"a","ifMine":"return"}"#)
            #expect(mine.ticket == held.ticket)
            client.post(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let lines = await client.next(2)
            #expect(lines.contains { $0.ticket == queued.ticket && $0.fence > 0 })
            #expect(
                await client.ask(#"{"op":"drain","off":true}"#) == #"{"ok":true,"draining":false}"#
            )
            #expect(await client.ask(#"{"op":"queue","resource":"b"}"#).state == "acquired")
        }
    }
    @Test(arguments: Place.allCases)
    func `who is turned away while the server is drained reads why`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            for (reason, shown) in [("moving", " (moving)"), ("", "")] {
                let field = reason.isEmpty ? "" : #","reason":"\#(reason)""#
                _ = await client.ask(#"{"op":"drain"\#(field)}"#)
                let refused = await client.ask(#"{"op":"queue","resource":"a"}"#)
                #expect(refused.code == "draining")
                #expect(refused.contains("it is being drained\(shown)\""))
            }
        }
    }
}
