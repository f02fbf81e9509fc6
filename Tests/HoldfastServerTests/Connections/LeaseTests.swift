// Rules 10, 11 and 13 as clients see them: when a lease ends, who is served then, and what a late server does.

import HoldfastModel
import HoldfastServer
import HoldfastSimulation
import HoldfastWire
import Testing

struct LeaseTests {
    @Test func `rule 11: a lease of half a second ends then, and the next has it in that turn`()
        async throws
    {
        try await Place.inMemory { house in
            for loop in 0..<loopCount {
                let path = path("a", onLoop: loop)
                let (holder, waiter) = (try await house.connect(), try await house.connect())
                let held = await holder.ask(#"{"op":"queue","resource":"\#(path)","lease":0.5}"#)
                waiter.post(#"{"op":"lock","resource":"\#(path)","notify":"none"}"#)
                await house.pass(Interval(nanoseconds: 499_999_999))
                #expect(await waiter.linesUntilPong() == [])
                let renewal = await holder.ask(#"{"op":"check","ticket":"\#(held.ticket)"}"#)
                #expect(renewal.json["valid"]?.bool == true)
                await house.pass(Interval(nanoseconds: 1))
                let lost = await holder.next()
                #expect(lost.text("ended") == "expired")
                let granted = await waiter.next()
                #expect(granted.state == "acquired")
                // Both happened at the end of the lease, by the server's clock.
                #expect(granted.number("waited") == 0.5)
                #expect(granted.number("remaining") == 30)
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 11: by the server's own clock no lease ends early`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a","lease":0.2}"#)
            await house.pass(.milliseconds(200))
            #expect(await client.next().text("ended") == "expired")
            let reply = await client.ask(#"{"op":"history","resource":"a"}"#)
            let times = reply.json["history"]?.elements?.compactMap { $0["at"]?.string } ?? []
            #expect(times.count == 2)
            let held = times.map(\.millisecondsOfMinute).reduce(0) { $1 - $0 } * -1
            #expect((held + 60_000) % 60_000 >= 200)
        }
    }

    @Test func `rule 11: a renewal that waited while the server was held up saves the lease`()
        async throws
    {
        try await Place.inMemory { house in
            for loop in 0..<loopCount {
                let path = path("a", onLoop: loop)
                let client = try await house.connect()
                let held = await client.ask(#"{"op":"queue","resource":"\#(path)","lease":1}"#)
                // Sent in time, read by nobody: the process stood still.
                client.post(#"{"id":1,"op":"renew","ticket":"\#(held.ticket)"}"#)
                house.world.freeze(for: .seconds(5))
                let reply = await client.next()
                #expect(reply.number("id") == 1)
                #expect(reply.state == "acquired")
                await house.pass(.milliseconds(999))
                #expect(await client.linesUntilPong() == [])
            }
        }
    }

    @Test func `rule 11: a server that was held up ends no lease for another tenth of a second`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a","lease":1}"#)
            house.world.freeze(for: .seconds(5))
            await house.pass(.milliseconds(99))
            let renewal = await client.ask(#"{"op":"renew","ticket":"\#(held.ticket)"}"#)
            #expect(renewal.state == "acquired")
            house.world.freeze(for: .seconds(5))
            await house.pass(.milliseconds(100))
            #expect(await client.next().text("ended") == "expired")
        }
    }

    @Test func `rule 11: a renewal in the last instant is in time, one after it is not`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a","lease":1}"#)
            let line = #"{"op":"renew","ticket":"\#(held.ticket)"}"#
            await house.pass(Interval(nanoseconds: 999_999_999))
            #expect(await client.ask(line).state == "acquired")
            await house.pass(.seconds(1))
            #expect(await client.next().text("event") == "lost")
            #expect(await client.ask(line).code == "lost")
        }
    }

    @Test func `many leases that end at the same instant all end in it`() async throws {
        try await Place.inMemory {
            $0.checksInvariants = false
        } body: { house in
            let (client, other) = (try await house.connect(), try await house.connect())
            let count = 3_000
            for number in 0..<count {
                client.post(
                    #"{"op":"queue","resource":"r\#(number)","lease":1,"notify":"none"}"#
                )
            }
            #expect(await client.linesUntilPong().count == count)
            #expect(await other.ask(#"{"op":"stats"}"#).number("held") == Double(count))
            await house.pass(.seconds(1))
            let stats = await other.ask(#"{"op":"stats"}"#)
            #expect(stats.number("held") == 0)
            #expect(stats.number("expired") == Double(count))
        }
    }

    @Test func `rule 13: remaining is rounded down to the millisecond`() async throws {
        try await Place.inMemory { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a","lease":1}"#)
            await house.pass(Interval(nanoseconds: 400_100_000))
            let reply = await client.ask(#"{"op":"acquire","ticket":"\#(held.ticket)"}"#)
            #expect(reply.number("remaining") == 0.599)
        }
    }

    @Test func `rule 13: waited counts from the last request that named the ticket`()
        async throws
    {
        try await Place.inMemory { house in
            let (holder, client) = (try await house.connect(), try await house.connect())
            let held = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            await house.pass(.seconds(3))
            _ = await client.ask(#"{"op":"status","ticket":"\#(queued.ticket)"}"#)
            await house.pass(.seconds(2))
            _ = await holder.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            #expect(await client.next().number("waited") == 2)
        }
    }
}

extension String {
    /// Of a time as RFC 3339 writes it.
    fileprivate var millisecondsOfMinute: Int {
        let seconds = Int(dropFirst(17).prefix(2)) ?? 0
        return seconds * 1_000 + (Int(dropFirst(20).prefix(3)) ?? 0)
    }
}
