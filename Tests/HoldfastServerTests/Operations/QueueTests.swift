// `queue`: what its reply says, and what each of its fields does.

import HoldfastModel
import HoldfastWire
import Testing

struct QueueTests {
    @Test(arguments: Place.allCases)
    func `the reply of a granted request tells fence, lease and what is left`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(#"{"id":1,"op":"queue","resource":"a","lease":0.5}"#)
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":true,"ticket":"T","resource":"a","state":"acquired","fence":"F","lease":0.5,"remaining":"S"}"#
            )
            #expect(reply.number("remaining") <= 0.5)
            #expect(reply.ticket.utf8.count == TicketID.characterCount)
        }
    }

    @Test(arguments: Place.allCases)
    func `the reply of a queued request tells its place`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let reply = await client.ask(#"{"id":"x","op":"queue","resource":"a"}"#)
            #expect(
                shape(reply)
                    == #"{"id":"x","ok":true,"ticket":"T","resource":"a","state":"queued","lease":30,"position":2,"queueLength":2}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 16: a request that may not wait is refused and told who holds`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(
                #"{"op":"queue","resource":"a","lease":5,"holder":"ci-7","reason":"deploy"}"#
            )
            let reply = await client.ask(#"{"id":3,"op":"queue","resource":"a","maxWait":0}"#)
            #expect(
                shape(reply)
                    == #"{"id":3,"ok":false,"error":{"code":"conflict","message":"M","retryable":true},"#
                    + #""holder":{"number":1,"resource":"a","state":"acquired","mode":"exclusive","owner":"anonymous","#
                    + #""holder":"ci-7","reason":"deploy","priority":0,"lease":5,"fence":"F","remaining":"S","#
                    + #""createdAt":"TIME","acquiredAt":"TIME","expiresAt":"TIME","stealable":false,"bind":"ticket"},"#
                    + #""holders":1,"queueLength":0}"#
            )
            let list = await client.ask(#"{"op":"list","resource":"a"}"#)
            #expect(list.number("queueLength") == 0)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 16: a request that waited long enough ends timed_out`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a","maxWait":0.1}"#)
            await house.pass(.milliseconds(100))
            let lost = await client.next()
            #expect(
                shape(lost)
                    == #"{"event":"lost","ticket":"T","resource":"a","ended":"timed_out"}"#
            )
            #expect(lost.ticket == queued.ticket)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 6: shared holders share, and an exclusive request waits for all`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let readers = [
                await client.ask(#"{"op":"queue","resource":"a","mode":"shared"}"#),
                await client.ask(#"{"op":"queue","resource":"a","mode":"shared"}"#),
            ]
            #expect(readers.map(\.state) == ["acquired", "acquired"])
            let writer = await client.ask(#"{"op":"queue","resource":"a","mode":"exclusive"}"#)
            #expect(writer.state == "queued")
            // Rule 7: nobody overtakes.
            let late = await client.ask(#"{"op":"queue","resource":"a","mode":"shared"}"#)
            #expect(late.state == "queued")
            _ = await client.ask(#"{"op":"release","ticket":"\#(readers[0].ticket)"}"#)
            client.post(#"{"op":"release","ticket":"\#(readers[1].ticket)"}"#)
            let lines = await client.next(2)
            #expect(lines.contains { $0.ticket == writer.ticket && $0.fence > 0 })
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 6: permits are given out until they are used up`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            func ask(_ permits: Int) async -> String {
                await client.ask(
                    #"{"op":"queue","resource":"a","mode":"permit","permits":\#(permits),"of":3}"#
                )
            }
            #expect(await ask(2).state == "acquired")
            #expect(await ask(1).state == "acquired")
            #expect(await ask(1).state == "queued")
            let list = await client.ask(#"{"op":"list","resource":"a"}"#)
            #expect(list.text("mode") == "permit")
            #expect(list.number("of") == 3)
            #expect(list.json["holders"]?[0]?["permits"]?.integer == 2)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 6: what cannot be beside the present tickets is capacity_mismatch`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"p","mode":"permit","of":3}"#)
            let other = await client.ask(#"{"op":"queue","resource":"p","mode":"permit","of":4}"#)
            #expect(
                shape(other)
                    == #"{"ok":false,"error":{"code":"capacity_mismatch","message":"M","retryable":true}}"#
            )
            let shared = await client.ask(#"{"op":"queue","resource":"p","mode":"shared"}"#)
            #expect(shared.code == "capacity_mismatch")
            _ = await client.ask(#"{"op":"queue","resource":"s","mode":"shared"}"#)
            let permit = await client.ask(#"{"op":"queue","resource":"s","mode":"permit","of":1}"#)
            #expect(permit.code == "capacity_mismatch")
            let exclusive = await client.ask(#"{"op":"queue","resource":"s"}"#)
            #expect(exclusive.state == "queued")
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 7: a higher priority is served first`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let holder = await client.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let urgent = await client.ask(#"{"op":"queue","resource":"a","priority":9}"#)
            #expect(urgent.number("position") == 1)
            client.post(#"{"op":"release","ticket":"\#(holder.ticket)"}"#)
            let lines = await client.next(2)
            #expect(lines.first { $0.contains("\"event\"") }?.ticket == urgent.ticket)
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 25: ifMine returns the live ticket of the same owner and mode`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let first = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let again = await client.ask(
                #"{"id":1,"op":"queue","resource":"a","ifMine":"return"}"#
            )
            #expect(
                shape(again)
                    == #"{"id":1,"ok":true,"ticket":"T","resource":"a","state":"acquired","fence":"F","lease":30,"remaining":"S","existing":true}"#
            )
            #expect(again.ticket == first.ticket)
            let other = await client.ask(#"{"op":"queue","resource":"a","ifMine":"queue"}"#)
            #expect(other.ticket != first.ticket)
        }
    }
}
