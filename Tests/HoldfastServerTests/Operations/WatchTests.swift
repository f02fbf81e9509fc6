// `watch` and `unwatch`: what happens to others, numbered.

import HoldfastModel
import HoldfastWire
import Testing

struct WatchTests {
    @Test(arguments: Place.allCases)
    func `a watcher is told what happens to a resource, in order and numbered`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (watcher, client) = (try await house.connect(), try await house.connect())
            let reply = await watcher.ask(#"{"id":1,"op":"watch","resource":"a"}"#)
            #expect(reply == #"{"id":1,"ok":true,"watch":1}"#)
            let held = await client.ask(#"{"op":"queue","resource":"a","holder":"h"}"#)
            let queued = await client.ask(#"{"op":"queue","resource":"a"}"#)
            _ = await client.ask(#"{"op":"renew","ticket":"\#(held.ticket)"}"#)
            client.post(#"{"op":"release","ticket":"\#(held.ticket)"}"#)
            _ = await client.next(2)
            _ = await client.ask(#"{"op":"release","ticket":"\#(queued.ticket)","reason":"r"}"#)
            let lines = await watcher.next(6)
            #expect(
                lines.map(shape) == [
                    #"{"event":"acquired","watch":1,"seq":1,"at":"TIME","resource":"a","number":1,"owner":"anonymous","holder":"h","fence":"F"}"#,
                    #"{"event":"queued","watch":1,"seq":2,"at":"TIME","resource":"a","number":2,"owner":"anonymous"}"#,
                    #"{"event":"renewed","watch":1,"seq":3,"at":"TIME","resource":"a","number":1,"owner":"anonymous","holder":"h","fence":"F"}"#,
                    #"{"event":"released","watch":1,"seq":4,"at":"TIME","resource":"a","number":1,"owner":"anonymous","holder":"h","fence":"F"}"#,
                    #"{"event":"acquired","watch":1,"seq":5,"at":"TIME","resource":"a","number":2,"owner":"anonymous","fence":"F"}"#,
                    #"{"event":"released","watch":1,"seq":6,"at":"TIME","resource":"a","number":2,"owner":"anonymous","fence":"F","reason":"r"}"#,
                ]
            )
        }
    }

    @Test(arguments: Place.allCases)
    func `a watcher hears of every way a ticket ends`(place: Place) async throws {
        try await place.with { house in
            let (watcher, client) = (try await house.connect(), try await house.connect())
            let bound = try await house.connect()
            _ = await bound.ask(#"{"op":"hello","version":1,"session":{}}"#)
            _ = await watcher.ask(#"{"op":"watch"}"#)
            func end(_ name: String) async -> String {
                while let line = await watcher.line() {
                    let event = line.text("event")
                    if !["acquired", "queued"].contains(event) { return shape(line) }
                }
                return "(no \(name))"
            }
            _ = await client.ask(
                #"{"op":"queue","resource":"a","lease":0.1,"notify":"none","stealable":true}"#
            )
            await house.pass(.milliseconds(100))
            #expect(await end("expired").contains(#""event":"expired","watch":1,"seq":2"#))
            _ = await client.ask(
                #"{"op":"queue","resource":"a","notify":"none","stealable":true}"#
            )
            _ = await client.ask(
                #"{"op":"queue","resource":"a","notify":"none","maxWait":0.1}"#
            )
            await house.pass(.milliseconds(100))
            #expect(await end("timed_out").contains(#""event":"timed_out""#))
            _ = await client.ask(
                #"{"op":"queue","resource":"a","notify":"none","pollWithin":0.1}"#
            )
            await house.pass(.milliseconds(100))
            #expect(await end("abandoned").contains(#""event":"abandoned""#))
            let stealer = await client.ask(
                #"{"op":"steal","resource":"a","notify":"none","reason":"r","grace":9}"#
            )
            #expect(
                await end("losing").contains(
                    #""owner":"anonymous","fence":"F","by":"anonymous","reason":"r"}"#
                )
            )
            let waiting = await client.ask(#"{"op":"release","ticket":"\#(stealer.ticket)"}"#)
            #expect(waiting.text("ended") == "cancelled")
            #expect(await end("cancelled").contains(#""event":"cancelled""#))
            #expect(await end("kept").contains(#""event":"kept""#))
            _ = await client.ask(#"{"op":"steal","resource":"a","reason":"r","notify":"none"}"#)
            #expect(await end("stolen").contains(#""event":"stolen""#))
            _ = await client.ask(#"{"op":"clear","resource":"a"}"#)
            #expect(await end("cleared").contains(#""event":"cleared""#))
            _ = await bound.ask(#"{"op":"queue","resource":"a","notify":"none"}"#)
            _ = await bound.ask(#"{"op":"bye"}"#)
            #expect(await end("session_ended").contains(#""event":"session_ended""#))
        }
    }

    @Test(arguments: Place.allCases)
    func `a prefix ends at a segment, and each watch counts for itself`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (watcher, client) = (try await house.connect(), try await house.connect())
            _ = await watcher.ask(#"{"op":"watch","prefix":"a"}"#)
            _ = await watcher.ask(#"{"op":"watch","prefix":"a/b"}"#)
            for path in ["ab", "a", "a/b/c", "b"] {
                _ = await client.ask(#"{"op":"queue","resource":"\#(path)"}"#)
            }
            var seen: Set<String> = []
            for line in await watcher.next(3) {
                let watch = line.json["watch"]?.integer ?? 0
                seen.insert("\(line.text("resource")) \(watch)")
            }
            #expect(seen == ["a 1", "a/b/c 1", "a/b/c 2"])
            #expect(await watcher.linesUntilPong() == [])
        }
    }

    @Test(arguments: Place.allCases)
    func `after unwatch nothing comes, and another's number is unknown`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (watcher, client) = (try await house.connect(), try await house.connect())
            _ = await watcher.ask(#"{"op":"watch"}"#)
            #expect(
                await watcher.ask(#"{"id":1,"op":"unwatch","watch":1}"#) == #"{"id":1,"ok":true}"#
            )
            for path in ["a", "b", "c"] {
                _ = await client.ask(#"{"op":"queue","resource":"\#(path)"}"#)
            }
            #expect(await watcher.linesUntilPong() == [])
            let again = await watcher.ask(#"{"op":"unwatch","watch":1}"#)
            #expect(again.code == "not_found")
            #expect(await client.ask(#"{"op":"unwatch","watch":1}"#).code == "not_found")
            #expect(await watcher.ask(#"{"op":"watch"}"#).number("watch") == 2)
        }
    }

    @Test(arguments: Place.allCases)
    func `a watch takes a resource or a prefix, not both`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(#"{"op":"watch","resource":"a","prefix":"a"}"#)
            #expect(reply.code == "bad_request")
            #expect(reply.text("field") == "prefix")
        }
    }

    @Test(arguments: Place.allCases)
    func `what happens after the reply is told after it, also in one breath`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let (here, there) = (path("a", onLoop: 0), path("a", onLoop: 1))
            client.post(
                #"{"id":1,"op":"watch"}"#,
                #"{"id":2,"op":"queue","resource":"\#(here)"}"#,
                #"{"id":3,"op":"queue","resource":"\#(there)"}"#
            )
            let lines = await client.next(5)
            #expect(lines.first == #"{"id":1,"ok":true,"watch":1}"#)
            #expect(lines.compactMap { $0.json["id"]?.integer } == [1, 2, 3])
            #expect(lines.compactMap { $0.json["seq"]?.integer } == [1, 2])
        }
    }
}
