// Rules 18 and 19: fences rise, and `check` knows the current ones.

import HoldfastCore
import HoldfastModel
import Testing

struct FenceTests {
    @Test func `rule 18: every grant has a larger fence, however the last one ended`() {
        var bench = Bench()
        var last: UInt64 = 0
        func isRising(_ name: String) -> Bool {
            defer { last = bench.fence(name) }
            return bench.fence(name) > last
        }
        bench.queue("released", by: .ann)
        #expect(isRising("released"))
        bench.release("released", by: .ann)
        bench.queue("expired", by: .ann) { $0.stealable = true }
        #expect(isRising("expired"))
        bench.pass(30)
        bench.queue("stolen", by: .ann) { $0.stealable = true }
        #expect(isRising("stolen"))
        bench.steal("cleared", by: .bob)
        #expect(isRising("cleared"))
        bench.clear(by: .root)
        bench.queue("again", by: .ann)
        #expect(isRising("again"))
    }

    @Test
    func `rule 18: fences come from the slot's counter, also after the resource was forgotten`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        #expect(bench.fence("A") == 1_001)
        bench.release("A", by: .ann)
        bench.pass(61)
        #expect(bench.state.isForgettable)
        bench.state = Bench.makeState(LockState.Bounds())
        bench.queue("B", by: .ann)
        #expect(bench.fence("B") == 1_002)
    }

    @Test func `rule 18: a counter that was set back grants nothing old`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.release("A", by: .ann)
        bench.fences = FenceCounter(last: Fence(number: 5))
        bench.queue("B", by: .ann)
        #expect(bench.fence("B") == 1_002)
        #expect(bench.fences.last.number == 1_002)
    }

    @Test func `rule 19: a fence is valid while its ticket holds`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        let fence = Fence(number: bench.fence("A"))
        #expect(bench.state.check(fence) == CheckAnswer(isValid: true, fence: fence))
        bench.pass(30)
        #expect(bench.state.check(fence) == CheckAnswer(isValid: false))
    }

    @Test func `rule 19: among shared holders every fence is valid, and the newest is told`() {
        var bench = Bench()
        for _ in 0..<40 { bench.queue("A", by: .ann) { $0.mode = .shared } }
        for number in UInt64(1_001)...1_040 {
            let answer = bench.state.check(Fence(number: number))
            #expect(answer == CheckAnswer(isValid: true, fence: Fence(number: 1_040)))
        }
        #expect(!bench.state.check(Fence(number: 1_000)).isValid)
        #expect(!bench.state.check(Fence(number: 1_041)).isValid)
    }

    @Test func `rule 19: check of a ticket tells its state`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob)
        guard case .answer(.checked(let held)) = bench.check("A", by: .ann),
            case .answer(.checked(let queued)) = bench.check("B", by: .cid)
        else {
            Issue.record("not checked")
            return
        }
        #expect(held.isValid && held.state == .acquired && held.fence?.number == 1_001)
        #expect(!queued.isValid && queued.state == .queued && queued.fence?.number == 1_001)
    }
}
