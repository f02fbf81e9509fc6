// The server stops: waits are answered, everybody is told goodbye, no ticket ends (rule 27), and `run` returns.

import HoldfastCoordinator
import HoldfastModel
import HoldfastServer
import HoldfastSimulation
import Testing

struct StopTests {
    @Test(arguments: Place.allCases)
    func `a server that stops answers waits with draining and says goodbye`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (holder, client) = (try await house.connect(), try await house.connect())
            let (here, there) = (path("a", onLoop: 0), path("a", onLoop: 1))
            _ = await holder.ask(#"{"op":"queue","resource":"\#(here)"}"#)
            _ = await holder.ask(#"{"op":"queue","resource":"\#(there)"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"\#(here)"}"#)
            client.post(
                #"{"id":1,"op":"lock","resource":"\#(here)","notify":"none"}"#,
                #"{"id":2,"op":"lock","resource":"\#(there)","notify":"none"}"#,
                #"{"id":3,"op":"acquire","ticket":"\#(queued.ticket)","wait":60}"#
            )
            #expect(await client.linesUntilPong() == [])
            house.stop()
            let draining =
                #""ok":false,"error":{"code":"draining","message":"M","retryable":true}}"#
            #expect(
                await client.next(3).map(shape) == [
                    #"{"id":1,\#(draining)"#, #"{"id":2,\#(draining)"#, #"{"id":3,\#(draining)"#,
                ]
            )
            let goodbye = #"{"event":"goodbye","reason":"draining"}"#
            #expect(await client.next() == goodbye)
            #expect(await client.isOver())
            #expect(await holder.next() == goodbye)
            #expect(await holder.isOver())
        }
    }

    @Test(arguments: Place.allCases)
    func `what was asked before the stop is answered before the goodbye`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"ping"}"#)
            client.post(#"{"id":1,"op":"list","resource":"\#(path("a", onLoop: 1))"}"#)
            client.letServerRead()
            #expect(await client.next().number("id") == 1)
            house.stop()
            #expect(await client.next().text("reason") == "draining")
        }
    }

    @Test func `a wait that would be granted after the stop harms nobody`() async throws {
        try await Place.inMemory { house in
            for loop in 0..<loopCount {
                let path = path("a", onLoop: loop)
                let (holder, client) = (try await house.connect(), try await house.connect())
                _ = await holder.ask(
                    #"{"op":"queue","resource":"\#(path)","lease":0.5,"notify":"none"}"#
                )
                client.post(#"{"op":"lock","resource":"\#(path)","notify":"none"}"#)
                #expect(await client.linesUntilPong() == [])
            }
            let last = try await house.connect()
            house.stop()
            // The goodbyes were said, and nobody closed yet: leases end, and who waited is granted.
            await house.pass(.milliseconds(600))
            #expect(await last.next().text("reason") == "draining")
            await house.pass(.seconds(1))
            #expect(house.server.isOver)
        }
    }

    @Test func `run returns when everybody was told and has had a moment to read`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"ping"}"#)
            #expect(!house.server.isOver)
            house.stop()
            #expect(await client.next().text("event") == "goodbye")
            client.vanish()
            house.world.run()
            #expect(house.server.isOver)
            #expect(house.leftovers.map(\.connections) == [0, 0])
        }
    }

    @Test func `run returns after the drain timeout though somebody does not read`()
        async throws
    {
        try await Place.inMemory {
            $0.drainTimeout = .seconds(10)
        } body: { house in
            let deaf = house.server.connect(toLoop: 0, replyCapacity: 50)
            for _ in 0..<50 { deaf.post(#"{"op":"stats"}"#) }
            house.world.run()
            house.stop()
            await house.pass(.milliseconds(9_999))
            #expect(!house.server.isOver)
            await house.pass(.milliseconds(1))
            #expect(house.server.isOver)
        }
    }

    @Test func `rule 27: a stop ends no ticket`() async throws {
        try await Place.inMemory { house in
            let (holder, client) = (try await house.connect(), try await house.connect())
            _ = await holder.ask(#"{"op":"hello","version":1,"session":{"grace":0.1}}"#)
            _ = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            client.post(#"{"op":"lock","resource":"a","notify":"none"}"#)
            #expect(await client.linesUntilPong() == [])
            house.stop()
            house.world.run()
            #expect(house.leftovers.map(\.held).reduce(0, +) == 1)
            #expect(house.leftovers.map(\.waiting).reduce(0, +) == 1)
        }
    }
}
