// Rules 20 and 21: taking the resource from its holders, at once or after a grace.

import HoldfastCore
import HoldfastModel
import Testing

struct StealTests {
    private func held(_ change: (inout TicketRequest) -> Void = { _ in }) -> Bench {
        var bench = Bench()
        bench.queue("A", by: .ann) {
            $0.stealable = true
            change(&$0)
        }
        return bench
    }

    // MARK: At once

    @Test func `rule 21: a steal takes the resource and tells who lost it, how and why`() {
        var bench = held()
        #expect(bench.steal("S", by: .bob) == "acquired")
        #expect(bench.standing("A") == "stolen")
        guard case .lost(_, _, let loss)? = bench.events(to: .ann).first else {
            Issue.record("not told")
            return
        }
        #expect(loss == Refusal.Loss(ended: .stolen, by: "bob", reason: "needed"))
        #expect(bench.notices == [.stolen, .acquired])
    }

    @Test func `rule 21: a free resource is simply acquired`() {
        var bench = Bench()
        #expect(bench.steal("S", by: .bob, grace: 10) == "acquired")
    }

    @Test func `rule 21: if one may not be taken, nothing happens`() {
        var bench = Bench()
        for (name, stealable) in [("A", true), ("B", false)] {
            bench.queue(name, by: .ann) {
                $0.mode = .shared
                $0.stealable = stealable
            }
        }
        let refusal = bench.steal("S", by: .bob).refusal
        #expect(refusal?.code == .notStealable)
        #expect(bench.effects.records.isEmpty)
        #expect(bench.holders == ["A", "B"])
    }

