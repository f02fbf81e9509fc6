// A server that is short of memory takes nothing new, says which limit that is, and goes on with what is there.

import HoldfastCoordinator
import HoldfastModel
import HoldfastServer
import HoldfastSimulation
import HoldfastWire
import Testing

struct ShortMemoryTests {
    private func set(_ level: MemoryLevel, _ house: MemoryHouse) {
        house.server.coordinator.setting.census.memoryLevel = level
    }

    private let refusal =
        #"{"ok":false,"error":{"code":"limit_exceeded","message":"M","retryable":true},"limit":"memory"}"#

    @Test func `no ticket, session or watch is taken, and what is there goes on`() async throws {
        try await Place.inMemory { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a","key":"k"}"#).text("ticket")
            let quiet = #"{"op":"queue","resource":"a","notify":"none"}"#
            let waiting = await client.ask(quiet).text("ticket")
            set(.short, house)
            for line in [
                #"{"op":"queue","resource":"a"}"#, #"{"op":"queue","resource":"b"}"#,
                #"{"op":"queue","resource":"b","maxWait":0}"#, #"{"op":"lock","resource":"b"}"#,
                #"{"op":"steal","resource":"b","reason":"r"}"#, #"{"op":"watch"}"#,
            ] {
                #expect(shape(await client.ask(line)) == refusal, "\(line)")
            }
            let again = await client.ask(#"{"op":"queue","resource":"a","key":"k"}"#)
            #expect(again.text("ticket") == held)
            for line in [
                #"{"op":"renew","ticket":"\#(held)"}"#, #"{"op":"status","ticket":"\#(held)"}"#,
                #"{"op":"list","resource":"a"}"#, #"{"op":"ping"}"#,
                #"{"op":"release","ticket":"\#(held)"}"#, #"{"op":"renew","ticket":"\#(waiting)"}"#,
            ] {
                #expect(await client.ask(line).code == "ok", "\(line)")
            }
            let late = try await house.connect()
            let hello = #"{"op":"hello","version":1"#
            #expect(shape(await late.ask(hello + #","session":{}}"#)) == refusal)
            #expect(await late.ask(hello + "}").code == "ok")
            #expect(await late.ask(#"{"op":"release","ticket":"\#(waiting)"}"#).code == "ok")
            set(.enough, house)
            #expect(await client.ask(#"{"op":"queue","resource":"b"}"#).code == "ok")
            #expect(await client.ask(#"{"op":"watch"}"#).code == "ok")
        }
    }

    @Test func `what is released leaves nothing behind, and fences rise all the same`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.connect()
            let first = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let kept = await client.ask(#"{"op":"queue","resource":"b"}"#)
            _ = await client.ask(#"{"op":"queue","resource":"b","notify":"none"}"#)
            set(.short, house)
            for ticket in [first.ticket, kept.ticket] {
                let released = await client.ask(#"{"op":"release","ticket":"\#(ticket)"}"#)
                #expect(released.text("ended") == "released")
            }
            let again = await client.ask(#"{"op":"release","ticket":"\#(first.ticket)"}"#)
            #expect(again.code == "not_found")
            // Somebody has the other: what ended there is known for its while.
            let known = await client.ask(#"{"op":"release","ticket":"\#(kept.ticket)"}"#)
            #expect(known.json["already"]?.bool == true)
            #expect(await client.ask(#"{"op":"stats"}"#).number("resources") == 1)
            set(.enough, house)
            let next = await client.ask(#"{"op":"queue","resource":"a"}"#)
            #expect(next.number("fence") > first.number("fence"))
        }
    }

    @Test func `what ran out while a session was away is told when it comes back`() async throws {
        try await Place.inMemory { house in
            let first = try await house.connect()
            let hello = await first.ask(#"{"op":"hello","version":1,"session":{"grace":60}}"#).json
            let id = try #require(hello["session"]?["id"]?.string)
            let secret = try #require(hello["session"]?["secret"]?.string)
            let held = await first.ask(#"{"op":"queue","resource":"a","lease":5}"#)
            first.vanish()
            set(.short, house)
            await house.pass(.seconds(6))
            let second = try await house.connect()
            second.post(
                #"{"op":"hello","version":1,"resume":{"session":"\#(id)","secret":"\#(secret)"}}"#
            )
            let lines = await second.linesUntilSeen(at: "a")
            #expect(
                lines.contains { $0.text("event") == "lost" && $0.ticket == held.ticket },
                "\(lines)"
            )
        }
    }

    @Test func `a session that is there is taken up again`() async throws {
        try await Place.inMemory { house in
            let first = try await house.connect()
            let hello = await first.ask(#"{"op":"hello","version":1,"session":{"grace":60}}"#).json
            let id = try #require(hello["session"]?["id"]?.string)
            let secret = try #require(hello["session"]?["secret"]?.string)
            first.vanish()
            set(.short, house)
            let second = try await house.connect()
            let resumed = await second.ask(
                #"{"op":"hello","version":1,"resume":{"session":"\#(id)","secret":"\#(secret)"}}"#
            )
            #expect(resumed.json["session"]?["resumed"]?.bool == true)
        }
    }

    @Test func `connections are let in until it is scarce, and told so past that`() async throws {
        try await Place.inMemory { house in
            let early = try await house.connect()
            let held = await early.ask(#"{"op":"queue","resource":"a"}"#).text("ticket")
            set(.scarce, house)
            for operation in ["list", "history"] {
                let line = #"{"op":"\#(operation)","resource":"a"}"#
                #expect(shape(await early.ask(line)) == refusal)
            }
            #expect(await early.ask(#"{"op":"release","ticket":"\#(held)"}"#).code == "ok")
            let client = try await house.connect()
            #expect(shape(await client.next()) == refusal)
            #expect(await client.next() == #"{"event":"goodbye","reason":"connections"}"#)
            #expect(await client.isOver())
            let response = try #require(await house.http().response())
            #expect(response.status == 429)
            #expect(response["Retry-After"] == "1")
            #expect(response.json["limit"]?.string == "memory")
            set(.enough, house)
            #expect(await (try await house.connect()).ask(#"{"op":"ping"}"#).code == "ok")
        }
    }

    @Test func `over HTTP it is 429 with a time to come again`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            set(.short, house)
            for (method, target, body) in [
                ("POST", "/v1/tickets", #"{"resource":"a"}"#), ("GET", "/v1/events", nil),
            ] {
                let response = try await client.ask(method, target, body)
                #expect(response.status == 429, "\(target)")
                #expect(response["Retry-After"] == "1", "\(target)")
                #expect(response.json["limit"]?.string == "memory", "\(target)")
            }
            #expect(try await client.ask("GET", "/v1/resources").status == 200)
        }
    }

    @Test func `who lets much pile up is let go at once`() async throws {
        try await Place.inMemory { house in
            let slow = MemoryTalker(house.server.connect(toLoop: 0, replyCapacity: 400))
            let other = try await house.connect()
            for number in 0..<200 {
                _ = await other.ask(#"{"op":"queue","resource":"a","holder":"\#(number)"}"#)
            }
            for _ in 0..<4 { slow.post(#"{"op":"list","resource":"a"}"#) }
            house.world.run()
            let stats = #"{"op":"stats"}"#
            await house.pass(.seconds(2))
            #expect(await other.ask(stats).number("connections") == 2)
            set(.short, house)
            await house.pass(.seconds(1))
            #expect(await other.ask(stats).number("connections") == 1)
        }
    }
}
