// The fields of `queue` that show later: keys, bindings, texts, delays, and what the connection is told.

import HoldfastModel
import HoldfastWire
import Testing

struct QueueFieldTests {
    @Test(arguments: Place.allCases)
    func `rule 23: a key finds the ticket in its present state`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let line = #"{"op":"queue","resource":"a","key":"k1"}"#
            let first = await client.ask(line)
            let second = await client.ask(line)
            #expect(second.ticket == first.ticket)
            #expect(second.json["existing"]?.bool == true)
            #expect(second.fence == first.fence)
            _ = await client.ask(#"{"op":"release","ticket":"\#(first.ticket)"}"#)
            let third = await client.ask(line)
            #expect(
                shape(third)
                    == #"{"ok":true,"ticket":"T","resource":"a","state":"released","lease":30,"ended":"released","existing":true}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 23: a key with another request is refused, notify does not count`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let first = await client.ask(#"{"op":"queue","resource":"a","key":"k"}"#)
            let other = await client.ask(#"{"op":"queue","resource":"a","key":"k","lease":31}"#)
            #expect(
                shape(other)
                    == #"{"ok":false,"error":{"code":"bad_request","message":"M","retryable":false},"field":"key"}"#
            )
            let same = await client.ask(
                #"{"op":"queue","resource":"a","key":"k","lease":30,"notify":"none"}"#
            )
            #expect(same.ticket == first.ticket)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 23: the key of another owner is another key`(place: Place) async throws {
        try await place.with { house in
            let (ann, bob) = (try await house.connect(), try await house.connect())
            _ = await ann.ask(#"{"op":"hello","version":1,"token":"ann"}"#)
            _ = await bob.ask(#"{"op":"hello","version":1,"token":"bob"}"#)
            let line = #"{"op":"queue","resource":"a","key":"k"}"#
            let first = await ann.ask(line)
            let second = await bob.ask(line)
            #expect(second.state == "queued")
            #expect(second.ticket != first.ticket)
        }
    }

    @Test func `rule 23: a finished ticket and its key are forgotten after a minute`() async throws
    {
        try await Place.inMemory { house in
            let client = try await house.connect()
            let line = #"{"op":"queue","resource":"a","key":"k"}"#
            let first = await client.ask(line)
            _ = await client.ask(#"{"op":"release","ticket":"\#(first.ticket)"}"#)
            await house.pass(.milliseconds(59_999))
            #expect(await client.ask(line).ticket == first.ticket)
            await house.pass(.milliseconds(2))
            let late = await client.ask(#"{"op":"status","ticket":"\#(first.ticket)"}"#)
            #expect(late.code == "not_found")
            let new = await client.ask(line)
            #expect(new.state == "acquired")
            #expect(new.ticket != first.ticket)
            #expect(new.fence > first.fence)
        }
    }

    @Test(arguments: Place.allCases)
    func `a ticket can only be bound to a session where there is one`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let bound = await client.ask(#"{"op":"queue","resource":"a","bind":"session"}"#)
            #expect(bound.code == "bad_request")
            #expect(bound.text("field") == "bind")
            let own = await client.ask(#"{"op":"queue","resource":"a","bind":"ticket"}"#)
            #expect(own.state == "acquired")
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 4: label, reason and metadata ride along`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(
                #"{"op":"queue","resource":"a","holder":"ci-7","reason":"deploy \"1\"","meta":{"b":"2","a":"ä"}}"#
            )
            let view = await client.ask(#"{"op":"status","ticket":"\#(reply.ticket)"}"#)
            #expect(view.text("holder") == "ci-7")
            #expect(view.text("reason") == "deploy \"1\"")
            #expect(view.json["meta"]?.description == #"{"a":"ä","b":"2"}"#)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 15: a lock delay keeps the resource closed after a lease ran out`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a","lease":0.1,"lockDelay":60}"#)
            await house.pass(.milliseconds(100))
            #expect(await client.next().text("ended") == "expired")
            let refused = await client.ask(#"{"op":"queue","resource":"a","maxWait":0}"#)
            #expect(
                shape(refused)
                    == #"{"ok":false,"error":{"code":"conflict","message":"M","retryable":true},"holders":0,"queueLength":0,"closedFor":"S"}"#
            )
            let list = await client.ask(#"{"op":"list","resource":"a"}"#)
            #expect(list.number("closedFor") > 50)
            let all = await client.ask(#"{"op":"resources"}"#)
            #expect(all.json["resources"]?[0]?["closedFor"] != nil)
        }
    }

    @Test func `rule 17: a waiter that is not heard is abandoned, one that polls is not`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a","lease":60}"#)
            let line = #"{"op":"queue","resource":"a","pollWithin":10}"#
            let (silent, polling) = (await client.ask(line), await client.ask(line))
            await house.pass(.seconds(9))
            let poll = await client.ask(#"{"op":"acquire","ticket":"\#(polling.ticket)"}"#)
            #expect(poll.state == "queued")
            await house.pass(.seconds(1))
            let lost = await client.next()
            #expect(lost.ticket == silent.ticket)
            #expect(lost.text("ended") == "abandoned")
            let left = await client.ask(#"{"op":"acquire","ticket":"\#(polling.ticket)"}"#)
            #expect(left.number("position") == 1)
        }
    }

    @Test func `with notify none a connection hears nothing of its ticket`() async throws {
        try await Place.inMemory { house in
            let client = try await house.connect()
            let reply = await client.ask(
                #"{"op":"queue","resource":"a","lease":0.1,"notify":"none"}"#
            )
            await house.pass(.seconds(1))
            #expect(await client.linesUntilPong() == [])
            let view = await client.ask(#"{"op":"status","ticket":"\#(reply.ticket)"}"#)
            #expect(view.text("ended") == "expired")
        }
    }

    @Test(arguments: Place.allCases)
    func `with notify position a waiter hears every step at the front`(place: Place) async throws {
        try await place.with { house in
            let (other, client) = (try await house.connect(), try await house.connect())
            _ = await other.ask(#"{"op":"queue","resource":"a"}"#)
            let second = await other.ask(#"{"op":"queue","resource":"a"}"#)
            let waiter = await client.ask(#"{"op":"queue","resource":"a","notify":"position"}"#)
            #expect(waiter.number("position") == 2)
            _ = await other.ask(#"{"op":"release","ticket":"\#(second.ticket)"}"#)
            let event = await client.next()
            #expect(
                shape(event)
                    == #"{"event":"position","ticket":"T","position":1,"queueLength":1}"#
            )
            #expect(event.ticket == waiter.ticket)
        }
    }

    @Test func `who stands far behind hears of its place once a second`() async throws {
        try await Place.inMemory { house in
            let (other, client) = (try await house.connect(), try await house.connect())
            var queued: [String] = []
            for _ in 0..<30 { queued.append(await other.ask(#"{"op":"queue","resource":"a"}"#)) }
            _ = await client.ask(#"{"op":"queue","resource":"a","notify":"position"}"#)
            for reply in queued[1...5] {
                _ = await other.ask(#"{"op":"release","ticket":"\#(reply.ticket)"}"#)
            }
            #expect(await client.linesUntilPong() == [])
            await house.pass(.seconds(1))
            let lines = await client.linesUntilPong()
            #expect(lines.map { $0.number("position") } == [25])
            await house.pass(.seconds(5))
            #expect(await client.linesUntilPong() == [])
        }
    }
}
