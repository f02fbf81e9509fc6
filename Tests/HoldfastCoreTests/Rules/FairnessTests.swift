// Rules 6–8: who shares with whom, in which order, and that the dead cost nothing.

import HoldfastCore
import HoldfastModel
import Testing

struct FairnessTests {
    struct Pair: CustomTestStringConvertible, Sendable {
        var held: Mode
        var asked: Mode
        var outcome: String
        var testDescription: String { "\(asked) beside \(held): \(outcome)" }
    }

    static let pairs = [
        Pair(held: .exclusive, asked: .exclusive, outcome: "queued 1"),
        Pair(held: .exclusive, asked: .shared, outcome: "queued 1"),
        Pair(held: .exclusive, asked: .permit(count: 1, of: 3), outcome: "queued 1"),
        Pair(held: .shared, asked: .exclusive, outcome: "queued 1"),
        Pair(held: .shared, asked: .shared, outcome: "acquired"),
        Pair(held: .shared, asked: .permit(count: 1, of: 3), outcome: "capacity_mismatch"),
        Pair(held: .permit(count: 2, of: 3), asked: .exclusive, outcome: "queued 1"),
        Pair(held: .permit(count: 2, of: 3), asked: .shared, outcome: "capacity_mismatch"),
        Pair(held: .permit(count: 2, of: 3), asked: .permit(count: 1, of: 3), outcome: "acquired"),
        Pair(held: .permit(count: 2, of: 3), asked: .permit(count: 2, of: 3), outcome: "queued 1"),
        Pair(
            held: .permit(count: 2, of: 3),
            asked: .permit(count: 1, of: 4),
            outcome: "capacity_mismatch"
        ),
    ]

    @Test(arguments: pairs)
    func `rule 6: what a mode is beside another`(_ pair: Pair) {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.mode = pair.held }
        #expect(bench.queue("B", by: .bob) { $0.mode = pair.asked } == pair.outcome)
    }

    @Test func `rule 6: a waiting permit ticket fixes the capacity as a holder does`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob) { $0.mode = .permit(count: 1, of: 2) }
        #expect(bench.queue("C", by: .cid) { $0.mode = .shared } == "capacity_mismatch")
        #expect(
            bench.queue("D", by: .cid) { $0.mode = .permit(count: 1, of: 3) }.code
                == .capacityMismatch
        )
        bench.release("B", by: .bob)
        #expect(bench.queue("E", by: .cid) { $0.mode = .shared } == "queued 1")
        #expect(
            bench.queue("F", by: .cid) { $0.mode = .permit(count: 1, of: 3) }.code
                == .capacityMismatch
        )
    }

    @Test func `rule 6: permits come back one by one`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.mode = .permit(count: 2, of: 3) }
        bench.queue("B", by: .ann) { $0.mode = .permit(count: 1, of: 3) }
        bench.queue("C", by: .bob) { $0.mode = .permit(count: 3, of: 3) }
        bench.release("A", by: .ann)
        #expect(bench.holders == ["B"])
        bench.release("B", by: .ann)
        #expect(bench.holders == ["C"])
    }

    @Test func `rule 7: a later reader does not overtake a waiting writer`() {
        var bench = Bench()
        bench.queue("reader", by: .ann) { $0.mode = .shared }
        bench.queue("writer", by: .bob)
        #expect(bench.queue("late", by: .cid) { $0.mode = .shared } == "queued 2")
        bench.release("reader", by: .ann)
        #expect(bench.holders == ["writer"])
        bench.release("writer", by: .bob)
        #expect(bench.holders == ["late"])
    }

    @Test func `rule 7: a small permit does not overtake a large one`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.mode = .permit(count: 1, of: 2) }
        bench.queue("large", by: .bob) { $0.mode = .permit(count: 2, of: 2) }
        #expect(
            bench.queue("small", by: .cid) { $0.mode = .permit(count: 1, of: 2) }
                == "queued 2"
        )
    }

    @Test func `rule 7: all readers at the head are granted in the same step`() {
        var bench = Bench()
        bench.queue("writer", by: .ann)
        for name in ["r1", "r2", "r3"] { bench.queue(name, by: .bob) { $0.mode = .shared } }
        bench.queue("next", by: .cid)
        bench.queue("r4", by: .bob) { $0.mode = .shared }
        bench.release("writer", by: .ann)
        #expect(bench.holders == ["r1", "r2", "r3"])
        #expect(bench.waiting == ["next", "r4"])
    }

    @Test func `rule 7: a higher priority stands first, and arrival decides among equals`() {
        var bench = Bench()
        bench.queue("held", by: .ann)
        bench.queue("low", by: .bob)
        bench.queue("high", by: .bob) { $0.priority = 9 }
        bench.queue("middle", by: .cid) { $0.priority = 5 }
        bench.queue("high2", by: .cid) { $0.priority = 9 }
        #expect(bench.waiting == ["high", "high2", "middle", "low"])
        #expect(bench.position("low") == 4)
    }

    @Test func `rule 7: a higher priority that fits passes those it stands before`() {
        var bench = Bench()
        bench.queue("reader", by: .ann) { $0.mode = .shared }
        bench.queue("writer", by: .bob)
        let reply = bench.queue("urgent", by: .cid) {
            $0.mode = .shared
            $0.priority = 1
        }
        #expect(reply == "acquired")
        #expect(bench.waiting == ["writer"])
    }

    @Test func `rule 7: when the head leaves, who stands behind it is granted in the same step`() {
        var bench = Bench()
        bench.queue("reader", by: .ann) { $0.mode = .shared }
        bench.queue("writer", by: .bob)
        bench.queue("late", by: .cid) { $0.mode = .shared }
        bench.release("writer", by: .bob)
        #expect(bench.holders == ["reader", "late"])
        #expect(bench.words(to: .cid) == ["acquired late"])
    }

    @Test func `rule 8: who gave up is gone from the queue at once`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob)
        bench.queue("C", by: .cid)
        #expect(bench.release("B", by: .bob) == "cancelled")
        #expect(bench.position("C") == 1)
        bench.release("A", by: .ann)
        #expect(bench.holders == ["C"])
    }
}
