// `renew` and `release`: what a holder does with its ticket.

import HoldfastModel
import HoldfastWire
import Testing

struct RenewReleaseTests {
    @Test(arguments: Place.allCases)
    func `rule 12: a renewal tells the lease and what is left`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let reply = await client.ask(
                #"{"id":1,"op":"renew","ticket":"\#(held.ticket)","resource":"a","lease":60}"#
            )
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":true,"state":"acquired","fence":"F","lease":60,"remaining":"S"}"#
            )
            #expect(reply.number("remaining") > 50)
        }
    }

    @Test func `rule 12: a longer lease stays, a shorter one counts once and never nearer`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a","lease":10}"#)
            func renew(_ lease: String) async -> [Double] {
                let reply = await client.ask(
                    #"{"op":"renew","ticket":"\#(held.ticket)"\#(lease)}"#
                )
                return [reply.number("lease"), reply.number("remaining")]
            }
            await house.pass(.seconds(4))
            #expect(await renew(#","lease":1"#) == [10, 6])
            #expect(await renew(#","lease":20"#) == [20, 20])
            await house.pass(.seconds(15))
            #expect(await renew(#","lease":7"#) == [20, 7])
            #expect(await renew("") == [20, 20])
        }
    }

    @Test(arguments: Place.allCases)
    func `a renewal of a queued ticket is not_acquired`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let reply = await client.ask(#"{"id":1,"op":"renew","ticket":"\#(queued.ticket)"}"#)
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":false,"error":{"code":"not_acquired","message":"M","retryable":true}}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 12: there is no renewal after the end`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a","lease":0.1}"#)
            await house.pass(.milliseconds(100))
            #expect(await client.next().text("event") == "lost")
            let reply = await client.ask(#"{"op":"renew","ticket":"\#(held.ticket)"}"#)
            #expect(reply.code == "lost")
            #expect(reply.text("ended") == "expired")
        }
    }

    @Test(arguments: Place.allCases)
    func `a ticket that never was, or is of another resource, is not_found`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
            for operation in ["renew", "release", "acquire", "status", "check"] {
                let reply = await client.ask(
                    #"{"id":1,"op":"\#(operation)","ticket":"AAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#
                )
                #expect(
                    shape(reply)
                        == #"{"id":1,"ok":false,"error":{"code":"not_found","message":"M","retryable":false}}"#
                )
                let short = await client.ask(#"{"op":"\#(operation)","ticket":"nonsense"}"#)
                #expect(short.code == "not_found")
                // Rule 3: the id routes by itself, but a resource that is given must match.
                let other = await client.ask(
                    #"{"op":"\#(operation)","ticket":"\#(held.ticket)","resource":"b"}"#
                )
                #expect(other.code == "not_found")
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 24: a release succeeds, and again`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let line = #"{"id":1,"op":"release","ticket":"\#(held.ticket)","reason":"done"}"#
            #expect(
                shape(await client.ask(line))
                    == #"{"id":1,"ok":true,"ticket":"T","state":"released","ended":"released"}"#
            )
            #expect(
                shape(await client.ask(line))
                    == #"{"id":1,"ok":true,"ticket":"T","state":"released","ended":"released","already":true}"#
            )
            let view = await client.ask(#"{"op":"status","ticket":"\#(held.ticket)"}"#)
            #expect(view.text("endReason") == "done")
        }
    }

    @Test(arguments: Place.allCases)
    func `a queued ticket that is released is cancelled`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let line = #"{"op":"release","ticket":"\#(queued.ticket)"}"#
            #expect(await client.ask(line).text("ended") == "cancelled")
            #expect(await client.ask(line).json["already"]?.bool == true)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 24: a release of what was lost in another way is lost`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a","lease":0.1}"#)
            await house.pass(.milliseconds(100))
            #expect(await client.next().text("event") == "lost")
            let reply = await client.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            #expect(reply.code == "lost")
            #expect(reply.text("ended") == "expired")
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 30: an administrator may release a ticket of another, who is told`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (ann, root) = (try await house.connect(), try await house.connect())
            _ = await ann.ask(#"{"op":"hello","version":1,"token":"ann"}"#)
            _ = await root.ask(#"{"op":"hello","version":1,"token":"root"}"#)
            let held = await ann.ask(#"{"op":"queue","resource":"a"}"#)
            let reply = await root.ask(
                #"{"op":"release","ticket":"\#(held.ticket)","reason":"stuck"}"#
            )
            #expect(
                shape(reply)
                    == #"{"ok":true,"ticket":"T","state":"released","ended":"cleared"}"#
            )
            let event = await ann.next()
            #expect(
                shape(event)
                    == #"{"event":"lost","ticket":"T","resource":"a","ended":"cleared","by":"root","reason":"stuck"}"#
            )
            let renewal = await root.ask(#"{"op":"renew","ticket":"\#(held.ticket)"}"#)
            #expect(renewal.code == "forbidden")
        }
    }

    @Test func `rule 8: who waits in the middle may go without a trace`() async throws {
        try await Place.inMemory { house in
            let client = try await house.connect()
            var tickets: [String] = []
            for _ in 0..<5 {
                tickets.append(await client.ask(#"{"op":"queue","resource":"a"}"#).ticket)
            }
            _ = await client.ask(#"{"op":"release","ticket":"\#(tickets[2])"}"#)
            let last = await client.ask(#"{"op":"acquire","ticket":"\#(tickets[4])"}"#)
            #expect(last.number("position") == 3)
            #expect(last.number("queueLength") == 3)
        }
    }
}
