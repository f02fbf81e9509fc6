// Rules 10–13: when a lease begins and ends, what renews it, and what its holder may trust.

import HoldfastCore
import HoldfastModel
import Testing

struct LeaseTests {
    @Test func `rule 10: the lease starts when the ticket is granted, not when it was queued`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.lease = .s(20) }
        bench.queue("B", by: .bob) { $0.lease = .s(5) }
        bench.pass(19)
        bench.acquire("B", by: .bob)
        bench.pass(1)
        #expect(bench.standing("A") == "expired")
        #expect(bench.remaining("B") == 5)
    }

    @Test func `rule 11: a lease is there until its end and gone at its end`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.lease = .milliseconds(500) }
        bench.pass(0.499_999_999)
        #expect(bench.standing("A") == "acquired")
        bench.pass(0.000_000_001)
        #expect(bench.standing("A") == "expired")
    }

    @Test func `rule 11: the next waiter is granted in the step that ends the lease`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.lock("B", by: .bob)
        bench.skip(30)
        bench.step(.timePassed(limit: 1))
        #expect(bench.holders == ["B"])
        #expect(bench.replies(to: .bob).first?.grant?.waited == .s(30))
    }

    @Test
    func `rule 11: a lease ends only in its own step, so a late renewal before it is in time`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.skip(31)
        #expect(bench.renew("A", by: .ann) == "renewed 30.0")
        bench.step(.timePassed(limit: 10))
        #expect(bench.standing("A") == "acquired")
    }

    @Test func `rule 12: renewing moves the end to now and the duration`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.pass(20)
        #expect(bench.renew("A", by: .ann) == "renewed 30.0")
        bench.pass(29.9)
        #expect(bench.standing("A") == "acquired")
        bench.pass(0.1)
        #expect(bench.standing("A") == "expired")
    }

    @Test func `rule 12: a shorter lease counts once and never moves the end nearer`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.pass(10)
        #expect(bench.renew("A", by: .ann, lease: 5) == "renewed 20.0")
        bench.pass(18)
        #expect(bench.renew("A", by: .ann, lease: 5) == "renewed 5.0")
        #expect(bench.view("A")?.lease == .s(30))
        #expect(bench.effects.records.isEmpty)
        #expect(bench.renew("A", by: .ann) == "renewed 30.0")
    }

    @Test func `rule 12: a longer lease becomes the ticket's, and is recorded`() throws {
        var bench = Bench()
        bench.queue("A", by: .ann)
        #expect(bench.renew("A", by: .ann, lease: 60) == "renewed 60.0")
        guard case .leaseLengthened(let index, let lease)? = bench.effects.records.first else {
            Issue.record("no record")
            return
        }
        #expect(index == bench.index("A"))
        #expect(lease == .s(60))
        #expect(bench.renew("A", by: .ann) == "renewed 60.0")
        #expect(bench.effects.records.isEmpty)
    }

    @Test func `rule 12: only what is held can be renewed`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob)
        #expect(bench.renew("B", by: .bob) == "not_acquired")
        bench.pass(30)
        let refusal = bench.renew("A", by: .ann).refusal
        #expect(refusal?.code == .lost)
        #expect(refusal?.loss == Refusal.Loss(ended: .expired))
    }

    @Test func `rule 13: remaining is what is left now`() {
        var bench = Bench()
        #expect(bench.queue("A", by: .ann).grant?.remaining == .s(30))
        bench.pass(12.5)
        #expect(bench.acquire("A", by: .ann).grant?.remaining == .s(17.5))
        #expect(bench.acquire("A", by: .ann).grant?.waited == nil)
    }

    @Test func `rule 13: waited counts from the last request on that connection that named it`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob)
        bench.pass(10)
        bench.status("B", by: .bob)
        bench.pass(4)
        bench.release("A", by: .ann)
        guard case .acquired(_, _, let lease, let grant)? = bench.events(to: .bob).first else {
            Issue.record("no event")
            return
        }
        #expect(lease == .s(30))
        #expect(grant.waited == .s(4))
        #expect(grant.remaining == .s(30))
    }

    @Test func `rule 13: a naming on another connection does not shorten waited on this one`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.lock("B", by: .bob)
        bench.pass(10)
        bench.acquire("B", by: .bob.elsewhere(), wait: 60)
        bench.pass(5)
        bench.release("A", by: .ann)
        #expect(bench.replies(to: .bob).first?.grant?.waited == .s(15))
        #expect(bench.replies(to: .bob.elsewhere()).first?.grant?.waited == .s(5))
    }
}
