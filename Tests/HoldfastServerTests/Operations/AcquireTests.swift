// `acquire`: the poll, with and without waiting.

import HoldfastModel
import HoldfastWire
import Testing

struct AcquireTests {
    @Test(arguments: Place.allCases)
    func `a queued ticket that polls is told its place`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let reply = await client.ask(#"{"id":9,"op":"acquire","ticket":"\#(queued.ticket)"}"#)
            #expect(
                shape(reply)
                    == #"{"id":9,"ok":true,"acquired":false,"state":"queued","position":1,"queueLength":1,"message":"M"}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `a holder that polls is told its fence again`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let reply = await client.ask(
                #"{"id":9,"op":"acquire","ticket":"\#(held.ticket)","resource":"a"}"#
            )
            #expect(
                shape(reply)
                    == #"{"id":9,"ok":true,"acquired":true,"state":"acquired","fence":"F","lease":30,"remaining":"S"}"#
            )
            #expect(reply.fence == held.fence)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 13: an acquire that waits is answered with the grant and how long it waited`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (holder, client) = (try await house.connect(), try await house.connect())
            let held = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            client.post(#"{"id":1,"op":"acquire","ticket":"\#(queued.ticket)","wait":20}"#)
            #expect(await client.linesUntilSeen(at: "a") == [])
            _ = await holder.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let reply = await client.next()
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":true,"acquired":true,"state":"acquired","fence":"F","lease":30,"remaining":"S","waited":"S"}"#
            )
            #expect(await client.linesUntilPong() == [])
        }
    }

    @Test(arguments: Place.allCases)
    func `an acquire whose wait is over is answered, and its ticket goes on`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            client.post(#"{"id":1,"op":"acquire","ticket":"\#(queued.ticket)","wait":0.1}"#)
            await house.pass(.milliseconds(100))
            let reply = await client.next()
            #expect(reply.json["acquired"]?.bool == false)
            #expect(reply.state == "queued")
        }
    }

    @Test(arguments: Place.allCases)
    func `an acquire of a ticket that ends while it waits is lost`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a","maxWait":0.1}"#)
            client.post(#"{"id":1,"op":"acquire","ticket":"\#(queued.ticket)","wait":20}"#)
            await house.pass(.milliseconds(100))
            let reply = await client.next()
            #expect(reply.code == "lost")
            #expect(reply.text("ended") == "timed_out")
        }
    }

    @Test(arguments: Place.allCases)
    func `an acquire of a finished ticket is lost and says how`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a","lease":0.1}"#)
            await house.pass(.milliseconds(100))
            #expect(await client.next().text("event") == "lost")
            let reply = await client.ask(#"{"id":1,"op":"acquire","ticket":"\#(held.ticket)"}"#)
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":false,"error":{"code":"lost","message":"M","retryable":false},"ended":"expired"}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 30: only the owner may poll, also where another knows the ticket`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (ann, bob) = (try await house.connect(), try await house.connect())
            _ = await ann.ask(#"{"op":"hello","version":1,"token":"ann"}"#)
            _ = await bob.ask(#"{"op":"hello","version":1,"token":"bob"}"#)
            let held = await ann.ask(#"{"op":"queue","resource":"a"}"#)
            let reply = await bob.ask(#"{"id":1,"op":"acquire","ticket":"\#(held.ticket)"}"#)
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":false,"error":{"code":"forbidden","message":"M","retryable":false}}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 20: the connection that named a ticket last hears of it`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (holder, first) = (try await house.connect(), try await house.connect())
            let second = try await house.connect()
            let held = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await first.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await second.ask(#"{"op":"acquire","ticket":"\#(queued.ticket)"}"#)
            _ = await holder.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let event = await second.next()
            #expect(
                shape(event)
                    == #"{"event":"acquired","ticket":"T","resource":"a","fence":"F","lease":30,"remaining":"S","waited":"S"}"#
            )
            #expect(await first.linesUntilPong() == [])
        }
    }

    /// The replies to the releases wait for their turn while the `acquire` is answered apart: the event of the grant,
    /// which stands behind them, must not come after it with a `waited` that counts from the queue.
    @Test(arguments: Place.allCases)
    func `rule 13: a grant that acquire shows is not told again after it`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let (here, there) = (path("a", onLoop: 0), path("b", onLoop: 1))
            for round in 0..<20 {
                let first = await client.ask(#"{"op":"queue","resource":"\#(here)"}"#)
                let other = await client.ask(#"{"op":"queue","resource":"\#(there)"}"#)
                let next = await client.ask(#"{"op":"queue","resource":"\#(here)"}"#)
                #expect(next.state == "queued", "round \(round)")
                let lines = [
                    #"{"id":1,"op":"release","ticket":"\#(other.ticket)"}"#,
                    #"{"id":2,"op":"release","ticket":"\#(first.ticket)"}"#,
                    #"{"id":3,"op":"acquire","ticket":"\#(next.ticket)","wait":1}"#,
                ]
                client.post(bytes: lines.flatMap { Array(($0 + "\n").utf8) })
                let told = await client.linesUntilSeen(at: here)
                let reply = try #require(told.firstIndex { $0.hasPrefix(#"{"id":3,"#) })
                #expect(told[reply].contains(#""acquired":true"#))
                #expect(!told[reply...].contains { $0.contains(#""event":"acquired""#) })
                _ = await client.ask(#"{"op":"release","ticket":"\#(next.ticket)"}"#)
            }
        }
    }
}
