// Server-sent events: what happens is told as it happens, a client that comes back is told what it missed or how much.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Testing

@testable import HoldfastServer

/// An event as a browser takes it apart.
private struct SeenEvent: Equatable {
    var name: String
    var id: String?
    var data: JSONValue

    init?(_ piece: String) {
        var fields: [String: String] = [:]
        for line in piece.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { return nil }
            fields[String(parts[0])] = String(parts[1].dropFirst())
        }
        guard piece.hasSuffix("\n\n"), let name = fields["event"], let data = fields["data"],
            let value = try? JSONValue(parsing: data)
        else { return nil }
        self.name = name
        id = fields["id"]
        self.data = value
    }
}

extension HTTPTalker {
    /// Opens a stream and reads past its beginning.
    ///
    /// Gives where it begins; nil where a gap says that.
    @discardableResult
    fileprivate func watch(
        _ query: String = "",
        after id: String? = nil,
        as fields: [String] = []
    ) async throws -> String? {
        let last = id.map { ["Last-Event-ID: \($0)"] } ?? []
        post(request("GET", "/v1/events" + query, fields: last + fields))
        let head = try #require(await response())
        #expect(head.status == 200)
        #expect(head["Content-Type"] == "text/event-stream")
        let beginning = try #require(await piece()?.split(separator: "\n"))
        #expect(beginning.first == "retry: 1000")
        return beginning.dropFirst().first?.split(separator: " ").last.map(String.init)
    }

    /// The next event, comments passed over; nil when none comes.
    fileprivate func event() async -> SeenEvent? {
        while let piece = await piece() {
            if piece != ":\n\n" { return SeenEvent(piece) }
        }
        return nil
    }
}

@Suite struct EventTests {
    @Test(arguments: Place.allCases)
    func `what happens is told as it happens`(place: Place) async throws {
        try await place.with { house in
            let watcher = try await house.http()
            try await watcher.watch("?prefix=ci")
            let client = try await house.http()
            _ = try await client.ask("POST", "/v1/tickets", #"{"resource":"x/a"}"#)
            let made = try await client.ask("POST", "/v1/tickets", #"{"resource":"ci/a"}"#)
            let ticket = try #require(made.json["ticket"]?.string)
            _ = try await client.ask("DELETE", "/v1/tickets/\(ticket)")
            let acquired = try #require(await watcher.event())
            #expect(acquired.name == "acquired")
            #expect(acquired.data["event"]?.string == "acquired")
            #expect(acquired.data["resource"]?.string == "ci/a")
            #expect(acquired.data["owner"]?.string == "anonymous")
            #expect(acquired.data["fence"] == made.json["fence"])
            #expect(acquired.data["ticket"] == nil)
            #expect(await watcher.event()?.name == "released")
        }
    }

    @Test func `rule 24: what a stream does not know is named in it`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            client.post(request("GET", "/v1/events?prefx=ci&%0Adata:x=1"))
            _ = await client.response()
            let beginning = try #require(await client.piece())
            #expect(beginning.hasSuffix("\n: ignored prefx,  data:x\n\n"))
        }
    }

