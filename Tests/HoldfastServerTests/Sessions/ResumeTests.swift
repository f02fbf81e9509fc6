// PROTOCOL §3: what a client that comes back is told, after the reply to its hello and before any other event.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire
import Testing

struct ResumeTests {
    /// A client with a session that left, and somebody who stayed.
    private struct Scene {
        var other: any Talker
        var session: SessionName
        /// What its client was told before it left, by loop.
        var replies: [String]
        /// The tickets that another holds, by loop.
        var held: [String]
    }

    /// Takes a ticket on every loop, behind a holder where one is wanted, and leaves.
    private func leave(
        _ house: any House,
        behindHolder: Bool,
        _ fields: String = ""
    ) async throws -> Scene {
        let (other, client) = (try await house.connect(), try await house.connect())
        let hello = await client.ask(#"{"op":"hello","version":1,"session":{"grace":60}}"#)
        var scene = Scene(other: other, session: SessionName(hello), replies: [], held: [])
        for loop in 0..<loopCount {
            let path = path("a", onLoop: loop)
            if behindHolder {
                let held = await other.ask(#"{"op":"queue","resource":"\#(path)"}"#)
                scene.held.append(held.ticket)
            }
            scene.replies.append(
                await client.ask(#"{"op":"queue","resource":"\#(path)"\#(fields)}"#)
            )
        }
        client.vanish()
        try await house.until { await other.ask(#"{"op":"stats"}"#).number("connections") == 1 }
        return scene
    }

    @Test(arguments: Place.allCases)
    func `a grant that happened meanwhile is told after the reply, without waited`(
        place: Place
    ) async throws {
        try await place.with { house in
            let scene = try await leave(house, behindHolder: true)
            for ticket in scene.held {
                _ = await scene.other.ask(#"{"op":"release","ticket":"\#(ticket)"}"#)
            }
            let client = try await house.connect()
            let lines = [await client.ask(scene.session.resume())] + (await client.next(loopCount))
            #expect(lines[0].number("protocol") == 1)
            #expect(Set(lines[1...].map(\.ticket)) == Set(scene.replies.map(\.ticket)))
            for (loop, line) in lines[1...].sorted(by: { $0.text("resource") < $1.text("resource") }
            )
            .enumerated() {
                let paths = (0..<loopCount).map { path("a", onLoop: $0) }.sorted()
                #expect(
                    shape(line)
                        == #"{"event":"acquired","ticket":"T","resource":"\#(paths[loop])","fence":"F","lease":30,"remaining":"S"}"#
                )
            }
            #expect(await client.linesUntilPong() == [])
        }
    }

    @Test(arguments: Place.allCases)
    func `a loss that happened meanwhile is told, once`(place: Place) async throws {
        try await place.with { house in
            let scene = try await leave(house, behindHolder: false, #","stealable":true"#)
            for loop in 0..<loopCount {
                let path = path("a", onLoop: loop)
                _ = await scene.other.ask(
                    #"{"op":"steal","resource":"\#(path)","reason":"r","notify":"none"}"#
                )
            }
            let client = try await house.connect()
            _ = await client.ask(scene.session.resume())
            let lines = await client.next(loopCount)
            #expect(lines.allSatisfy { $0.text("ended") == "stolen" })
            #expect(Set(lines.map(\.ticket)) == Set(scene.replies.map(\.ticket)))
            client.vanish()
            let again = try await house.connect()
            _ = await again.ask(scene.session.resume())
            #expect(await again.linesUntilPong() == [])
        }
    }

    @Test(arguments: Place.allCases)
    func `a holder that is about to lose is told so`(place: Place) async throws {
        try await place.with { house in
            let scene = try await leave(house, behindHolder: false, #","stealable":true"#)
            let path = path("a", onLoop: 1)
            _ = await scene.other.ask(
                #"{"op":"steal","resource":"\#(path)","reason":"r","grace":250}"#
            )
            let client = try await house.connect()
            _ = await client.ask(scene.session.resume())
            let line = await client.next()
            #expect(line.text("event") == "losing")
            #expect(line.number("grace") > 200)
            #expect(line.ticket == scene.replies[1].ticket)
        }
    }

    @Test(arguments: Place.allCases)
    func `what did not change is not told`(place: Place) async throws {
        try await place.with { house in
            let scene = try await leave(house, behindHolder: true)
            let client = try await house.connect()
            _ = await client.ask(scene.session.resume())
            #expect(await client.linesUntilPong() == [])
            // From now on it hears of its tickets.
            _ = await scene.other.ask(#"{"op":"release","ticket":"\#(scene.held[1])"}"#)
            #expect(await client.next().ticket == scene.replies[1].ticket)
        }
    }

    @Test(arguments: Place.allCases)
    func `a lock that waited goes on in the queue, and is found again by its key`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (holder, client) = (try await house.connect(), try await house.connect())
            let held = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            let hello = await client.ask(#"{"op":"hello","version":1,"session":{"grace":60}}"#)
            let line = #"{"id":1,"op":"lock","resource":"a","key":"k"}"#
            client.post(line)
            let queued = await client.next()
            client.vanish()
            try await house.until {
                await holder.ask(#"{"op":"stats"}"#).number("connections") == 1
            }
            let again = try await house.connect()
            _ = await again.ask(SessionName(hello).resume())
            again.post(line)
            let same = await again.next()
            #expect(same.ticket == queued.ticket)
            #expect(same.number("position") == 1)
            _ = await holder.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let reply = await again.next()
            #expect(reply.state == "acquired")
            #expect(reply.json["existing"]?.bool == true)
        }
    }

    @Test func `what was never told is forgotten with its ticket`() async throws {
        try await Place.inMemory { house in
            let (client, other) = (try await house.connect(), try await house.connect())
            _ = await client.ask(#"{"op":"hello","version":1,"session":{"grace":300}}"#)
            for loop in 0..<loopCount {
                let path = path("a", onLoop: loop)
                _ = await client.ask(#"{"op":"queue","resource":"\#(path)","lease":1}"#)
            }
            client.vanish()
            // The leases end, the tickets are forgotten, and then the session ends.
            await house.pass(.seconds(299))
            let stats = await other.ask(#"{"op":"stats"}"#)
            #expect(stats.number("resources") == 0)
            #expect(stats.number("sessions") == 1)
            await house.pass(.seconds(1))
            #expect(await other.ask(#"{"op":"stats"}"#).number("sessions") == 0)
            other.vanish()
            #expect(house.leftovers == MemoryHouse.nothing)
        }
    }
}
