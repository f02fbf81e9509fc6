// The shortest stories: one lock, two clients, a lease that ends.

import HoldfastModel
import Testing

struct FirstLockTests {
    @Test(arguments: Place.allCases)
    func `a free resource is acquired at once`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(
                #"{"id":1,"op":"queue","resource":"deploy/prod","lease":30}"#
            )
            #expect(reply.hasPrefix(#"{"id":1,"ok":true,"ticket":""#), "\(reply)")
            #expect(reply.contains(#""state":"acquired""#))
            #expect(reply.contains(#""lease":30,"remaining":30"#))
        }
    }

    @Test(arguments: Place.allCases)
    func `the next in the queue is told when the lease of the holder ends`(
        place: Place
    ) async throws {
        try await place.with { house in
            let (holder, waiter) = (try await house.connect(), try await house.connect())
            let held = await holder.ask(#"{"op":"queue","resource":"a","lease":0.2}"#)
            #expect(held.contains(#""state":"acquired""#))
            let queued = await waiter.ask(#"{"op":"queue","resource":"a"}"#)
            #expect(queued.contains(#""state":"queued","#))
            #expect(queued.contains(#""position":1,"queueLength":1"#))
            await house.pass(.milliseconds(200))
            let lost = await holder.line() ?? "(end)"
            #expect(lost.hasPrefix(#"{"event":"lost""#), "\(lost)")
            #expect(lost.contains(#""ended":"expired""#))
            let granted = await waiter.line() ?? "(end)"
            #expect(granted.hasPrefix(#"{"event":"acquired""#), "\(granted)")
        }
    }
}
