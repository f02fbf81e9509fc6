// PROTOCOL §§1–2: replies come in the order of the requests, however many are under way and wherever they are decided.

import HoldfastModel
import HoldfastServer
import HoldfastWire
import Testing

struct OrderTests {
    @Test(arguments: Place.allCases)
    func `replies come in order though two loops decide`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let paths = (0..<loopCount).map { path("a", onLoop: $0) }
            var lines: [String] = []
            for id in 0..<600 {
                switch id % 6 {
                case 0: lines.append(#"{"id":\#(id),"op":"ping"}"#)
                case 1: lines.append(#"{"id":\#(id),"op":"resources","limit":1}"#)
                case 2: lines.append("no request")
                default:
                    let path = paths[id % loopCount]
                    lines.append(#"{"id":\#(id),"op":"list","resource":"\#(path)"}"#)
                }
            }
            client.post(bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
            let replies = await client.next(600)
            for (id, reply) in replies.enumerated() {
                let isRefused = reply.code == "bad_request"
                #expect(isRefused ? id % 6 == 2 : reply.number("id") == Double(id))
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `requests for the same resource take effect in the order sent`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            for loop in 0..<loopCount {
                let line = #"{"op":"queue","resource":"\#(path("a", onLoop: loop))"}"# + "\n"
                client.post(bytes: Array(String(repeating: line, count: 50).utf8))
                let replies = await client.next(50)
                #expect(replies[0].state == "acquired")
                #expect(
                    replies[1...].map { $0.number("position") } == (1..<50).map(Double.init)
                )
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `past in_flight the server reads later, and drops nothing`(place: Place) async throws {
        try await place.with {
            $0.limits.inFlight = 3
        } body: { house in
            let client = try await house.connect()
            let hello = await client.ask(#"{"op":"hello","version":1}"#)
            #expect(hello.json["limits"]?["in_flight"]?.integer == 3)
            let paths = (0..<loopCount).map { path("a", onLoop: $0) }
            let lines = (0..<1_000).map {
                #"{"id":\#($0),"op":"list","resource":"\#(paths[$0 % loopCount])"}"#
            }
            client.post(bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
            let replies = await client.next(1_000)
            #expect(replies.map { $0.number("id") } == (0..<1_000).map(Double.init))
            #expect(await client.linesUntilPong() == [])
        }
    }

    @Test(arguments: Place.allCases)
    func `a lock or acquire that waits leaves the count of those in flight`(
        place: Place
    ) async throws {
        try await place.with {
            $0.limits.inFlight = 2
        } body: { house in
            let (holder, client) = (try await house.connect(), try await house.connect())
            let held = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            client.post(#"{"id":99,"op":"acquire","ticket":"\#(queued.ticket)","wait":60}"#)
            for id in 0..<10 {
                client.post(#"{"id":\#(id),"op":"lock","resource":"a","notify":"none"}"#)
            }
            #expect(await client.linesUntilSeen(at: "a") == [])
            _ = await holder.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            #expect(await client.next().number("id") == 99)
        }
    }

    @Test func `no event comes before the reply that first names its ticket`() async throws {
        try await Place.inMemory { house in
            // Both on loop 0, with a connection of loop 1 between them.
            let client = try await house.connect()
            _ = try await house.connect()
            let holder = try await house.connect()
            let (here, there) = (path("a", onLoop: 0), path("a", onLoop: 1))
            let held = await holder.ask(#"{"op":"queue","resource":"\#(here)"}"#)
            // The first reply comes from the other loop, a turn later; the grant happens meanwhile.
            client.post(
                #"{"id":1,"op":"list","resource":"\#(there)"}"#,
                #"{"id":2,"op":"queue","resource":"\#(here)"}"#
            )
            holder.post(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let lines = await client.next(3)
            #expect(lines[0].number("id") == 1)
            #expect(lines[1].state == "queued")
            #expect(lines[2].text("event") == "acquired")
            #expect(lines[2].ticket == lines[1].ticket)
        }
    }

    @Test func `what the reply of a lock tells is not told after it`() async throws {
        try await Place.inMemory { house in
            let client = try await house.connect()
            _ = try await house.connect()
            let holder = try await house.connect()
            let (here, there) = (path("a", onLoop: 0), path("a", onLoop: 1))
            let held = await holder.ask(#"{"op":"queue","resource":"\#(here)"}"#)
            client.post(
                #"{"id":1,"op":"list","resource":"\#(there)"}"#,
                #"{"id":2,"op":"list","resource":"\#(here)"}"#,
                #"{"id":3,"op":"lock","resource":"\#(here)"}"#
            )
            holder.post(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let lines = await client.linesUntilPong()
            #expect(lines.map { $0.number("id") }.sorted() == [1, 2, 3])
            let lock = lines.first { $0.number("id") == 3 }
            #expect(lock?.state == "acquired")
        }
    }

    @Test(arguments: Place.allCases)
    func `everything of one turn is there, in whatever order the loops answer`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let count = 40
            for id in 0..<count {
                let path = path("r\(id)-", onLoop: id % loopCount)
                client.post(#"{"id":\#(id),"op":"lock","resource":"\#(path)"}"#)
            }
            let lines = await client.next(count)
            let ids = lines.map { $0.number("id") }
            #expect(ids.sorted() == (0..<count).map(Double.init), "\(lines)")
        }
    }
}
