// The examples of PROTOCOL §§2 and 7, line by line.

import HoldfastModel
import HoldfastWire
import Testing

struct ExampleTests {
    @Test(arguments: Place.allCases)
    func `the dialogue of section 2 goes as written`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let queued = await client.ask(
                #"{"id":1,"op":"queue","resource":"deploy/prod","lease":30}"#
            )
            #expect(
                shape(queued)
                    == #"{"id":1,"ok":true,"ticket":"T","resource":"deploy/prod","state":"acquired","fence":"F","lease":30,"remaining":"S"}"#
            )
            let released = await client.ask(
                #"{"id":2,"op":"release","ticket":"\#(queued.ticket)"}"#
            )
            #expect(
                released
                    == #"{"id":2,"ok":true,"ticket":"\#(queued.ticket)","state":"released","ended":"released"}"#
            )
            for _ in 0..<5 {
                _ = await client.ask(
                    #"{"op":"queue","resource":"deploy/prod","holder":"ci-7"}"#
                )
            }
            let refused = await client.ask(
                #"{"id":3,"op":"queue","resource":"deploy/prod","maxWait":0}"#
            )
            #expect(refused.hasPrefix(#"{"id":3,"ok":false,"error":{"code":"conflict","#))
            let message = refused.json["error"]?["message"]?.string ?? ""
            #expect(message.hasPrefix("deploy/prod is held by ci-7"))
            #expect(refused.hasSuffix(#","holders":1,"queueLength":4}"#))
        }
    }

    @Test(arguments: Place.allCases)
    func `a lock by hand is answered, and the end of input ends the connection`(
        place: Place
    ) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let reply = await client.ask(#"{"op":"lock","resource":"demo","lease":5,"wait":3}"#)
            #expect(
                shape(reply)
                    == #"{"ok":true,"ticket":"T","resource":"demo","state":"acquired","fence":"F","lease":5,"remaining":"S"}"#
            )
            client.finishWriting()
            #expect(await client.isOver())
        }
    }
}