    @Test func `rule 21: an administrator may take any with force, and nobody else may use it`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        let refusal = bench.steal("S", by: .bob, force: true).refusal
        #expect(refusal?.code == .forbidden)
        #expect(refusal?.right == .admin)
        #expect(bench.steal("S", by: .root) == "not_stealable")
        #expect(bench.steal("S", by: .root, force: true) == "acquired")
    }

    @Test func `rule 21: a shared stealer joins shared holders without taking any`() {
        var bench = held { $0.mode = .shared }
        bench.queue("writer", by: .cid)
        #expect(bench.steal("S", by: .bob) { $0.mode = .shared } == "acquired")
        #expect(bench.holders == ["A", "S"])
    }

    @Test func `rule 21: of permits, the longest holding go until the stealer fits`() {
        var bench = Bench()
        for name in ["A", "B", "C"] {
            bench.queue(name, by: .ann) {
                $0.mode = .permit(count: 1, of: 3)
                $0.stealable = true
            }
        }
        #expect(bench.steal("S", by: .bob) { $0.mode = .permit(count: 2, of: 3) } == "acquired")
        #expect(bench.holders == ["C", "S"])
    }

    @Test func `rule 21: a steal that fits the capacity of nobody is a mismatch`() {
        var bench = held { $0.mode = .permit(count: 1, of: 3) }
        #expect(bench.steal("S", by: .bob) { $0.mode = .shared } == "capacity_mismatch")
    }

    // MARK: With a grace

    @Test func `rule 21: with a grace the victim is told, goes on, and ends when it is over`() {
        var bench = held()
        bench.queue("W", by: .cid) { $0.priority = 9 }
        #expect(bench.steal("S", by: .bob, grace: 10) == "queued 1")
        #expect(bench.words(to: .ann) == ["losing A to bob in 10.0"])
        bench.pass(9.999)
        #expect(bench.standing("A") == "acquired")
        bench.pass(0.001)
        #expect(bench.standing("A") == "stolen")
        #expect(bench.holders == ["S"])
        #expect(bench.words(to: .bob) == ["acquired S"])
        #expect(bench.words(to: .ann) == ["lost A stolen"])
    }

    @Test func `rule 21: a victim that releases makes way at once`() {
        var bench = held()
        bench.steal("S", by: .bob, grace: 10)
        bench.pass(3)
        bench.release("A", by: .ann)
        #expect(bench.standing("A") == "released")
        #expect(bench.holders == ["S"])
    }

    @Test func `rule 21: a victim's lease may end before the grace`() {
        var bench = held { $0.lease = .s(5) }
        bench.steal("S", by: .bob, grace: 10)
        bench.pass(5)
        #expect(bench.standing("A") == "expired")
        #expect(bench.holders == ["S"])
    }

    @Test func `rule 21: a renewal meanwhile says losing, and never more than the grace`() {
        var bench = held()
        bench.steal("S", by: .bob, grace: 10)
        bench.pass(4)
        #expect(bench.renew("A", by: .ann) == "renewed 6.0 losing")
        #expect(bench.acquire("A", by: .ann).grant?.remaining == .s(6))
        bench.pass(6)
        #expect(bench.standing("A") == "stolen")
    }

    @Test func `rule 21: a lease that ends before the grace is what a renewal tells`() {
        var bench = held()
        bench.steal("S", by: .bob, grace: 300)
        #expect(bench.renew("A", by: .ann) == "renewed 30.0 losing")
    }

    @Test func `rule 21: a stealer that ends calls the steal off, and the victim is kept`() {
        var bench = held()
        bench.steal("S", by: .bob, grace: 10)
        bench.release("S", by: .bob)
        #expect(bench.words(to: .ann) == ["kept A"])
        #expect(bench.renew("A", by: .ann) == "renewed 30.0")
        bench.pass(10)
        #expect(bench.standing("A") == "acquired")
    }

    @Test func `rule 21: a victim that is no longer needed is kept`() {
        var bench = Bench()
        for name in ["A", "B"] {
            bench.queue(name, by: .ann) {
                $0.mode = .permit(count: 1, of: 2)
                $0.stealable = true
            }
        }
        bench.steal("S", by: .bob, grace: 10) { $0.mode = .permit(count: 1, of: 2) }
        #expect(bench.words(to: .ann) == ["losing A to bob in 10.0"])
        bench.release("B", by: .ann)
        #expect(bench.holders == ["A", "S"])
        #expect(bench.words(to: .ann) == ["kept A"])
    }

    @Test func `rule 21: stealers stand before every priority, behind earlier stealers`() {
        var bench = held()
        bench.queue("W", by: .cid) { $0.priority = 9 }
        bench.steal("S1", by: .bob, grace: 10)
        bench.steal("S2", by: .cid, grace: 10)
        #expect(bench.waiting == ["S1", "S2", "W"])
    }

    @Test func `rule 21: a victim is told losing once, and a later steal never shortens its grace`()
    {
        var bench = held()
        bench.steal("S1", by: .bob, grace: 10)
        #expect(bench.steal("S2", by: .cid) == "queued 2")
        #expect(bench.events(to: .ann).isEmpty)
        bench.pass(9.999)
        #expect(bench.standing("A") == "acquired")
        bench.pass(0.001)
        #expect(bench.holders == ["S1"])
        #expect(bench.waiting == ["S2"])
    }

    @Test func `rule 21: a victim of two is kept only when both have gone`() {
        var bench = held()
        bench.steal("S1", by: .bob, grace: 10)
        bench.steal("S2", by: .cid, grace: 60)
        bench.release("S1", by: .bob)
        #expect(bench.events(to: .ann).isEmpty)
        bench.release("S2", by: .cid)
        #expect(bench.words(to: .ann) == ["kept A"])
    }

    @Test func `rule 21: a second permit stealer takes another victim`() {
        var bench = Bench()
        for name in ["A", "B"] {
            bench.queue(name, by: .ann) {
                $0.mode = .permit(count: 1, of: 2)
                $0.stealable = true
            }
        }
        for name in ["S1", "S2"] {
            bench.steal(name, by: .bob, grace: 10) { $0.mode = .permit(count: 1, of: 2) }
        }
        #expect(bench.words(to: .ann) == ["losing B to bob in 10.0"])
        bench.pass(10)
        #expect(bench.holders == ["S1", "S2"])
    }

    @Test func `rule 21: no victim ends before its stealer can be granted`() {
        var bench = Bench()
        for name in ["A", "B"] {
            bench.queue(name, by: .ann) {
                $0.mode = .permit(count: 1, of: 2)
                $0.stealable = true
                $0.lease = .s(100)
            }
        }
        bench.steal("S1", by: .bob, grace: 10) { $0.mode = .permit(count: 1, of: 2) }
        // S2 needs everybody to go, S1 as well, which is granted first and is not stealable.
        #expect(bench.steal("S2", by: .cid) == "queued 2")
        #expect(bench.holders == ["A", "B"])
        bench.pass(10)
        #expect(bench.holders == ["B", "S1"])
        bench.release("S1", by: .bob)
        #expect(bench.holders == ["S2"])
        #expect(bench.standing("B") == "stolen")
    }

    @Test func `rule 21: maxWait 0 with a grace is a conflict`() {
        var bench = held()
        let refusal = bench.steal("S", by: .bob, grace: 10) { $0.maxWait = .zero }.refusal
        #expect(refusal?.code == .conflict)
        #expect(bench.effects.records.isEmpty)
        #expect(bench.steal("S", by: .bob) { $0.maxWait = .zero } == "acquired")
    }

    @Test func `rule 21: a steal waits for a lock delay, and so do its victims`() {
        var bench = Bench()
        bench.queue("A", by: .ann) {
            $0.mode = .shared
            $0.stealable = true
            $0.lease = .s(100)
        }
        bench.queue("D", by: .cid) {
            $0.mode = .shared
            $0.lease = .s(5)
            $0.lockDelay = .s(10)
        }
        bench.pass(5)
        #expect(bench.steal("S", by: .bob) == "queued 1")
        #expect(bench.words(to: .ann) == ["losing A to bob in 10.0"])
        bench.pass(9.999)
        #expect(bench.holders == ["A"])
        bench.pass(0.001)
        #expect(bench.holders == ["S"])
        #expect(bench.standing("A") == "stolen")
    }

    @Test func `rule 21: a stealer whose maxWait is over keeps the victim`() {
        var bench = held()
        bench.steal("S", by: .bob, grace: 10) { $0.maxWait = .s(5) }
        bench.pass(5)
        #expect(bench.standing("S") == "timed_out")
        #expect(bench.words(to: .ann) == ["kept A"])
    }

    @Test func `rule 21: a steal needs the right to it`() {
        var bench = held()
        let refusal = bench.steal("S", by: .bob.may(.lock)).refusal
        #expect(refusal?.code == .forbidden)
        #expect(refusal?.right == .steal)
    }

    @Test func `rule 21: a steal is in the history`() {
        var bench = held()
        bench.steal("S", by: .bob, grace: 10)
        bench.pass(10)
        let history = bench.state.history(limit: 64, at: bench.reading)
        #expect(history.map(\.kind) == [.acquired, .stolen, .losing, .queued, .acquired])
        #expect(history[1].by == "bob")
        #expect(history[1].reason == "needed")
        #expect(history[2].by == "bob")
    }

    @Test
    func `rules 9 and 21: a holder that hundreds want to steal is kept when the last gives up`() {
        var bench = held { $0.lease = .s(1_000) }
        bench.checksEveryStep = false
        for number in 0..<500 { bench.steal("S\(number)", by: .bob, grace: 100) }
        for number in (0..<500).reversed() where number != 170 {
            bench.release("S\(number)", by: .bob)
            #expect(bench.events(to: .ann).isEmpty)
        }
        bench.state.checkInvariants()
        bench.release("S170", by: .bob)
        #expect(bench.words(to: .ann) == ["kept A"])
        bench.state.checkInvariants()
    }

    @Test func `rule 21: who comes and goes again and again leaves nothing with the victim`() {
        var bench = held { $0.lease = .s(1_000) }
        bench.steal("stays", by: .cid, grace: 50)
        for _ in 0..<200 {
            bench.steal("S", by: .bob, grace: 5)
            bench.release("S", by: .bob)
        }
        bench.pass(50)
        #expect(bench.holders == ["stays"])
        #expect(bench.view("A")?.endedBy == "cid")
    }

    @Test func `rule 31: what stealers want of holders is bounded, until one of them is gone`() {
        var bench = Bench { $0.claims = 3 }
        for name in ["A", "B"] {
            bench.queue(name, by: .ann) {
                $0.mode = .shared
                $0.stealable = true
            }
        }
        #expect(bench.steal("S", by: .bob, grace: 10) == "queued 1")
        let refusal = bench.steal("T", by: .bob, grace: 10).refusal
        #expect(refusal?.code == .limitExceeded)
        #expect(refusal?.limit == .claims)
        bench.release("B", by: .ann)
        #expect(bench.steal("T", by: .bob, grace: 10) == "queued 2")
        #expect(bench.steal("U", by: .bob, grace: 10).refusal?.limit == .claims)
        bench.release("S", by: .bob)
        #expect(bench.steal("U", by: .bob, grace: 10) == "queued 2")
    }

    // MARK: Rule 20

    @Test func `rule 20: a ticket with notify none is told nothing, not even lost`() {
        var bench = held { $0.notify = .none }
        bench.steal("S", by: .bob)
        #expect(bench.events(to: .ann).isEmpty)
    }

    @Test func `rule 20: its own release is no loss`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.release("A", by: .ann.elsewhere())
        #expect(bench.events(to: .ann).isEmpty)
    }

    @Test func `rule 20: the last connection that named the ticket hears of it`() {
        var bench = held()
        bench.acquire("A", by: .ann.elsewhere())
        bench.status("A", by: .ann)
        bench.steal("S", by: .bob)
        #expect(bench.events(to: .ann).isEmpty)
        #expect(bench.words(to: .ann.elsewhere()) == ["lost A stolen"])
    }
}
