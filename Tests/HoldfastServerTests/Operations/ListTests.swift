// `list` and `resources`: who holds, who waits, and where.

import HoldfastModel
import HoldfastWire
import Testing

struct ListTests {
    @Test(arguments: Place.allCases)
    func `an unknown resource is simply empty and free`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(#"{"id":1,"op":"list","resource":"a/b"}"#)
            #expect(
                reply
                    == #"{"id":1,"ok":true,"resource":"a/b","holders":[],"holderCount":0,"queue":[],"queueLength":0,"recent":[],"fence":0}"#
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `a list shows holders, queue and the recent ones`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let old = await client.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await client.ask(#"{"op":"release","ticket":"\#(old.ticket)"}"#)
            let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            let reply = await client.ask(#"{"op":"list","resource":"a"}"#)
            let holder = await client.ask(#"{"op":"status","ticket":"\#(held.ticket)"}"#)
            #expect(reply.text("mode") == "exclusive")
            #expect(reply.fence == held.fence)
            #expect(reply.json["holders"]?[0]?["ticket"]?.string == held.ticket)
            #expect(reply.json["queue"]?[0]?["ticket"]?.string == queued.ticket)
            #expect(reply.json["recent"]?[0]?["ticket"]?.string == old.ticket)
            let view = shape(holder).dropFirst(#"{"ok":true,"#.utf8.count)
            #expect(shape(reply).contains(#""holders":[{\#(view)],"holderCount":1"#))
        }
    }

    @Test(arguments: Place.allCases)
    func `a long queue is shown in pages by position`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            for _ in 0..<8 {
                client.post(#"{"op":"queue","resource":"a"}"#)
                _ = await client.next()
            }
            func page(_ fields: String) async -> [Int64] {
                let reply = await client.ask(#"{"op":"list","resource":"a"\#(fields)}"#)
                #expect(reply.number("queueLength") == 7)
                return reply.json["queue"]?.elements?.compactMap { $0["position"]?.integer } ?? []
            }
            #expect(await page("") == [1, 2, 3, 4, 5, 6, 7])
            #expect(await page(#","limit":3"#) == [1, 2, 3])
            #expect(await page(#","limit":3,"after":5"#) == [6, 7])
            #expect(await page(#","after":7"#) == [])
        }
    }

    @Test(arguments: Place.allCases)
    func `rule 7: a queue is shown in the order of granting`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            for priority in [0, 0, 5, 9, 5] {
                _ = await client.ask(#"{"op":"queue","resource":"a","priority":\#(priority)}"#)
            }
            let reply = await client.ask(#"{"op":"list","resource":"a"}"#)
            let numbers = reply.json["queue"]?.elements?.compactMap { $0["number"]?.integer }
            #expect(numbers == [4, 3, 5, 2])
        }
    }

    @Test(arguments: Place.allCases)
    func `resources of all loops are listed in the order of their bytes`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            for path in ["b", "a/2", "a/10", "ab", "ä", "a"] {
                _ = await client.ask(#"{"op":"queue","resource":"\#(path)","holder":"h"}"#)
            }
            _ = await client.ask(#"{"op":"queue","resource":"b"}"#)
            func paths(_ fields: String) async -> [String] {
                let reply = await client.ask(#"{"op":"resources"\#(fields)}"#)
                let all = reply.json["resources"]?.elements ?? []
                return all.compactMap { $0["resource"]?.string }
                    + (reply.json["next"]?.string.map { ["next " + $0] } ?? [])
            }
            #expect(await paths("") == ["a", "a/10", "a/2", "ab", "b", "ä"])
            #expect(await paths(#","prefix":"a""#) == ["a", "a/10", "a/2"])
            #expect(await paths(#","limit":2"#) == ["a", "a/10", "next a/10"])
            #expect(await paths(#","limit":2,"after":"a/10""#) == ["a/2", "ab", "next ab"])
            #expect(await paths(#","after":"b""#) == ["ä"])
            #expect(await paths(#","sort":"queue","limit":1"#) == ["b"])
            await house.pass(.milliseconds(1))
            #expect(await paths(#","sort":"wait","limit":1"#) == ["b"])
            let both = await client.ask(#"{"op":"resources","sort":"wait","after":"a"}"#)
            #expect(both.text("field") == "after")
        }
    }

    @Test(arguments: Place.allCases)
    func `a resource in the list tells its first holder`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a","holder":"ci-7"}"#)
            let reply = await client.ask(#"{"id":1,"op":"resources"}"#)
            #expect(
                shape(reply)
                    == #"{"id":1,"ok":true,"resources":[{"resource":"a","mode":"exclusive","holders":1,"queueLength":0,"#
                    + #""fence":"F","oldestWait":"S","holder":{"owner":"anonymous","label":"ci-7","age":"S","remaining":"S"}}]}"#
            )
        }
    }

    @Test func `the longest wait is shown, whatever its priority`() async throws {
        try await Place.inMemory { house in
            let client = try await house.connect()
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await client.ask(#"{"op":"queue","resource":"a"}"#)
            await house.pass(.seconds(3))
            _ = await client.ask(#"{"op":"queue","resource":"a","priority":9}"#)
            await house.pass(.seconds(2))
            let reply = await client.ask(#"{"op":"resources"}"#)
            let resource = reply.json["resources"]?[0]
            #expect((4.999...5).contains(resource?["oldestWait"]?.double ?? 0))
            #expect((4.999...5).contains(resource?["holder"]?["age"]?.double ?? 0))
        }
    }

    @Test func `a resource that is only remembered is not listed`() async throws {
        try await Place.inMemory { house in
            let client = try await house.connect()
            let held = await client.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await client.ask(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            let reply = await client.ask(#"{"op":"resources"}"#)
            #expect(reply == #"{"ok":true,"resources":[]}"#)
        }
    }
}
