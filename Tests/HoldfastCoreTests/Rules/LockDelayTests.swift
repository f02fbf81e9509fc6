// Rule 15: after a holder that may still believe in its lock, the resource stays closed.

import HoldfastCore
import HoldfastModel
import Testing

struct LockDelayTests {
    private func closedBench(_ delay: Double = 10) -> Bench {
        var bench = Bench()
        bench.queue("A", by: .ann) {
            $0.lease = .s(5)
            $0.lockDelay = .s(delay)
        }
        bench.pass(5)
        return bench
    }

    @Test func `rule 15: an expired ticket keeps the resource closed for its delay`() {
        var bench = closedBench()
        #expect(bench.queue("B", by: .bob) == "queued 1")
        #expect(bench.state.summary(at: bench.reading).closedFor == .s(10))
        bench.pass(9.999)
        #expect(bench.standing("B") == "queued")
        bench.pass(0.001)
        #expect(bench.standing("B") == "acquired")
        #expect(bench.state.summary(at: bench.reading).closedFor == nil)
    }

    @Test func `rule 15: whoever waited already waits for the end of the delay, too`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.lockDelay = .s(10) }
        bench.lock("B", by: .bob)
        bench.pass(30)
        #expect(bench.standing("B") == "queued")
        bench.pass(10)
        #expect(bench.replies(to: .bob).first?.grant?.waited == .s(40))
    }

    @Test func `rule 15: a conflict while closed has no holder and says for how long`() {
        var bench = closedBench()
        bench.pass(4)
        let refusal = bench.queue("B", by: .bob) { $0.maxWait = .zero }.refusal
        #expect(refusal?.code == .conflict)
        #expect(refusal?.held?.holder == nil)
        #expect(refusal?.held?.closedFor == .s(6))
        #expect(refusal?.message == "deploy/prod is closed by a lock delay for 6 s more")
    }

    @Test func `rule 15: a release never delays`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.lockDelay = .s(10) }
        bench.release("A", by: .ann)
        #expect(bench.queue("B", by: .bob) == "acquired")
    }

    @Test func `rule 15: the end of a session delays as an expiry does`() throws {
        var bench = Bench()
        let ann = Person.ann.inSession()
        bench.queue("A", by: ann) { $0.lockDelay = .s(10) }
        let session = try #require(ann.session)
        bench.step(.sessionEnded(session, tickets: [bench.index("A")]))
        #expect(bench.queue("B", by: .bob) == "queued 1")
    }

    @Test func `rule 15: present holders stay, and the latest end counts`() {
        var bench = Bench()
        bench.queue("stays", by: .cid) {
            $0.mode = .shared
            $0.lease = .s(100)
        }
        for (name, delay) in [("long", 20.0), ("short", 3.0)] {
            bench.queue(name, by: .ann) {
                $0.mode = .shared
                $0.lease = .s(5)
                $0.lockDelay = .s(delay)
            }
        }
        bench.pass(5)
        #expect(bench.holders == ["stays"])
        #expect(bench.queue("new", by: .bob) { $0.mode = .shared } == "queued 1")
        bench.pass(19.999)
        #expect(bench.standing("new") == "queued")
        bench.pass(0.001)
        #expect(bench.standing("new") == "acquired")
    }

    @Test func `rule 15: clear ends the delay`() {
        var bench = closedBench()
        #expect(bench.clear(by: .root) == "cleared 0")
        #expect(bench.queue("B", by: .bob) == "acquired")
    }

    @Test func `rule 15: a closed resource is not forgotten before it opens`() {
        var bench = Bench { $0.retain = .s(1) }
        bench.queue("A", by: .ann) {
            $0.lease = .s(5)
            $0.lockDelay = .s(10)
        }
        bench.pass(14)
        #expect(bench.standing("A") == "unknown")
        #expect(!bench.state.isForgettable)
        #expect(bench.state.isShown)
        bench.pass(1)
        #expect(bench.state.isForgettable)
        #expect(!bench.state.isShown)
    }

    @Test func `rules 15 and 17: an unseen grant that ends delays nobody`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob) {
            $0.notify = .none
            $0.lease = .s(5)
            $0.lockDelay = .s(10)
        }
        bench.release("A", by: .ann)
        bench.pass(5)
        #expect(bench.standing("B") == "expired")
        #expect(bench.queue("C", by: .cid) == "acquired")
    }
}
