// Rules 6 and 7: who shares with whom, and in which order.

import HoldfastCore
import HoldfastModel
import Testing

struct FairnessTests {
    @Test func `rule 6: an exclusive holder shares with nobody`() {
        var bench = Bench()
        #expect(bench.queue("A", by: .ann) == "acquired")
        #expect(bench.queue("B", by: .bob) == "queued 1")
        #expect(bench.queue("C", by: .cid) { $0.mode = .shared } == "queued 2")
        #expect(bench.holders == ["A"])
        bench.release("A", by: .ann)
        #expect(bench.holders == ["B"])
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
}
