// A line that goes the short way is answered, and counted, as the same line that does not: with a space in it, which
// no plain line has.

import HoldfastModel
import Testing

struct ShortWayTests {
    /// `T` is the ticket that was acquired last, `U` that of the stranger.
    ///
    /// Nobody hears of events, which come in between.
    private static let day = [
        #"{"id":1,"op":"queue","resource":"R","notify":"none"}"#,
        #"{"id":2,"op":"queue","resource":"R","lease":7,"notify":"none"}"#,
        #"{"id":3,"op":"release","ticket":"T"}"#,
        #"{"id":4,"op":"release","ticket":"T"}"#,
        #"{"id":5,"op":"clear","resource":"R"}"#,
        #"{"op":"queue","resource":"R","lease":12,"notify":"none"}"#,
        #"{"id":6,"op":"lock","resource":"R","wait":0}"#,
        #"{"id":7,"op":"release","ticket":"T"}"#,
        #"{"id":8,"op":"lock","resource":"R","wait":3}"#,
        #"{"id":9,"op":"renew","ticket":"T","lease":9}"#,
        #"{"id":10,"op":"release","ticket":"T"}"#,
        #"{"id":11,"op":"release","ticket":"U"}"#,
        #"{"id":12,"op":"queue","resource":"R/never/seen"}"#,
        #"{"id":13,"op":"release","ticket":"AAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        #"{"id":14,"op":"queue","resource":"R","lease":0}"#,
        #"{"id":15,"op":"queue","resource":"R/"}"#,
        #"{"id":16,"op":"list","resource":"R"}"#,
    ]

    @Test(arguments: Place.allCases)
    func `a plain line is answered as one with a space in it`(place: Place) async throws {
        try await place.with { house in
            for loop in 0..<loopCount {
                let short = try await answers(on: path("a", onLoop: loop), in: house) { $0 }
                let long = try await answers(on: path("b", onLoop: loop), in: house) {
                    $0.replacing("{\"", with: "{ \"", maxReplacements: 1)
                }
                for (one, other) in zip(short, long) { #expect(one == other) }
                #expect(short.count == long.count)
            }
        }
    }

    /// The shapes of all replies of a day, the resource called `R` in each.
    private func answers(
        on resource: String,
        in house: any House,
        _ change: (String) -> String
    ) async throws -> [String] {
        let (client, stranger) = (try await house.connect(), try await house.connect())
        _ = await stranger.ask(#"{"op":"hello","version":1,"token":"stranger"}"#)
        let other = await stranger.ask(#"{"op":"queue","resource":"\#(resource)/other"}"#)
        _ = await client.ask(#"{"op":"ping"}"#)
        var ticket = "none"
        var shapes: [String] = []
        for line in ShortWayTests.day {
            let asked = line.replacing("\"R", with: "\"" + resource)
                .replacing("\"T\"", with: "\"\(ticket)\"")
                .replacing("\"U\"", with: "\"\(self.ticket(in: other) ?? "none")\"")
            let reply = await client.ask(change(asked))
            if reply.contains(#""state":"acquired""#) { ticket = self.ticket(in: reply) ?? ticket }
            shapes.append(shape(reply).replacing(resource, with: "R"))
        }
        return shapes
    }

    private func ticket(in reply: String) -> String? {
        reply.firstMatch(of: /"ticket":"([^"]{28})"/).map { String($0.output.1) }
    }
}
