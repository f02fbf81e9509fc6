// PROTOCOL §7: the end of input looks exactly like a dead client. Everything received is still answered, then the
// server closes; a dead waiter is never granted.

import HoldfastModel
import HoldfastServer
import Testing

struct HalfCloseTests {
    @Test(arguments: Place.allCases)
    func `everything received is still answered, from every loop`(place: Place) async throws {
        try await place.with {
            $0.limits.inFlight = 4
        } body: { house in
            let client = try await house.connect()
            let lines = (0..<200).map {
                let path = path("a", onLoop: $0 % loopCount)
                return #"{"id":\#($0),"op":"list","resource":"\#(path)"}"# + "\n"
            }
            client.post(bytes: Array(lines.joined().utf8))
            client.finishWriting()
            let replies = await client.next(200)
            #expect(replies.map { $0.number("id") } == (0..<200).map(Double.init))
            #expect(await client.isOver())
        }
    }

    @Test(arguments: Place.allCases)
    func `a waiting lock without a session is cancelled and answers timed_out`(
        place: Place
    ) async throws {
        try await place.with { house in
            for loop in 0..<loopCount {
                let (holder, client) = (try await house.connect(), try await house.connect())
                let path = path("a", onLoop: loop)
                let held = await holder.ask(#"{"op":"queue","resource":"\#(path)"}"#)
                client.post(#"{"id":1,"op":"lock","resource":"\#(path)"}"#)
                let queued = await client.next()
                client.finishWriting()
                let reply = await client.next()
                #expect(reply.number("id") == 1)
                #expect(reply.code == "timed_out")
                #expect(await client.isOver())
                let view = await holder.ask(#"{"op":"status","ticket":"\#(queued.ticket)"}"#)
                #expect(view.text("ended") == "cancelled")
                let list = await holder.ask(#"{"op":"list","resource":"\#(path)"}"#)
                #expect(list.number("queueLength") == 0)
                #expect(list.fence == held.fence)
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `a lock sent in one breath with the end of input is not granted later`(
        place: Place
    ) async throws {
        try await place.with { house in
            for loop in 0..<loopCount {
                let (holder, client) = (try await house.connect(), try await house.connect())
                let path = path("a", onLoop: loop)
                _ = await holder.ask(#"{"op":"queue","resource":"\#(path)"}"#)
                client.post(#"{"id":1,"op":"lock","resource":"\#(path)","notify":"none"}"#)
                client.finishWriting()
                #expect(await client.next().code == "timed_out")
                #expect(await client.isOver())
                let list = await holder.ask(#"{"op":"list","resource":"\#(path)"}"#)
                #expect(list.number("queueLength") == 0)
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `a free lock sent in one breath with the end of input is granted and answered`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            client.post(#"{"id":1,"op":"lock","resource":"a"}"#)
            client.finishWriting()
            #expect(await client.next().state == "acquired")
            #expect(await client.isOver())
        }
    }

    @Test(arguments: Place.allCases)
    func `a waiting lock of a session stays queued for the grace`(place: Place) async throws {
        try await place.with { house in
            let (holder, client) = (try await house.connect(), try await house.connect())
            _ = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await client.ask(#"{"op":"hello","version":1,"session":{"grace":0.2}}"#)
            client.post(#"{"id":1,"op":"lock","resource":"a","notify":"none"}"#)
            client.finishWriting()
            #expect(await client.next().code == "timed_out")
            #expect(await client.isOver())
            let list = await holder.ask(#"{"op":"list","resource":"a"}"#)
            #expect(list.number("queueLength") == 1)
            await house.pass(.milliseconds(200))
            try await house.until {
                await holder.ask(#"{"op":"list","resource":"a"}"#).number("queueLength") == 0
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `a waiting acquire answers with the present state, and its ticket goes on`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (holder, client) = (try await house.connect(), try await house.connect())
            _ = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            client.post(#"{"id":1,"op":"acquire","ticket":"\#(queued.ticket)","wait":60}"#)
            client.finishWriting()
            let reply = await client.next()
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":true,"acquired":false,"state":"queued","position":1,"queueLength":1,"message":"M"}"#
            )
            #expect(await client.isOver())
            let list = await holder.ask(#"{"op":"list","resource":"a"}"#)
            #expect(list.number("queueLength") == 1)
        }
    }

    @Test(arguments: Place.allCases)
    func `a watcher that ends its input is closed`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"watch"}"#)
            client.finishWriting()
            #expect(await client.isOver())
        }
    }

    @Test(arguments: Place.allCases)
    func `who says nothing and ends its input is closed`(place: Place) async throws {
        try await place.with { house in
            let (silent, other) = (try await house.connect(), try await house.connect())
            silent.finishWriting()
            #expect(await silent.isOver())
            try await house.until {
                await other.ask(#"{"op":"stats"}"#).number("connections") == 1
            }
        }
    }
}
