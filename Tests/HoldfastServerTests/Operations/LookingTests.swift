// `status`, `check` and `history`: looking changes nothing.

import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Testing

struct LookingTests {
    @Test(arguments: Place.allCases)
    func `the view of a holder is complete`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let held = await client.ask(
                #"{"op":"queue","resource":"a","mode":"permit","permits":2,"of":3,"priority":4,"stealable":true,"#
                    + #""holder":"h","reason":"r","meta":{"k":"v"}}"#
            )
            _ = await client.ask(#"{"op":"renew","ticket":"\#(held.ticket)"}"#)
            let view = await client.ask(#"{"id":1,"op":"status","ticket":"\#(held.ticket)"}"#)
            #expect(
                shape(view)
                    == #"{"id":1,"ok":true,"ticket":"T","number":1,"resource":"a","state":"acquired","mode":"permit","permits":2,"of":3,"#
                    + #""owner":"anonymous","holder":"h","reason":"r","meta":{"k":"v"},"priority":4,"lease":30,"fence":"F","#
                    + #""remaining":"S","createdAt":"TIME","acquiredAt":"TIME","renewedAt":"TIME","expiresAt":"TIME","#
                    + #""stealable":true,"bind":"ticket"}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `the view of a waiter tells its place, that of a finished ticket its end`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let view = await client.ask(#"{"op":"status","ticket":"\#(queued.ticket)"}"#)
            #expect(
                shape(view)
                    == #"{"ok":true,"ticket":"T","number":2,"resource":"a","state":"queued","mode":"exclusive","owner":"anonymous","#
                    + #""priority":0,"lease":30,"position":1,"queueLength":1,"createdAt":"TIME","stealable":false,"bind":"ticket"}"#
            )
            _ = await client.ask(#"{"op":"clear","resource":"a","reason":"why"}"#)
            _ = await client.next(2)
            let finished = await client.ask(#"{"op":"status","ticket":"\#(held.ticket)"}"#)
            #expect(
                shape(finished)
                    == #"{"ok":true,"ticket":"T","number":1,"resource":"a","state":"released","ended":"cleared","mode":"exclusive","#
                    + #""owner":"anonymous","priority":0,"lease":30,"fence":"F","createdAt":"TIME","acquiredAt":"TIME","#
                    + #""endedAt":"TIME","stealable":false,"bind":"ticket","endedBy":"anonymous","endReason":"why"}"#
            )
        }
    }

    @Test func `times are of the wall clock, in milliseconds, and expiresAt is what is left`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a","lease":1.5}"#)
            await house.pass(.milliseconds(250))
            let view = await client.ask(#"{"op":"status","ticket":"\#(held.ticket)"}"#)
            #expect(view.text("createdAt") == "2026-09-21T14:13:20.000Z")
            #expect(view.text("expiresAt") == "2026-09-21T14:13:21.500Z")
            #expect(view.number("remaining") == 1.25)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 19: check knows the fence of a present holder from any other`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let first = await client.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await client.ask(#"{"op":"release","ticket":"\#(first.ticket)"}"#)
            let empty = await client.ask(
                #"{"id":1,"op":"check","resource":"a","fence":\#(first.fence)}"#
            )
            #expect(empty == #"{"id":1,"ok":true,"valid":false}"#)
            let second = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let old = await client.ask(#"{"op":"check","resource":"a","fence":\#(first.fence)}"#)
            #expect(old == #"{"ok":true,"valid":false,"fence":\#(second.fence)}"#)
            let new = await client.ask(#"{"op":"check","resource":"a","fence":\#(second.fence)}"#)
            #expect(new == #"{"ok":true,"valid":true,"fence":\#(second.fence)}"#)
            let unknown = await client.ask(#"{"op":"check","resource":"b","fence":0}"#)
            #expect(unknown == #"{"ok":true,"valid":false}"#)
        }
    }

    @Test(arguments: Place.allCases)
    func `check of a ticket tells its state and the fence of the present holder`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let one = await client.ask(#"{"id":1,"op":"check","ticket":"\#(held.ticket)"}"#)
            #expect(
                one == #"{"id":1,"ok":true,"valid":true,"fence":\#(held.fence),"state":"acquired"}"#
            )
            let two = await client.ask(#"{"op":"check","ticket":"\#(queued.ticket)"}"#)
            #expect(two == #"{"ok":true,"valid":false,"fence":\#(held.fence),"state":"queued"}"#)
            let both = await client.ask(#"{"op":"check","ticket":"\#(held.ticket)","fence":1}"#)
            #expect(both.code == "bad_request")
            let none = await client.ask(#"{"op":"check","resource":"a"}"#)
            #expect(none.text("field") == "fence")
        }
    }

    @Test(arguments: Place.allCases)
    func `the history tells what happened, newest first`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let first = await client.ask(#"{"op":"queue","resource":"a","holder":"h"}"#)
            let second = await client.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await client.ask(#"{"op":"renew","ticket":"\#(first.ticket)"}"#)
            client.post(#"{"op":"release","ticket":"\#(first.ticket)"}"#)
            _ = await client.next(2)
            client.post(#"{"op":"clear","resource":"a","reason":"end"}"#)
            _ = await client.next(2)
            let reply = await client.ask(#"{"id":1,"op":"history","resource":"a"}"#)
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":true,"history":["#
                    + #"{"at":"TIME","event":"cleared","number":2,"owner":"anonymous","by":"anonymous","fence":"F","ended":"cleared","reason":"end"},"#
                    + #"{"at":"TIME","event":"acquired","number":2,"owner":"anonymous","fence":"F"},"#
                    + #"{"at":"TIME","event":"released","number":1,"owner":"anonymous","holder":"h","fence":"F","ended":"released"},"#
                    + #"{"at":"TIME","event":"renewed","number":1,"owner":"anonymous","holder":"h","fence":"F"},"#
                    + #"{"at":"TIME","event":"queued","number":2,"owner":"anonymous"},"#
                    + #"{"at":"TIME","event":"acquired","number":1,"owner":"anonymous","holder":"h","fence":"F"}]}"#
            )
            #expect(reply.json["history"]?[3]?["fence"]?.integer == first.fence)
            #expect(reply.json["history"]?[4]?["number"]?.integer == 2)
            let short = await client.ask(#"{"op":"history","resource":"a","limit":2}"#)
            #expect(short.json["history"]?.elements?.count == 2)
            let unknown = await client.ask(#"{"op":"history","resource":"b"}"#)
            #expect(unknown == #"{"ok":true,"history":[]}"#)
            #expect(second.state == "queued")
        }
    }

    @Test func `a wall clock that jumps moves no lease and no wait`() async throws {
        try await Place.inMemory { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a","lease":10}"#)
            house.world.jumpWall(by: 86_400_000_000)
            let view = await client.ask(#"{"op":"status","ticket":"\#(held.ticket)"}"#)
            #expect(view.number("remaining") == 10)
            house.world.jumpWall(by: -10 * 86_400_000_000)
            await house.pass(.milliseconds(9_999))
            #expect(await client.linesUntilPong() == [])
            await house.pass(.milliseconds(1))
            #expect(await client.next().text("ended") == "expired")
        }
    }
}
