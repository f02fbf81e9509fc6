// `steal` and `clear`: taking a lock from its holder, and what everybody is told.

import HoldfastModel
import HoldfastWire
import Testing

struct StealTests {
    @Test(arguments: Place.allCases)
    func `a free resource is simply acquired`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(#"{"id":1,"op":"steal","resource":"a","reason":"r"}"#)
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":true,"ticket":"T","resource":"a","state":"acquired","fence":"F","lease":30,"remaining":"S"}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 21: a stealable holder loses at once, and is told by whom and why`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (victim, thief) = (try await house.connect(), try await house.connect())
            _ = await thief.ask(#"{"op":"hello","version":1,"token":"ops"}"#)
            let held = await victim.ask(#"{"op":"queue","resource":"a","stealable":true}"#)
            let taken = await thief.ask(#"{"op":"steal","resource":"a","reason":"fire"}"#)
            #expect(taken.state == "acquired")
            #expect(taken.fence > held.fence)
            let event = await victim.next()
            #expect(
                shape(event)
                    == #"{"event":"lost","ticket":"T","resource":"a","ended":"stolen","by":"ops","reason":"fire"}"#
            )
            let renewal = await victim.ask(#"{"op":"renew","ticket":"\#(held.ticket)"}"#)
            #expect(
                shape(renewal)
                    == #"{"ok":false,"error":{"code":"lost","message":"M","retryable":false},"ended":"stolen","by":"ops","endReason":"fire"}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 21: who is not stealable stays, unless an administrator insists`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a","notify":"none"}"#)
            let reply = await client.ask(#"{"id":1,"op":"steal","resource":"a","reason":"r"}"#)
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":false,"error":{"code":"not_stealable","message":"M","retryable":false}}"#
            )
            let forced = await client.ask(
                #"{"op":"steal","resource":"a","reason":"r","force":true}"#
            )
            #expect(forced.state == "acquired")
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 21: a victim with a grace is told losing, and its renewals say so`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (victim, thief) = (try await house.connect(), try await house.connect())
            _ = await thief.ask(#"{"op":"hello","version":1,"token":"ops"}"#)
            let held = await victim.ask(#"{"op":"queue","resource":"a","stealable":true}"#)
            let queued = await thief.ask(
                #"{"op":"steal","resource":"a","reason":"fire","grace":20}"#
            )
            #expect(queued.state == "queued")
            #expect(queued.number("position") == 1)
            let losing = await victim.next()
            #expect(
                shape(losing)
                    == #"{"event":"losing","ticket":"T","resource":"a","grace":20,"by":"ops","reason":"fire"}"#
            )
            let renewal = await victim.ask(#"{"op":"renew","ticket":"\#(held.ticket)"}"#)
            #expect(
                shape(renewal)
                    == #"{"ok":true,"state":"acquired","fence":"F","lease":30,"remaining":"S","losing":true}"#
            )
            #expect(renewal.number("remaining") <= 20)
            _ = await victim.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let granted = await thief.next()
            #expect(granted.text("event") == "acquired")
            #expect(granted.ticket == queued.ticket)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 21: when the grace is over the stealer has it in the same step`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (victim, thief) = (try await house.connect(), try await house.connect())
            let held = await victim.ask(#"{"op":"queue","resource":"a","stealable":true}"#)
            _ = await thief.ask(#"{"op":"steal","resource":"a","reason":"r","grace":0.2}"#)
            #expect(await victim.next().text("event") == "losing")
            await house.pass(.milliseconds(200))
            let lost = await victim.next()
            #expect(lost.text("ended") == "stolen")
            #expect(lost.ticket == held.ticket)
            let granted = await thief.next()
            #expect(granted.fence > held.fence)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 21: a steal that is called off leaves its victim kept`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (victim, thief) = (try await house.connect(), try await house.connect())
            _ = await victim.ask(#"{"op":"queue","resource":"a","stealable":true}"#)
            let queued = await thief.ask(
                #"{"op":"steal","resource":"a","reason":"r","grace":20}"#
            )
            #expect(await victim.next().text("event") == "losing")
            _ = await thief.ask(#"{"op":"release","ticket":"\#(queued.ticket)"}"#)
            let kept = await victim.next()
            #expect(shape(kept) == #"{"event":"kept","ticket":"T","resource":"a"}"#)
            let list = await victim.ask(#"{"op":"list","resource":"a"}"#)
            #expect(list.number("holderCount") == 1)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 21: a steal always has a reason, and may not both wait and not wait`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let silent = await client.ask(#"{"op":"steal","resource":"a"}"#)
            #expect(silent.code == "bad_request")
            #expect(silent.text("field") == "reason")
            _ = await client.ask(#"{"op":"queue","resource":"a","stealable":true}"#)
            let reply = await client.ask(
                #"{"op":"steal","resource":"a","reason":"r","grace":5,"maxWait":0}"#
            )
            #expect(reply.code == "conflict")
            #expect(await client.linesUntilPong() == [])
            let long = await client.ask(
                #"{"op":"steal","resource":"a","reason":"r","grace":300.001}"#
            )
            #expect(long.text("field") == "grace")
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 21: a steal is in the history`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(
                #"{"op":"queue","resource":"a","stealable":true,"notify":"none"}"#
            )
            _ = await client.ask(#"{"op":"steal","resource":"a","reason":"fire"}"#)
            let reply = await client.ask(#"{"op":"history","resource":"a"}"#)
            let events = reply.json["history"]?.elements ?? []
            #expect(
                events.compactMap { $0["event"]?.string } == ["acquired", "stolen", "acquired"]
            )
            #expect(events[1]["by"]?.string == "anonymous")
            #expect(events[1]["reason"]?.string == "fire")
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 22: clear ends holders, waiters and the lock delay, and tells them all`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (ann, root) = (try await house.connect(), try await house.connect())
            _ = await root.ask(#"{"op":"hello","version":1,"token":"root"}"#)
            _ = await ann.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await ann.ask(#"{"op":"queue","resource":"a"}"#)
            let reply = await root.ask(
                #"{"id":1,"op":"clear","resource":"a","reason":"broken"}"#
            )
            #expect(reply == #"{"id":1,"ok":true,"cleared":2}"#)
            let lost =
                #"{"event":"lost","ticket":"T","resource":"a","ended":"cleared","by":"root","reason":"broken"}"#
            #expect(await ann.next(2).map(shape) == [lost, lost])
            #expect(
                await root.ask(#"{"op":"clear","resource":"b"}"#) == #"{"ok":true,"cleared":0}"#
            )
            let again = await ann.ask(#"{"op":"queue","resource":"a"}"#)
            #expect(again.state == "acquired")
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 15: steal waits for a lock delay, clear ends it`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a","lease":0.1,"lockDelay":60}"#)
            await house.pass(.milliseconds(100))
            #expect(await client.next().text("ended") == "expired")
            let stolen = await client.ask(
                #"{"op":"steal","resource":"a","reason":"r","notify":"none"}"#
            )
            #expect(stolen.state == "queued")
            #expect(await client.ask(#"{"op":"clear","resource":"a"}"#).number("cleared") == 1)
            #expect(await client.ask(#"{"op":"queue","resource":"a"}"#).state == "acquired")
        }
    }
}
