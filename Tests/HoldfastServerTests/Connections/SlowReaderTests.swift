// Rule 32: who does not read holds neither memory without limit nor anybody else up.

import HoldfastModel
import HoldfastServer
import HoldfastSimulation
import HoldfastWire
import Testing

struct SlowReaderTests {
    /// A connection through a pipe that holds little.
    private func narrow(_ house: MemoryHouse) -> MemoryTalker {
        MemoryTalker(house.server.connect(toLoop: 0, replyCapacity: 400))
    }

    @Test func `a watcher that does not read is told how much it missed`() async throws {
        try await Place.inMemory {
            $0.limits.outboundBytes = 2_000
        } body: { house in
            let (watcher, client) = (narrow(house), try await house.connect())
            _ = await watcher.ask(#"{"op":"watch","prefix":"w"}"#)
            let count = 200
            for number in 0..<count {
                let path = path("w/\(number)-", onLoop: 0)
                _ = await client.ask(#"{"op":"queue","resource":"\#(path)"}"#)
            }
            // Far longer than a burst of replies may stand.
            await house.pass(.seconds(25))
            var (last, missed): (Int64, Int64) = (0, 0)
            // The gap is told when everything else was read.
            let lines = await watcher.linesUntilPong() + (await watcher.linesUntilPong())
            for line in lines {
                if let gap = line.json["missed"]?.integer {
                    #expect(shape(line) == #"{"event":"gap","watch":1,"missed":\#(gap)}"#)
                    missed += gap
                    last += gap
                } else {
                    #expect(line.json["seq"]?.integer == last + 1)
                    last += 1
                }
            }
            #expect(last == Int64(count))
            #expect(missed > 0)
            _ = await client.ask(#"{"op":"queue","resource":"w/z"}"#)
            #expect(await watcher.next().json["seq"]?.integer == last + 1)
        }
    }

    @Test func `a client that lets its replies pile up is disconnected after ten seconds`()
        async throws
    {
        try await Place.inMemory {
            $0.limits.outboundBytes = 2_000
        } body: { house in
            let (slow, other) = (narrow(house), try await house.connect())
            _ = await other.ask(#"{"op":"queue","resource":"a","holder":"somebody"}"#)
            for _ in 0..<100 { slow.post(#"{"op":"list","resource":"a"}"#) }
            house.world.run()
            let stats = #"{"op":"stats"}"#
            await house.pass(.seconds(9))
            #expect(await other.ask(stats).number("connections") == 2)
            await house.pass(.seconds(3))
            #expect(await other.ask(stats).number("connections") == 1)
        }
    }

    @Test func `a client that reads in time gets every reply`() async throws {
        try await Place.inMemory {
            $0.limits.outboundBytes = 2_000
            $0.limits.inFlight = 8
        } body: { house in
            let (slow, other) = (narrow(house), try await house.connect())
            _ = await other.ask(#"{"op":"queue","resource":"a","holder":"somebody"}"#)
            let count = 100
            for id in 0..<count { slow.post(#"{"id":\#(id),"op":"list","resource":"a"}"#) }
            house.world.run()
            await house.pass(.seconds(9))
            #expect(await slow.next(count).map { $0.number("id") } == (0..<count).map(Double.init))
            await house.pass(.seconds(30))
            #expect(await slow.ask(#"{"id":1,"op":"bye"}"#) == #"{"id":1,"ok":true}"#)
        }
    }

    @Test func `nobody waits for a client that does not read`() async throws {
        try await Place.inMemory {
            $0.limits.outboundBytes = 2_000
        } body: { house in
            let (slow, other) = (narrow(house), try await house.connect())
            _ = await slow.ask(#"{"op":"watch"}"#)
            for id in 0..<100 { slow.post(#"{"id":\#(id),"op":"list","resource":"a"}"#) }
            for number in 0..<100 {
                let reply = await other.ask(#"{"op":"queue","resource":"r\#(number)"}"#)
                #expect(reply.state == "acquired")
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `a reader that comes back finds every reply, in order`(place: Place) async throws {
        try await place.with {
            $0.limits.outboundBytes = 4_096
            $0.limits.inFlight = 16
        } body: { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a","reason":"a longer text"}"#)
            let count = 2_000
            let lines = (0..<count).map { #"{"id":\#($0),"op":"list","resource":"a"}"# + "\n" }
            client.post(bytes: Array(lines.joined().utf8))
            let ids = await client.next(count).map { $0.number("id") }
            #expect(ids == (0..<count).map(Double.init))
        }
    }

    /// Many watches of one connection hear of every request: so few requests are more than any socket can hold.
    @Test(arguments: Place.allCases)
    func `what a watcher cannot take becomes a gap, and the count is right`(
        place: Place
    ) async throws {
        try await place.with {
            $0.limits.outboundBytes = 20_000
            // However long it takes until the watcher is read.
            $0.limits.outboundPatience = .seconds(3_600)
            $0.checksInvariants = false
        } body: { house in
            let (watcher, client) = (try await house.connectNarrowly(), try await house.connect())
            let path = String(repeating: "p", count: 500)
            let (watchCount, count) = place == .memory ? (2, Int64(50)) : (60, Int64(40))
            for _ in 1...watchCount {
                #expect(await watcher.ask(#"{"op":"watch","resource":"\#(path)"}"#).code == "ok")
            }
            // Events of more than three thousand bytes.
            let text = String(repeating: #"\u0001"#, count: 250)
            let line =
                #"{"op":"queue","resource":"\#(path)","holder":"\#(text)","reason":"\#(text)","notify":"none"}"#
                + "\n"
            client.post(bytes: Array(String(repeating: line, count: Int(count)).utf8))
            #expect(await client.next(Int(count)).allSatisfy { $0.code == "ok" })
            var last: [Int64: Int64] = [:]
            var missed: Int64 = 0
            while last.values.reduce(0, +) < count * Int64(watchCount) {
                let event = await watcher.next().json
                guard let watch = event["watch"]?.integer else { break }
                if let gap = event["missed"]?.integer {
                    missed += gap
                    last[watch, default: 0] += gap
                } else {
                    last[watch, default: 0] += 1
                    #expect(event["seq"]?.integer == last[watch])
                }
            }
            #expect(last.count == watchCount && last.values.allSatisfy { $0 == count })
            #expect(missed > 0)
        }
    }
    /// The lines of a watcher whose pipe holds the reply to `watch` and nothing more, after six events.
    private func linesOfWatcher(outboundBytes: Int) async throws -> [String] {
        var lines: [String] = []
        try await Place.inMemory {
            $0.limits.outboundBytes = outboundBytes
        } body: { house in
            let reply = #"{"ok":true,"watch":1}"# + "\n"
            let watcher = MemoryTalker(
                house.server.connect(toLoop: 0, replyCapacity: reply.utf8.count)
            )
            watcher.post(#"{"op":"watch"}"#)
            house.world.run()
            let client = try await house.connect()
            for _ in 0..<3 {
                let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
                _ = await client.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            }
            lines = await watcher.linesUntilPong() + (await watcher.linesUntilPong())
            lines.removeFirst()
        }
        return lines
    }

    @Test(arguments: [-1, 0, 1])
    func `the last watch event that fits is told, the next is dropped`(
        difference: Int
    ) async throws {
        let all = try await linesOfWatcher(outboundBytes: 100_000)
        #expect(Set(all.map(\.utf8.count)).count == 1)
        let byteCount = (all.first?.utf8.count ?? 0) + 1
        let lines = try await linesOfWatcher(outboundBytes: 3 * byteCount + difference)
        let told = lines.prefix { $0.json["seq"] != nil }
        #expect(told.count == (difference < 0 ? 2 : 3))
        #expect(
            lines.dropFirst(told.count) == [
                #"{"event":"gap","watch":1,"missed":\#(6 - told.count)}"#
            ]
        )
    }
}
