// Seeds that once found something, by what that was. A seed plays another run after a change of the simulator or of
// what it simulates, so what it found has a test of its own beside it, at the layer where the fault was; here it stays
// because what was found once was near.

import HoldfastModel
import HoldfastSimulation
import TestSupport
import Testing

/// A seed, and what was wrong.
struct FoundSeed: CustomTestStringConvertible, Sendable {
    var seed: UInt64
    var stepCount: Int
    var what: String

    init(_ seed: UInt64, _ stepCount: Int, _ what: String) {
        self.seed = seed
        self.stepCount = stepCount
        self.what = what
    }

    var testDescription: String { "seed \(seed), \(stepCount) steps: \(what)" }

    /// Of the server.
    static let faults = [
        FoundSeed(
            589,
            400,
            "a lock's end was lost with its connection, though its session was taken up"
        ),
        FoundSeed(8, 300, "a connection's watches ended in an order that no other process had"),
    ]

    /// Of the oracle, which accused the server of what it may do.
    static let accusations = [
        FoundSeed(163, 700, "a lock that found another's ticket told how that ended"),
        FoundSeed(593, 2_000, "a key that was forgotten made a ticket that was closed for nobody"),
        FoundSeed(674, 600, "a lock that found a ticket was answered after that was stolen"),
        FoundSeed(737, 2_000, "so much happened in one turn that the watcher missed some of it"),
        FoundSeed(
            746,
            400,
            "an answer that a ticket was abandoned counted as hearing of its owner"
        ),
        FoundSeed(748, 1_490, "a ticket made before the server died was first seen after it"),
        FoundSeed(812, 700, "a resource that was forgotten counted its tickets anew"),
        FoundSeed(925, 1_520, "the end of a key's second ticket was told before its beginning"),
        FoundSeed(1056, 1_280, "a lock that found a ticket was gone, and the ticket with it"),
        FoundSeed(1074, 500, "a journal that failed let the queue be another"),
        FoundSeed(1791, 400, "a repeated lock found a ticket of the same owner"),
        FoundSeed(1856, 500, "a start on a full disk"),
    ]
}

@Suite(.serialized, .offThePool)
struct FoundSeedTests {
    @Test(arguments: FoundSeed.faults + FoundSeed.accusations)
    func `a seed that found something runs clean`(found: FoundSeed) {
        play(Scenario(seed: found.seed, stepCount: found.stepCount)).expectClean()
    }

    @Test(arguments: FoundSeed.faults)
    func `a seed that found something is the same run thrice`(found: FoundSeed) {
        let scenario = Scenario(seed: found.seed, stepCount: found.stepCount)
        let runs = (1...3).map { _ in play(scenario, isTracing: true).lines }
        #expect(runs[0].count > 100)
        #expect(runs[0] == runs[1] && runs[1] == runs[2])
    }
}
