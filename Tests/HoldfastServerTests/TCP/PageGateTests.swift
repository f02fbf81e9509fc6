// How many large answers one connection may have on their way: the gate at its edge, and that whoever asks for many
// gets all of them in order.

import Testing

@testable import HoldfastServer

struct PageGateTests {
    @Test func `the fourth page shuts it until all are told`() {
        var gate = PageGate()
        #expect(!gate.isShut(front: 0))
        for number: UInt64 in [5, 6, 8] {
            gate.note(number, front: 5)
            #expect(!gate.isShut(front: 5))
        }
        gate.note(9, front: 5)
        #expect(gate.isShut(front: 5))
        // The last of them is the next to be told.
        #expect(gate.isShut(front: 9))
        #expect(!gate.isShut(front: 10))
        gate.note(10, front: 10)
        #expect(!gate.isShut(front: 10))
    }

    @Test func `pages that were told do not count`() {
        var gate = PageGate()
        for number: UInt64 in 0..<50 {
            gate.note(number, front: number)
            #expect(!gate.isShut(front: number))
        }
    }

    @Test(arguments: Place.allCases)
    func `however many are asked for, all come in their order`(place: Place) async throws {
        try await place.with { house in
            let client = try await house.connect()
            let paths = (0..<loopCount).map { path("page", onLoop: $0) }
            for path in paths {
                #expect(await client.ask(#"{"op":"queue","resource":"\#(path)"}"#).code == "ok")
            }
            let count = 200
            for number in 0..<count {
                let operation = number % 3 == 0 ? "history" : "list"
                let path = paths[number / 5 % loopCount]
                client.post(#"{"id":\#(number),"op":"\#(operation)","resource":"\#(path)"}"#)
            }
            for number in 0..<count {
                let line = await client.next()
                #expect(line.hasPrefix(#"{"id":\#(number),"ok":true"#), "\(line)")
            }
        }
    }
}
