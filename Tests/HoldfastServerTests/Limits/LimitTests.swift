// Rule 31: everything that grows has a limit, and the error names it. Each is tried just below, at, and just above.

import HoldfastModel
import HoldfastServer
import HoldfastWire
import Testing

struct LimitTests {
    /// The line that refuses, whole.
    private func refusal(_ limit: String) -> String {
        #"{"ok":false,"error":{"code":"limit_exceeded","message":"M","retryable":true},"limit":"\#(limit)"}"#
    }

    @Test(arguments: Place.allCases)
    func `connections past the limit are told so and closed, until another leaves`(
        place: Place
    ) async throws {
        try await place.with {
            $0.limits.connections = 3
        } body: { house in
            var clients: [any Talker] = []
            for _ in 0..<3 {
                let client = try await house.connect()
                #expect(await client.ask(#"{"op":"ping"}"#).code == "ok")
                clients.append(client)
            }
            let late = try await house.connect()
            #expect(shape(await late.next()) == refusal("connections"))
            #expect(await late.next() == #"{"event":"goodbye","reason":"connections"}"#)
            #expect(await late.isOver())
            clients[0].finishWriting()
            #expect(await clients[0].isOver())
            try await house.until {
                await clients[1].ask(#"{"op":"stats"}"#).number("connections") == 2
            }
            let next = try await house.connect()
            #expect(await next.ask(#"{"op":"ping"}"#).code == "ok")
        }
    }

    @Test(arguments: Place.allCases)
    func `connections of one principal have a limit of their own`(place: Place) async throws {
        try await place.with {
            $0.limits.connectionsPerPrincipal = 2
        } body: { house in
            let bob = #"{"op":"hello","version":1,"token":"bob"}"#
            var clients: [any Talker] = []
            for _ in 0..<2 {
                let client = try await house.connect()
                #expect(await client.ask(bob).code == "ok")
                clients.append(client)
            }
            let third = try await house.connect()
            #expect(shape(await third.ask(bob)) == refusal("connections_per_principal"))
            let carol = #"{"op":"hello","version":1,"token":"carol"}"#
            #expect(await third.ask(carol).code == "ok")
            clients[0].finishWriting()
            #expect(await clients[0].isOver())
            try await house.until {
                await third.ask(#"{"op":"stats"}"#).number("connections") == 2
            }
            let fourth = try await house.connect()
            #expect(await fourth.ask(bob).code == "ok")
        }
    }

    @Test(arguments: Place.allCases)
    func `a principal may say hello on as many connections as it may have`(
        place: Place
    ) async throws {
        try await place.with {
            $0.limits.connectionsPerPrincipal = 1
        } body: { house in
            let client = try await house.connect()
            #expect(await client.ask(#"{"op":"hello","version":1}"#).code == "ok")
            let late = try await house.connect()
            #expect(shape(await late.next()) == refusal("connections_per_principal"))
            #expect(await late.next().text("event") == "goodbye")
            #expect(await late.isOver())
        }
    }

    @Test(arguments: Place.allCases)
    func `waits of a connection are bounded, and free again when they are over`(
        place: Place
    ) async throws {
        try await place.with {
            $0.limits.waits = 2
        } body: { house in
            let (holder, client) = (try await house.connect(), try await house.connect())
            let held = await holder.ask(#"{"op":"queue","resource":"a"}"#)
            let lock = #"{"op":"lock","resource":"a","notify":"none","x":1}"#
            client.post(lock, lock)
            #expect(await client.linesUntilPong() == [])
            #expect(
                shape(await client.ask(lock))
                    == refusal("waits").dropLast() + #","ignored":["x"]}"#
            )
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let poll = await client.ask(#"{"op":"acquire","ticket":"\#(queued.ticket)","wait":9}"#)
            #expect(shape(poll) == refusal("waits"))
            let atOnce = await client.ask(#"{"op":"acquire","ticket":"\#(queued.ticket)"}"#)
            #expect(atOnce.state == "queued")
            _ = await holder.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            #expect(await client.next().state == "acquired")
            client.post(lock)
            #expect(await client.linesUntilPong() == [])
        }
    }

    @Test(arguments: Place.allCases)
    func `a queue is bounded, but its tickets are found again by key`(
        place: Place
    ) async throws {
        try await place.with {
            $0.limits.queue = 2
        } body: { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await client.ask(#"{"op":"queue","resource":"a","key":"k"}"#)
            let last = await client.ask(#"{"op":"queue","resource":"a"}"#)
            #expect(last.number("position") == 2)
            #expect(
                shape(await client.ask(#"{"op":"queue","resource":"a"}"#)) == refusal("queue")
            )
            let lock = await client.ask(#"{"op":"lock","resource":"a"}"#)
            #expect(shape(lock) == refusal("queue"))
            let found = await client.ask(#"{"op":"queue","resource":"a","key":"k"}"#)
            #expect(found.number("position") == 1)
            _ = await client.ask(#"{"op":"release","ticket":"\#(last.ticket)"}"#)
            let again = await client.ask(#"{"op":"queue","resource":"a"}"#)
            #expect(again.number("position") == 2)
            #expect(held.state == "acquired")
        }
    }

    @Test(arguments: Place.allCases)
    func `live tickets of one principal are bounded over all loops`(
        place: Place
    ) async throws {
        try await place.with {
            $0.limits.ticketsPerPrincipal = 3
        } body: { house in
            let (client, other) = (try await house.connect(), try await house.connect())
            _ = await other.ask(#"{"op":"hello","version":1,"token":"bob"}"#)
            var tickets: [String] = []
            for number in 0..<3 {
                let path = path("a", onLoop: number % loopCount)
                let reply = await client.ask(#"{"op":"queue","resource":"\#(path)","key":"k"}"#)
                tickets.append(reply.ticket)
                if number == 1 {
                    tickets.append(
                        await client.ask(#"{"op":"queue","resource":"b"}"#).ticket
                    )
                }
            }
            // Found by its key: no new ticket.
            #expect(tickets.count == 4)
            #expect(tickets[3] == tickets[0])
            let line = #"{"op":"queue","resource":"c"}"#
            #expect(shape(await client.ask(line)) == refusal("tickets_per_principal"))
            #expect(await other.ask(line).state == "acquired")
            _ = await client.ask(#"{"op":"release","ticket":"\#(tickets[0])"}"#)
            #expect(await client.ask(line).state == "queued")
        }
    }

    @Test func `resources are bounded over all loops, remembered ones count`() async throws {
        try await Place.inMemory {
            $0.limits.resources = 2
        } body: { house in
            let client = try await house.connect()
            let (here, there) = (path("a", onLoop: 0), path("a", onLoop: 1))
            let held = await client.ask(#"{"op":"queue","resource":"\#(here)"}"#)
            _ = await client.ask(#"{"op":"queue","resource":"\#(there)","lease":3600}"#)
            let line = #"{"op":"queue","resource":"third"}"#
            #expect(shape(await client.ask(line)) == refusal("resources"))
            #expect(
                await client.ask(#"{"op":"queue","resource":"\#(there)"}"#).state == "queued"
            )
            _ = await client.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            #expect(shape(await client.ask(line)) == refusal("resources"))
            await house.pass(.seconds(61))
            #expect(await client.ask(line).state == "acquired")
        }
    }

    @Test(arguments: Place.allCases)
    func `sessions are bounded, and free again when they end`(place: Place) async throws {
        try await place.with {
            $0.limits.sessions = 1
        } body: { house in
            let (one, other) = (try await house.connect(), try await house.connect())
            let line = #"{"op":"hello","version":1,"session":{}}"#
            #expect(await one.ask(line).code == "ok")
            #expect(shape(await other.ask(line)) == refusal("sessions"))
            _ = await one.ask(#"{"op":"bye"}"#)
            #expect(await other.ask(line).code == "ok")
        }
    }

    @Test(arguments: Place.allCases)
    func `watches of a connection are bounded`(place: Place) async throws {
        try await place.with {
            $0.limits.watches = 2
        } body: { house in
            let (client, other) = (try await house.connect(), try await house.connect())
            #expect(await client.ask(#"{"op":"watch"}"#).number("watch") == 1)
            #expect(await client.ask(#"{"op":"watch"}"#).number("watch") == 2)
            #expect(shape(await client.ask(#"{"op":"watch"}"#)) == refusal("watches"))
            #expect(await other.ask(#"{"op":"watch"}"#).number("watch") == 1)
            _ = await client.ask(#"{"op":"unwatch","watch":1}"#)
            #expect(await client.ask(#"{"op":"watch"}"#).number("watch") == 3)
        }
    }

    @Test(arguments: Place.allCases)
    func `metadata is bounded in bytes and in count`(place: Place) async throws {
        try await place.with {
            $0.limits.metaBytes = 40
        } body: { house in
            let client = try await house.connect()
            func ask(_ meta: String) async -> String {
                await client.ask(#"{"op":"queue","resource":"a","meta":{\#(meta)}}"#)
            }
            func text(_ count: Int) -> String { String(repeating: "v", count: count) }
            #expect(await ask(#""k":"\#(text(38))""#).code == "ok")
            #expect(await ask(#""k":"\#(text(39))""#).code == "ok")
            let refused =
                #"{"ok":false,"error":{"code":"bad_request","message":"M","retryable":false},"field":"meta","limit":"meta"}"#
            #expect(shape(await ask(#""k":"\#(text(40))""#)) == refused)
            func many(_ count: Int) -> String {
                (0..<count).map { #""\#($0)":"""# }.joined(separator: ",")
            }
            #expect(await ask(many(15)).code == "ok")
            #expect(await ask(many(16)).code == "ok")
            #expect(shape(await ask(many(17))) == refused)
        }
    }

    @Test(arguments: Place.allCases)
    func `the range of leases is the operator's`(place: Place) async throws {
        try await place.with {
            $0.limits.leaseMin = .milliseconds(500)
            $0.limits.leaseMax = .seconds(10)
        } body: { house in
            let client = try await house.connect()
            func ask(_ lease: String) async -> String {
                await client.ask(#"{"op":"queue","resource":"a","lease":\#(lease)}"#)
            }
            for lease in ["0.5", "0.501", "9.999", "10"] {
                #expect(await ask(lease).code == "ok")
            }
            for lease in ["0.499", "10.001"] {
                #expect(
                    shape(await ask(lease))
                        == #"{"ok":false,"error":{"code":"bad_request","message":"M","retryable":false},"field":"lease","limit":"lease"}"#
                )
            }
            let hello = try await house.connect()
            let reply = await hello.ask(#"{"op":"hello","version":1}"#)
            #expect(reply.json["limits"]?["lease"]?.integer == 10)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 23: so many finished tickets are remembered, the oldest goes first`(
        place: Place
    ) async throws {
        try await place.with {
            $0.limits.retained = 2
        } body: { house in
            let client = try await house.connect()
            var tickets: [String] = []
            for _ in 0..<3 {
                tickets.append(await client.ask(#"{"op":"queue","resource":"a"}"#).ticket)
                _ = await client.ask(#"{"op":"release","ticket":"\#(tickets.last ?? "")"}"#)
            }
            var codes: [String] = []
            for ticket in tickets {
                codes.append(await client.ask(#"{"op":"status","ticket":"\#(ticket)"}"#).code)
            }
            #expect(codes == ["not_found", "ok", "ok"])
        }
    }

    @Test(arguments: Place.allCases)
    func `the history of a resource is bounded`(place: Place) async throws {
        try await place.with {
            $0.limits.history = 3
        } body: { house in
            let client = try await house.connect()
            for _ in 0..<4 {
                let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
                _ = await client.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            }
            let reply = await client.ask(#"{"op":"history","resource":"a"}"#)
            let events = reply.json["history"]?.elements?.compactMap { $0["event"]?.string }
            #expect(events == ["released", "acquired", "released"])
        }
    }
}