    @Test func `a client that comes back is told what it missed`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            func lock(_ name: String) async throws {
                _ = try await client.ask("POST", "/v1/tickets", #"{"resource":"\#(name)"}"#)
            }
            let first = try await house.http()
            try await first.watch()
            try await lock("a")
            let id = try #require(await first.event()?.id)
            first.talker.vanish()
            try await lock("b")
            try await lock("c")
            let second = try await house.http()
            try await second.watch(after: id)
            #expect(await second.event()?.data["resource"]?.string == "b")
            #expect(await second.event()?.data["resource"]?.string == "c")
            try await lock("d")
            #expect(await second.event()?.data["resource"]?.string == "d")
            #expect(await second.event() == nil)
        }
    }

    @Test(arguments: ["0-1", "nonsense", "99999999999999999-1"])
    func `what another server said is a gap of unknown size`(id: String) async throws {
        try await Place.inMemory { house in
            let watcher = try await house.http()
            try await watcher.watch(after: id)
            let gap = try #require(await watcher.event())
            #expect(gap.name == "gap")
            #expect(gap.data.description == #"{"event":"gap"}"#)
        }
    }

    @Test func `shards are watched until a while after the last stream`() async throws {
        try await Place.inMemory { house in
            func watches() -> [Int] { house.leftovers.map(\.watches) }
            let client = try await house.http()
            #expect(watches() == [0, 0])
            let (first, second) = (try await house.http(), try await house.http())
            try await first.watch()
            try await second.watch()
            #expect(watches() == [1, 1])
            _ = try await client.ask("POST", "/v1/tickets", #"{"resource":"a"}"#)
            let id = try #require(await first.event()?.id)
            first.talker.vanish()
            await house.pass(.seconds(61))
            #expect(watches() == [1, 1])
            second.talker.vanish()
            await house.pass(.seconds(59))
            #expect(watches() == [1, 1])
            await house.pass(.seconds(2))
            #expect(watches() == [0, 0])
            let third = try await house.http()
            try await third.watch(after: id)
            #expect(watches() == [1, 1])
            #expect(await third.event()?.data.description == #"{"event":"gap"}"#)
            let late = try await house.http()
            _ = try await late.ask("POST", "/v1/tickets", #"{"resource":"b"}"#)
            #expect(await third.event()?.data["resource"]?.string == "b")
        }
    }

    @Test func `whoever comes back while the shards are still watched misses nothing`()
        async throws
    {
        try await Place.inMemory { house in
            let client = try await house.http()
            let first = try await house.http()
            try await first.watch()
            func lock(_ name: String) async throws {
                let body = #"{"resource":"\#(name)","lease":3600}"#
                _ = try await client.ask("POST", "/v1/tickets", body)
            }
            try await lock("a")
            let id = try #require(await first.event()?.id)
            first.talker.vanish()
            await house.pass(.seconds(58))
            try await lock("b")
            let second = try await house.http()
            try await second.watch(after: id)
            // The end of the first one's while is not the end of this one's.
            await house.pass(.seconds(10))
            try await lock("c")
            #expect(await second.event()?.data["resource"]?.string == "b")
            #expect(await second.event()?.data["resource"]?.string == "c")
            #expect(await second.event() == nil)
        }
    }

    /// More than is remembered happens behind the first event, of which this gives the id.
    private func missMuch(_ house: MemoryHouse) async throws -> String {
        let client = try await house.http()
        let first = try await house.http()
        try await first.watch()
        _ = try await client.ask("POST", "/v1/tickets", #"{"resource":"start"}"#)
        let id = try #require(await first.event()?.id)
        first.talker.vanish()
        let line = try await house.connect()
        for number in 0..<9_000 {
            line.post(#"{"op":"queue","resource":"r/\#(number % 100)","maxWait":0}"#)
            line.post(#"{"op":"clear","resource":"r/\#(number % 100)"}"#)
            if number % 250 == 0 { line.letServerRead() }
        }
        _ = await line.linesUntilPong()
        return id
    }

    @Test func `what is not remembered any more is a gap of known size`() async throws {
        try await Place.inMemory {
            $0.checksInvariants = false
        } body: { house in
            let id = try await missMuch(house)
            let second = try await house.http()
            #expect(try await second.watch(after: id) == nil)
            let gap = try #require(await second.event())
            #expect(gap.name == "gap")
            let missed = try #require(gap.data["missed"]?.integer)
            #expect(missed > 9_000)
            let next = try #require(await second.event()?.id)
            let (from, to) = (try number(id), try number(next))
            #expect(try number(gap.id) == to - 1)
            #expect(from + missed == to - 1)
        }
    }

    @Test(arguments: ["?resource=start", "?prefix=start"])
    func `whoever looks at a part is not told how much happened beside it`(
        query: String
    ) async throws {
        try await Place.inMemory {
            $0.checksInvariants = false
        } body: { house in
            let id = try await missMuch(house)
            let second = try await house.http()
            try await second.watch(query, after: id)
            let gap = try #require(await second.event())
            #expect(gap.data.description == #"{"event":"gap"}"#)
            #expect(try number(gap.id) > number(id))
            #expect(await second.event() == nil)
            // The gap is told once.
            let third = try await house.http()
            #expect(try await third.watch(query, after: gap.id) == gap.id)
            #expect(await third.event() == nil)
        }
    }

    @Test func `whoever may not see everything is not told how much it missed`() async throws {
        let table = try AccessTable(
            parsing: """
                {"role":"all","rights":["lock:**","read:**"]}
                {"role":"some","rights":["read:a/**"]}
                {"name":"ann","token":"\(hashText(of: "ann"))","roles":["all"]}
                {"name":"bob","token":"\(hashText(of: "bob"))","roles":["some"]}
                """
        )
        let server = VirtualServer(
            checksInvariants: false,
            authority: TokenAuthority(table, owners: OwnerDirectory(), digest: plainDigest)
        )
        func watch(after id: String?, as name: String) async throws -> HTTPTalker {
            let watcher = HTTPTalker(MemoryTalker(server.connectHTTP()))
            try await watcher.watch(after: id, as: [bearer(name)])
            return watcher
        }
        let first = try await watch(after: nil, as: "ann")
        let line = server.connect()
        line.send(#"{"op":"hello","version":1,"token":"ann"}"#)
        line.send(#"{"op":"queue","resource":"a/b"}"#)
        let id = try #require(await first.event()?.id)
        for number in 0..<9_000 {
            line.post(#"{"op":"queue","resource":"secret/\#(number)","lease":60}"#)
            if number % 250 == 0 { server.world.run() }
        }
        server.world.run()
        let gap = try await watch(after: id, as: "bob").event()
        #expect(gap?.data.description == #"{"event":"gap"}"#)
        let all = try await watch(after: id, as: "ann").event()
        #expect(all?.data["missed"] != nil)
    }

    private func number(_ id: String?) throws -> Int64 {
        try #require(id?.split(separator: "-").last.flatMap { Int64($0) })
    }

    @Test func `a stream on which nothing happened can be gone on with`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            func lock(_ name: String) async throws {
                _ = try await client.ask("POST", "/v1/tickets", #"{"resource":"\#(name)"}"#)
            }
            let first = try await house.http()
            let id = try #require(try await first.watch())
            first.talker.vanish()
            try await lock("a")
            let second = try await house.http()
            #expect(try await second.watch(after: id) == id)
            #expect(await second.event()?.data["resource"]?.string == "a")
            // A gap can be gone on from, too.
            let third = try await house.http()
            #expect(try await third.watch(after: "0-1") == nil)
            let gap = try #require(await third.event()?.id)
            third.talker.vanish()
            try await lock("b")
            let fourth = try await house.http()
            #expect(try await fourth.watch(after: gap) == gap)
            #expect(await fourth.event()?.data["resource"]?.string == "b")
        }
    }

    @Test func `a client that does not read loses events and is told how many`() async throws {
        try await Place.inMemory {
            $0.limits.outboundBytes = 4_096
        } body: { house in
            let reader = house.server.connectHTTP(replyCapacity: 1_024)
            reader.post(bytes: Array(request("GET", "/v1/events").utf8))
            house.world.run()
            let line = try await house.connect()
            for number in 0..<200 {
                _ = await line.ask(#"{"op":"queue","resource":"r/\#(number)"}"#)
            }
            var seen = ""
            for _ in 0..<40 { seen += String(decoding: reader.bytes(), as: UTF8.self) }
            let told = seen.split(separator: "event: acquired").count - 1
            let missed = seen.split(separator: #""missed":"#).dropFirst()
                .compactMap { Int($0.prefix { $0.isNumber }) }.reduce(0, +)
            #expect(told > 0)
            #expect(missed > 0)
            #expect(told + missed == 200)
        }
    }

    @Test func `silence is broken so that nobody takes the connection for dead`() async throws {
        try await Place.inMemory { house in
            let watcher = try await house.http()
            try await watcher.watch()
            #expect(await watcher.piece() == nil)
            for _ in 0..<20 {
                await house.pass(.seconds(17))
                #expect(await watcher.piece() == ":\n\n")
            }
        }
    }

    @Test(arguments: Place.allCases)
    func `a server that stops says goodbye`(place: Place) async throws {
        try await place.with { house in
            let watcher = try await house.http()
            try await watcher.watch()
            house.stop()
            let goodbye = try #require(await watcher.event())
            #expect(goodbye.name == "goodbye")
            #expect(goodbye.data["reason"]?.string == "draining")
            #expect(await watcher.piece() == nil)
            watcher.talker.finishWriting()
            #expect(await watcher.isOver())
        }
    }

    @Test func `what cannot be watched is a problem, and HEAD does not wait`() async throws {
        try await Place.inMemory { house in
            let client = try await house.http()
            let both = try await client.ask("GET", "/v1/events?resource=a&prefix=b")
            #expect(both.status == 400)
            let head = try await client.ask("HEAD", "/v1/events")
            #expect(head.status == 200)
            // As of a GET: nobody knows how long the stream will be.
            #expect(head["Content-Length"] == nil)
            #expect(head["Transfer-Encoding"] == "chunked")
            #expect(try await client.ask("GET", "/healthz").status == 200)
        }
    }
}
