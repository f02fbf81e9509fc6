// Many at once, in memory and in virtual time: who is served when a crowd leaves, and what is left of it. The numbers
// are those of the goals where a debug build can bear them, else a fraction.

import HoldfastCoordinator
import HoldfastModel
import HoldfastServer
import HoldfastSimulation
import Testing

struct CrowdTests {
    private func crowdHouse(_ body: (MemoryHouse) async throws -> Void) async throws {
        try await Place.inMemory {
            // Walking the whole queue after every step would take longer than the steps.
            $0.checksInvariants = false
        } body: { house in
            try await body(house)
        }
    }

    @Test func `rule 8: three thousand waiters vanish at once, the next alive is served at once`()
        async throws
    {
        try await crowdHouse { house in
            let count = 3_000
            let holder = try await house.connect()
            let held = await holder.ask(#"{"op":"queue","resource":"a","lease":3600}"#)
            var crowd: [MemoryTalker] = []
            for number in 0..<count {
                let client = MemoryTalker(house.server.connect(toLoop: number % loopCount))
                client.post(#"{"op":"lock","resource":"a","notify":"none"}"#)
                crowd.append(client)
            }
            let next = try await house.connect()
            next.post(#"{"op":"lock","resource":"a","notify":"none"}"#)
            #expect(await next.linesUntilPong() == [])
            let list = #"{"op":"list","resource":"a","limit":1}"#
            #expect(await holder.ask(list).number("queueLength") == Double(count + 1))

            for client in crowd { client.vanish() }
            house.world.run()
            #expect(await holder.ask(list).number("queueLength") == 1)
            let before = house.world.reading.now
            _ = await holder.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let granted = await next.next()
            #expect(granted.state == "acquired")
            #expect(house.world.reading.now == before)

            _ = await next.ask(#"{"op":"release","ticket":"\#(granted.ticket)"}"#)
            next.vanish()
            holder.vanish()
            await house.pass(.seconds(61))
            #expect(house.leftovers == MemoryHouse.nothing)
        }
    }

    @Test func `rule 8: waiters that vanish in the instant of the release cost no time`()
        async throws
    {
        try await crowdHouse { house in
            let holder = try await house.connect()
            let held = await holder.ask(#"{"op":"queue","resource":"a","lease":3600}"#)
            var crowd: [MemoryTalker] = []
            for number in 0..<1_000 {
                let client = MemoryTalker(house.server.connect(toLoop: number % loopCount))
                client.post(#"{"op":"lock","resource":"a","lease":3600,"notify":"none"}"#)
                crowd.append(client)
            }
            let next = try await house.connect()
            next.post(#"{"op":"lock","resource":"a","notify":"none"}"#)
            #expect(await next.linesUntilPong() == [])
            let before = house.world.reading.now
            // The server hears of the release before it hears of their deaths.
            holder.post(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            for client in crowd { client.vanish() }
            #expect(await next.next().state == "acquired")
            #expect(house.world.reading.now == before)
        }
    }

    @Test func `rule 9: a queue of ten thousand stays quick at its ends and in the middle`()
        async throws
    {
        try await crowdHouse { house in
            let client = try await house.connect()
            let count = 10_000
            let line = #"{"op":"queue","resource":"a","notify":"none"}"# + "\n"
            client.post(bytes: Array(String(repeating: line, count: count).utf8))
            let replies = await client.linesUntilPong()
            #expect(replies.count == count)
            #expect(replies.last?.number("position") == Double(count - 1))
            // Every third gives up, from the middle of the queue.
            for index in stride(from: 1, to: count, by: 3) {
                client.post(#"{"op":"release","ticket":"\#(replies[index].ticket)"}"#)
            }
            let gone = await client.linesUntilPong()
            #expect(gone.allSatisfy { $0.text("ended") == "cancelled" })
            let last = replies[count - 2].ticket
            let poll = await client.ask(#"{"op":"acquire","ticket":"\#(last)"}"#)
            #expect(poll.number("queueLength") == Double(count - 1 - gone.count))
            // The rest is served one after another, in order.
            var ticket = replies[0].ticket
            for index in [2, 3, 5, 6, 8] {
                _ = await client.ask(#"{"op":"release","ticket":"\#(ticket)"}"#)
                ticket = replies[index].ticket
                let view = await client.ask(#"{"op":"status","ticket":"\#(ticket)"}"#)
                #expect(view.state == "acquired")
            }
            let cleared = await client.ask(#"{"op":"clear","resource":"a"}"#)
            #expect(cleared.number("cleared") == Double(count - gone.count - 5))
            client.vanish()
            await house.pass(.seconds(61))
            #expect(house.leftovers == MemoryHouse.nothing)
        }
    }

    @Test func `eight thousand held locks leave nothing when they are released`()
        async throws
    {
        try await crowdHouse { house in
            let client = try await house.connect()
            let count = 8_000
            var tickets: [String] = []
            for start in stride(from: 0, to: count, by: 1_000) {
                for number in start..<start + 1_000 {
                    client.post(#"{"op":"queue","resource":"r/\#(number)","lease":3600}"#)
                }
                tickets += await client.linesUntilPong().map(\.ticket)
            }
            let stats = await client.ask(#"{"op":"stats"}"#)
            #expect(stats.number("held") == Double(count))
            #expect(stats.number("resources") == Double(count))
            for start in stride(from: 0, to: count, by: 1_000) {
                for ticket in tickets[start..<start + 1_000] {
                    client.post(#"{"op":"release","ticket":"\#(ticket)"}"#)
                }
                let replies = await client.linesUntilPong()
                #expect(replies.allSatisfy { $0.text("ended") == "released" })
            }
            await house.pass(.seconds(61))
            let after = await client.ask(#"{"op":"stats"}"#)
            #expect(after.number("resources") == 0)
            client.vanish()
            #expect(house.leftovers == MemoryHouse.nothing)
        }
    }

    @Test func `a thousand sessions that end in the same instant take their tickets along`()
        async throws
    {
        try await crowdHouse { house in
            let count = 1_000
            let other = try await house.connect()
            var crowd: [any Talker] = []
            for number in 0..<count {
                let client = try await house.connect()
                client.post(
                    #"{"op":"hello","version":1,"session":{"grace":5}}"#,
                    #"{"op":"queue","resource":"own/\#(number)"}"#,
                    #"{"op":"queue","resource":"shared"}"#
                )
                crowd.append(client)
            }
            house.world.run()
            #expect(await other.ask(#"{"op":"stats"}"#).number("sessions") == Double(count))
            for client in crowd { client.vanish() }
            await house.pass(.seconds(5))
            let stats = await other.ask(#"{"op":"stats"}"#)
            #expect(stats.number("sessions") == 0)
            #expect(stats.number("held") == 0)
            #expect(stats.number("waiting") == 0)
            let granted = stats.number("granted")
            // Sessions end one after another: who is next may be granted in between, though its end is due, too.
            #expect((Double(count + 1)...Double(2 * count)).contains(granted))
            other.vanish()
            await house.pass(.seconds(61))
            #expect(house.leftovers == MemoryHouse.nothing)
        }
    }
}
