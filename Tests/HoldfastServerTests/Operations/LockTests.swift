// `lock`: queue, then wait; its one reply comes when it is done.

import HoldfastModel
import HoldfastWire
import Testing

struct LockTests {
    @Test(arguments: Place.allCases)
    func `a lock of a free resource is answered like queue`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(#"{"id":1,"op":"lock","resource":"a","wait":3}"#)
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":true,"ticket":"T","resource":"a","state":"acquired","fence":"F","lease":30,"remaining":"S"}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `a lock that waits is told its ticket, and answered when it is granted`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (holder, waiter) = (try await house.connect(), try await house.connect())
            let held = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            waiter.post(#"{"id":"w","op":"lock","resource":"a","lease":7}"#)
            let queued = await waiter.next()
            #expect(
                shape(queued)
                    == #"{"event":"queued","request":"w","ticket":"T","resource":"a","position":1,"queueLength":1}"#
            )
            _ = await holder.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let reply = await waiter.next()
            #expect(
                shape(reply)
                    == #"{"id":"w","ok":true,"ticket":"T","resource":"a","state":"acquired","fence":"F","lease":7,"remaining":"S","waited":"S"}"#
            )
            #expect(reply.ticket == queued.ticket)
            #expect(reply.fence > held.fence)
            #expect(await waiter.linesUntilPong() == [])
        }
    }

    @Test func `rule 13: waited counts to the grant, remaining from it`() async throws {
        try await Place.inMemory { house in
            let (holder, waiter) = (try await house.connect(), try await house.connect())
            _ = await holder.ask(#"{"op":"queue","resource":"a","lease":2.5}"#)
            waiter.post(#"{"id":1,"op":"lock","resource":"a","lease":7,"notify":"none"}"#)
            await house.pass(.milliseconds(2_500))
            let reply = await waiter.next()
            #expect(reply.number("waited") == 2.5)
            #expect(reply.number("remaining") == 7)
        }
    }

    @Test(arguments: Place.allCases)
    func `a lock whose wait is over is timed_out and its ticket ended`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            client.post(#"{"id":2,"op":"lock","resource":"a","wait":0.1}"#)
            let queued = await client.next()
            await house.pass(.milliseconds(100))
            let reply = await client.next()
            #expect(reply.code == "timed_out")
            #expect(reply.json["error"]?["retryable"]?.bool == true)
            #expect(reply.number("holders") == 1)
            #expect(reply.number("queueLength") == 0)
            #expect(reply.json["holder"]?["number"]?.integer == 1)
            #expect(reply.json["holder"]?["ticket"] == nil)
            let view = await client.ask(#"{"op":"status","ticket":"\#(queued.ticket)"}"#)
            #expect(view.text("ended") == "timed_out")
        }
    }

    @Test(arguments: Place.allCases)
    func `wait 0 is maxWait 0`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"lock","resource":"a","wait":0}"#)
            let reply = await client.ask(#"{"id":2,"op":"lock","resource":"a","wait":0}"#)
            #expect(reply.code == "conflict")
            let list = await client.ask(#"{"op":"list","resource":"a"}"#)
            #expect(list.json["recent"]?.elements?.count == 0)
        }
    }

    @Test(arguments: Place.allCases)
    func `maxWait ends a waiting lock, too`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            client.post(
                #"{"id":2,"op":"lock","resource":"a","maxWait":0.1,"wait":9,"notify":"none"}"#
            )
            await house.pass(.milliseconds(100))
            let reply = await client.next()
            #expect(reply.code == "timed_out")
        }
    }

    @Test(arguments: Place.allCases)
    func `a lock whose ticket ends in another way is lost`(place: Place) async throws {
        try await place.with { house in
            let (client, admin) = (try await house.connect(), try await house.connect())
            _ = await admin.ask(#"{"op":"hello","version":1,"token":"root"}"#)
            _ = await client.ask(#"{"op":"queue","resource":"a","notify":"none"}"#)
            client.post(#"{"id":2,"op":"lock","resource":"a","notify":"none"}"#)
            #expect(await client.linesUntilSeen(at: "a") == [])
            let cleared = await admin.ask(#"{"op":"clear","resource":"a","reason":"over"}"#)
            #expect(cleared == #"{"ok":true,"cleared":2}"#)
            let reply = await client.next()
            #expect(
                shape(reply)
                    == #"{"id":2,"ok":false,"error":{"code":"lost","message":"M","retryable":false},"ended":"cleared","by":"root","endReason":"over"}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 23: a lock with the key of a finished ticket is answered at once`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let line = #"{"op":"lock","resource":"a","key":"k"}"#
            let held = await client.ask(line)
            _ = await client.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let reply = await client.ask(line)
            #expect(reply.code == "lost")
            #expect(reply.text("ended") == "released")
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 23: a second lock with the same key waits on the same ticket`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (holder, first) = (try await house.connect(), try await house.connect())
            let second = try await house.connect()
            let held = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            let line = #"{"id":1,"op":"lock","resource":"a","key":"k"}"#
            first.post(line)
            let one = await first.next()
            second.post(line)
            let other = await second.next()
            #expect(one.ticket == other.ticket)
            _ = await holder.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let (reply, again) = (await first.next(), await second.next())
            #expect(reply.state == "acquired")
            #expect(reply.fence == again.fence)
            #expect(again.json["existing"]?.bool == true)
        }
    }

    @Test(arguments: Place.allCases)
    func `several locks of one connection wait at once and are answered as they are done`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (holder, waiter) = (try await house.connect(), try await house.connect())
            let (here, there) = (path("a", onLoop: 0), path("b", onLoop: 1))
            let one = await holder.ask(#"{"op":"queue","resource":"\#(here)"}"#)
            let two = await holder.ask(#"{"op":"queue","resource":"\#(there)"}"#)
            waiter.post(#"{"id":1,"op":"lock","resource":"\#(here)","notify":"none"}"#)
            waiter.post(#"{"id":2,"op":"lock","resource":"\#(there)","notify":"none"}"#)
            #expect(await waiter.linesUntilSeen(at: here) == [])
            #expect(await waiter.linesUntilSeen(at: there) == [])
            _ = await holder.ask(#"{"op":"release","ticket":"\#(two.ticket)"}"#)
            #expect(await waiter.next().number("id") == 2)
            _ = await holder.ask(#"{"op":"release","ticket":"\#(one.ticket)"}"#)
            #expect(await waiter.next().number("id") == 1)
        }
    }
}
