// Rule 9: a queue of a hundred thousand is an ordinary day. Work is counted, not timed: how deep the tree is, how
// much a step tells and records.

import HoldfastModel
import TestSupport
import Testing

@testable import HoldfastCore

@Suite(.offThePool)
struct DeepQueueTests {
    /// Held by ann, and 100,000 of bob's tickets wait; made once, each test takes a copy.
    private static let crowded = crowd(of: 100_000, mode: .exclusive)
    private static let shared = crowd(of: 20_000, mode: .shared)

    private static func crowd(of count: Int, mode: Mode) -> Bench {
        var bench = Bench()
        bench.checksEveryStep = false
        bench.wantsNotices = false
        bench.queue("first", by: .ann) { $0.mode = mode }
        for _ in 1...count { bench.queue("last", by: .bob) { $0.mode = mode } }
        return bench
    }

    @Test func `rule 9: in a queue of 100,000 a step does the work of a short queue`() {
        var bench = DeepQueueTests.crowded
        #expect(bench.state.queueLength == 100_000)

        let middle = bench.state.ticketID(at: 50_000)
        let caller = bench.caller(.bob)
        bench.step(.release(middle, reason: nil, caller))
        #expect(bench.effects.records.count == 1)
        #expect(bench.effects.outputs.count == 1)
        #expect(bench.state.queueLength == 99_999)

        #expect(bench.acquire("last", by: .bob).place?.position == 99_999)
        bench.release("first", by: .ann)
        #expect(bench.state.queueLength == 99_998)
        #expect(bench.effects.records.count == 2)
        #expect(bench.acquire("last", by: .bob).place?.position == 99_998)
        bench.state.checkInvariants()
        #expect(bench.state.queueDepth < 64, "a search looks at few of 100,000")
    }

    @Test func `rule 9: nobody can unbalance the queue by choosing who leaves`() {
        var bench = DeepQueueTests.crowded
        for rank in 0..<10_000 {
            let caller = bench.caller(.bob)
            bench.step(.release(bench.state.ticketID(at: rank), reason: nil, caller))
        }
        #expect(bench.state.queueLength == 90_000)
        #expect(bench.state.queueDepth < 64)
    }

    @Test func `rule 9: a crowd that leaves gives its memory back and loses nobody`() {
        var bench = DeepQueueTests.crowd(of: 5_000, mode: .exclusive)
        var order: [UInt64] = []
        while bench.state.holderCount > 0 {
            let holder = bench.state.holders.first
            order.append(bench.state.tickets[holder].number)
            let caller = bench.caller(order.count == 1 ? .ann : .bob)
            bench.step(.release(bench.state.id(of: holder), reason: nil, caller))
        }
        #expect(order == Array(1...5_001))
        #expect(bench.state.queueLength == 0)
        bench.state.checkInvariants()
        bench.pass(61)
        #expect(bench.state.isForgettable)
        #expect(bench.state.tickets.placeCount == 0)
    }

    @Test func `rule 9: each of many shared holders leaves in one short step`() {
        var bench = DeepQueueTests.shared
        #expect(bench.state.holderCount == 20_001)
        let half = bench.state.holders.prefix(10_000, in: bench.state.tickets)
        let middle = half[half.count - 1]
        let fence = bench.state.tickets[middle].fence
        #expect(bench.state.check(fence).isValid)
        let caller = bench.caller(.bob)
        bench.step(.release(bench.state.id(of: middle), reason: nil, caller))
        #expect(!bench.state.check(fence).isValid)
        #expect(bench.effects.records.count == 1)
        bench.state.checkInvariants()
    }

    @Test func `rule 9: of many leases that end together, a turn ends no more than it may`() {
        var bench = DeepQueueTests.shared
        bench.skip(30)
        bench.step(.timePassed(limit: 1_000))
        #expect(bench.state.holderCount == 19_001)
        #expect(bench.state.nextDeadline <= bench.now)
        bench.state.checkInvariants()
    }
}

extension LockState {
    /// Of the ticket with this rank in the queue.
    fileprivate func ticketID(at rank: Int) -> TicketID {
        let order = extras.value.order
        return order.node(at: rank, under: extras.value.queue).map(id) ?? id(of: 0)
    }

    /// How many nodes a search may have to look at.
    fileprivate var queueDepth: Int { extras.value.order.depth(under: extras.value.queue) }
}
