// What several loops are asked in one read: plain lines travel flat, others as operations, and every one is answered as
// if nothing travelled at all. The same lines with a space in each are the measure: none of those is plain.

import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Testing

struct PlainLetterTests {
    private static let resourceCount = 12

    @Test(arguments: Place.allCases, [1, 2, 3] as [UInt64])
    func `lines for several loops are answered as those that go the general way`(
        place: Place,
        seed: UInt64
    ) async throws {
        try await place.with { house in
            let plain = try await answers(in: house, "p", seed: seed, space: "")
            let general = try await answers(in: house, "g", seed: seed, space: " ")
            for (one, other) in zip(plain, general) { #expect(one == other) }
            #expect(plain.count == general.count)
            #expect(
                plain.contains { $0.contains("not_found") }
                    && plain.contains { $0.contains("queued") }
            )
        }
    }

    /// The replies in the order in which they came; those of `lock`, which have none, behind them.
    private func answers(
        in house: any House,
        _ name: String,
        seed: UInt64,
        space: String
    ) async throws -> [String] {
        let client = try await house.connect()
        let paths = (0..<Self.resourceCount).map {
            path("\(name)\($0)-", onLoop: $0 % loopCount)
        }
        var random = SeededGenerator(seed: seed)
        // By the place of the path: what was granted there last.
        var tickets: [Int: String] = [:]
        var told: [String] = []
        for round in 0..<6 {
            let lines = (0..<24).map { number in
                let body = body(&random, paths, tickets)
                return "{\(space)\"id\":\(round * 100 + number),\(body)}"
            }
            client.post(bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
            var (inOrder, apart): ([String], [String]) = ([], [])
            while inOrder.count + apart.count < lines.count {
                let reply = await client.next()
                // Where among the replies of other loops an event comes is not said.
                if reply.contains(#""event":"#) { continue }
                let id = reply.json["id"]?.integer ?? -1
                let place = paths.firstIndex(of: reply.text("resource"))
                if reply.state == "acquired", let place { tickets[place] = reply.ticket }
                let isLock = lines.contains {
                    $0.contains("\"id\":\(id),") && $0.contains(#""op":"lock""#)
                }
                let told = paths.enumerated().reduce(shape(reply)) {
                    $0.replacing($1.element, with: "path \($1.offset)")
                }
                isLock ? apart.append(told) : inOrder.append(told)
                guard reply != "(end)" else { return ["ended"] }
            }
            told += inOrder + apart.sorted()
        }
        return told
    }

    private func body(
        _ random: inout SeededGenerator,
        _ paths: [String],
        _ tickets: [Int: String]
    ) -> String {
        let place = Int.random(in: 0..<paths.count, using: &random)
        let path = paths[place]
        switch Int.random(in: 0..<12, using: &random) {
        case 0..<5: return #""op":"queue","resource":"\#(path)","notify":"none""#
        case 5: return #""op":"queue","resource":"\#(path)/","notify":"none""#
        case 6: return #""op":"list","resource":"\#(path)""#
        case 7: return #""op":"lock","resource":"\#(path)","wait":0"#
        case 8: return #""op":"ping""#
        case 9: return #""op":"clear","resource":"\#(path)""#
        default:
            let ticket = tickets[place] ?? String(repeating: "A", count: 28)
            return #""op":"release","ticket":"\#(ticket)""#
        }
    }
}
