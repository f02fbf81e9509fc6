// Clients that are gone from one moment to the next: a dead waiter is never granted, a dead holder keeps its lease.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import Testing

struct VanishTests {
    @Test(arguments: Place.allCases)
    func `rule 8: a waiter whose connection broke is passed over`(place: Place) async throws {
        try await place.with { house in
            for loop in 0..<loopCount {
                let path = path("a", onLoop: loop)
                let holder = try await house.connect()
                let (dead, alive) = (try await house.connect(), try await house.connect())
                let held = await holder.ask(#"{"op":"queue","resource":"\#(path)"}"#)
                dead.post(#"{"id":1,"op":"lock","resource":"\#(path)"}"#)
                let queued = await dead.next()
                alive.post(#"{"id":2,"op":"lock","resource":"\#(path)","notify":"none"}"#)
                #expect(await alive.linesUntilPong() == [])
                // A pong comes from the connection's loop; the lock may still be on its way to another.
                try await house.until {
                    await holder.ask(#"{"op":"list","resource":"\#(path)"}"#)
                        .number("queueLength") == 2
                }
                dead.vanish()
                try await house.until {
                    await holder.ask(#"{"op":"list","resource":"\#(path)"}"#)
                        .number("queueLength") == 1
                }
                _ = await holder.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
                #expect(await alive.next().state == "acquired")
                let view = await holder.ask(#"{"op":"status","ticket":"\#(queued.ticket)"}"#)
                #expect(view.text("ended") == "cancelled")
            }
        }
    }

    @Test func `a waiter that broke in the instant of the release is passed over`()
        async throws
    {
        try await Place.inMemory { house in
            for loop in 0..<loopCount {
                let path = path("a", onLoop: loop)
                let holder = try await house.connect()
                let (dead, alive) = (try await house.connect(), try await house.connect())
                let held = await holder.ask(#"{"op":"queue","resource":"\#(path)"}"#)
                dead.post(#"{"op":"lock","resource":"\#(path)"}"#)
                let queued = await dead.next()
                alive.post(#"{"op":"lock","resource":"\#(path)","notify":"none"}"#)
                #expect(await alive.linesUntilPong() == [])
                dead.vanish()
                holder.post(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
                _ = await holder.next()
                // Where the server learns of both in one turn, who lives is served in it or by the next letter.
                #expect(await alive.next().state == "acquired")
                let view = await holder.ask(#"{"op":"status","ticket":"\#(queued.ticket)"}"#)
                #expect(view.state == "released")
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `a holder without a session keeps its lease when its connection breaks`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (holder, waiter) = (try await house.connect(), try await house.connect())
            _ = await holder.ask(#"{"op":"queue","resource":"a","lease":0.3}"#)
            holder.vanish()
            try await house.until {
                await waiter.ask(#"{"op":"stats"}"#).number("connections") == 1
            }
            waiter.post(#"{"op":"lock","resource":"a","notify":"none"}"#)
            await house.pass(.milliseconds(300))
            #expect(await waiter.next().state == "acquired")
            let history = await waiter.ask(#"{"op":"history","resource":"a"}"#)
            #expect(history.contains(#""event":"expired","number":1"#))
        }
    }

    @Test(arguments: Place.allCases)
    func `a queued ticket without a wait outlives its connection until it is abandoned`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (holder, client) = (try await house.connect(), try await house.connect())
            _ = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(
                #"{"op":"queue","resource":"a","pollWithin":0.3}"#
            )
            client.vanish()
            try await house.until {
                await holder.ask(#"{"op":"stats"}"#).number("connections") == 1
            }
            await house.pass(.milliseconds(300))
            try await house.until {
                await holder.ask(#"{"op":"list","resource":"a"}"#).number("queueLength") == 0
            }
            let history = await holder.ask(#"{"op":"history","resource":"a"}"#)
            #expect(history.contains(#""event":"abandoned","number":2"#))
            #expect(queued.state == "queued")
        }
    }

    @Test func `rule 17: a grant that could not be told is taken back after pollWithin`()
        async throws
    {
        try await Place.inMemory { house in
            let (holder, client) = (try await house.connect(), try await house.connect())
            let next = try await house.connect()
            let held = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await client.ask(
                #"{"op":"queue","resource":"a","lease":3600,"lockDelay":60,"pollWithin":20}"#
            )
            client.vanish()
            next.post(#"{"op":"lock","resource":"a","notify":"none"}"#)
            await house.pass(.seconds(5))
            _ = await holder.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            await house.pass(.milliseconds(14_999))
            #expect(await next.linesUntilPong() == [])
            await house.pass(.milliseconds(1))
            // Rule 15: nothing was promised, so no lock delay.
            #expect(await next.next().state == "acquired")
        }
    }

    @Test func `a lock whose client left before it was durable is never granted`()
        async throws
    {
        let journal = HeldJournal()
        let server = VirtualServer(loopCount: 1, journal: journal)
        let (holder, client) = (server.connect(), server.connect())
        holder.send(#"{"op":"queue","resource":"a","lease":10}"#)
        journal.accept()
        _ = holder.lines()
        client.send(#"{"op":"lock","resource":"a"}"#)
        client.vanish()
        server.world.run()
        journal.accept()
        server.world.run()
        // The end of the dead waiter is a record of its own.
        journal.accept()
        let list = holder.send(#"{"op":"list","resource":"a"}"#)
        #expect(list.first?.number("queueLength") == 0)
    }

    @Test func `when everybody left and the retention passed, nothing is left`()
        async throws
    {
        try await Place.inMemory { house in
            for round in 0..<20 {
                let client = try await house.connect()
                _ = await client.ask(#"{"op":"hello","version":1,"session":{"grace":1}}"#)
                _ = await client.ask(#"{"op":"watch"}"#)
                for loop in 0..<loopCount {
                    let path = path("a", onLoop: loop)
                    client.post(
                        #"{"op":"queue","resource":"\#(path)","key":"k\#(round)","lease":5}"#,
                        #"{"op":"lock","resource":"\#(path)","bind":"ticket"}"#,
                        #"{"op":"lock","resource":"\#(path)"}"#,
                        #"{"op":"steal","resource":"\#(path)","reason":"r","force":true,"grace":2}"#
                    )
                }
                _ = await client.linesUntilPong()
                round % 2 == 0 ? client.vanish() : client.finishWriting()
            }
            await house.pass(.seconds(300))
            #expect(house.leftovers == MemoryHouse.nothing)
            let stats = await (try await house.connect()).ask(#"{"op":"stats"}"#)
            #expect(stats.number("held") == 0)
            #expect(stats.number("waiting") == 0)
            #expect(stats.number("resources") == 0)
            #expect(stats.number("sessions") == 0)
            #expect(stats.number("connections") == 1)
        }
    }
}
