// Rule 16 and PROTOCOL §§3, 7: `maxWait`, `lock` and `acquire` that wait, and what ends a wait.

import HoldfastCore
import HoldfastModel
import Testing

struct WaitingTests {
    @Test func `rule 16: a ticket whose maxWait is over ends timed_out and its connection is told`()
    {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob) { $0.maxWait = .s(5) }
        bench.pass(4.999)
        #expect(bench.standing("B") == "queued")
        bench.pass(0.001)
        #expect(bench.standing("B") == "timed_out")
        #expect(bench.words(to: .bob) == ["lost B timed_out"])
    }

    @Test func `rule 16: maxWait 0 acquires now or is refused and leaves nothing`() {
        var bench = Bench()
        #expect(bench.queue("A", by: .ann) { $0.maxWait = .zero } == "acquired")
        bench.pass(18)
        bench.queue("W", by: .cid)
        let refusal = bench.queue("B", by: .bob) { $0.maxWait = .zero }.refusal
        #expect(refusal?.code == .conflict)
        #expect(refusal?.held?.holder?.owner.name == "ann")
        #expect(refusal?.held?.holder?.ticket == nil)
        #expect(refusal?.held?.holder?.age == .s(18))
        #expect(refusal?.held?.holderCount == 1)
        #expect(refusal?.held?.queueLength == 1)
        #expect(refusal?.message == "deploy/prod is held by ann for 12 s more; 1 is waiting")
        #expect(bench.effects.records.isEmpty)
        #expect(bench.state.queueLength == 1)
    }

    @Test func `rule 16: the refusal names the longest holder, its label and its reason`() {
        var bench = Bench()
        for (name, label) in [("A", "ci-7"), ("B", "ci-8")] {
            bench.queue(name, by: .ann) {
                $0.mode = .shared
                $0.details = TicketDetails(holder: label, reason: "release 4.2")
            }
            bench.pass(1)
        }
        let refusal = bench.lock("C", by: .bob, wait: 0).refusal
        #expect(refusal?.code == .conflict)
        #expect(refusal?.held?.holder?.details?.holder == "ci-7")
        #expect(refusal?.held?.holder?.details?.reason == "release 4.2")
        #expect(refusal?.held?.holderCount == 2)
        #expect(refusal?.message == "deploy/prod is held by ci-7 and 1 more for 28 s more")
    }

    @Test func `a lock waits, is told its place, and is answered when it is acquired`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        #expect(bench.lock("B", by: .bob) == "waiting")
        #expect(bench.words(to: .bob) == ["queued B 1"])
        bench.pass(7)
        bench.release("A", by: .ann)
        let replies = bench.replies(to: .bob)
        #expect(replies.count == 1)
        #expect(replies.first?.grant?.waited == .s(7))
        #expect(bench.events(to: .bob).isEmpty, "what the reply tells is not told again")
    }

    @Test func `a lock that need not wait is answered at once, without waited`() {
        var bench = Bench()
        let reply = bench.lock("A", by: .ann)
        #expect(reply == "acquired")
        #expect(reply.grant?.waited == nil)
        #expect(bench.events(to: .ann).isEmpty)
    }

    @Test func `a lock with notify none is not told its place`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.lock("B", by: .bob) { $0.notify = .none }
        #expect(bench.events(to: .bob).isEmpty)
        bench.release("A", by: .ann)
        #expect(bench.replies(to: .bob).first?.grant != nil)
    }

    @Test func `the end of a lock's wait ends its ticket, and the answer says who is in the way`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.lock("B", by: .bob, wait: 3)
        bench.pass(3)
        let refusal = bench.replies(to: .bob).first?.refusal
        #expect(refusal?.code == .timedOut)
        #expect(refusal?.held?.holder?.owner.name == "ann")
        #expect(refusal?.held?.queueLength == 0)
        #expect(bench.standing("B") == "timed_out")
        #expect(bench.events(to: .bob).isEmpty)
    }

    @Test func `maxWait ends a lock's wait the same way`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.lock("B", by: .bob) { $0.maxWait = .s(3) }
        bench.pass(3)
        #expect(bench.replies(to: .bob).first?.code == .timedOut)
    }

    @Test func `a lock whose ticket ends otherwise is answered lost`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.lock("B", by: .bob)
        bench.release("B", by: .root, reason: "maintenance")
        let refusal = bench.replies(to: .bob).first?.refusal
        #expect(refusal?.code == .lost)
        #expect(
            refusal?.loss
                == Refusal.Loss(ended: .cleared, by: "root", reason: "maintenance")
        )
        #expect(bench.events(to: .bob).isEmpty)
    }

    @Test func `acquire polls, waits, and answers with the place when its wait is over`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob)
        #expect(bench.acquire("B", by: .bob) == "queued 1")
        #expect(bench.acquire("B", by: .bob, wait: 5) == "waiting")
        bench.pass(5)
        #expect(bench.replies(to: .bob).map(\.description) == ["queued 1"])
        bench.acquire("B", by: .bob, wait: 5)
        bench.pass(2)
        bench.release("A", by: .ann)
        #expect(bench.replies(to: .bob).first?.grant?.waited == .s(2))
        #expect(bench.acquire("B", by: .bob) == "acquired")
    }

    @Test func `acquire of a finished ticket says how it ended`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.pass(30)
        let refusal = bench.acquire("A", by: .ann).refusal
        #expect(refusal?.code == .lost)
        #expect(refusal?.loss?.ended == .expired)
    }

    @Test func `a waiting acquire is answered lost when its ticket ends`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob) { $0.maxWait = .s(5) }
        bench.acquire("B", by: .bob, wait: 60)
        bench.pass(5)
        let refusal = bench.replies(to: .bob).first?.refusal
        #expect(refusal?.code == .lost)
        #expect(refusal?.loss?.ended == .timedOut)
    }

    @Test func `several requests that wait on one ticket are each answered once`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.lock("B", by: .bob)
        bench.acquire("B", by: .bob, wait: 60)
        bench.acquire("B", by: .bob.elsewhere(), wait: 60)
        bench.release("A", by: .ann)
        #expect(bench.replies(to: .bob).map(\.description) == ["acquired", "acquired"])
        #expect(bench.replies(to: .bob.elsewhere()).map(\.description) == ["acquired"])
        #expect(bench.events(to: .bob).isEmpty)
    }

    @Test func `a waiter and its chance at one instant: it is served`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.lease = .s(5) }
        bench.lock("B", by: .bob, wait: 5)
        bench.skip(5)
        bench.step(.timePassed(limit: 10))
        #expect(bench.replies(to: .bob).first?.grant != nil)
    }

    // MARK: Connections that end

    @Test func `a dead waiter is never granted: its ticket is cancelled with its connection`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.lock("B", by: .bob)
        bench.lock("C", by: .cid)
        bench.step(.connectionEnded(Person.bob.connection, waitingOn: [bench.index("B")]))
        #expect(bench.replies(to: .bob).first?.code == .timedOut)
        #expect(bench.standing("B") == "cancelled")
        bench.release("A", by: .ann)
        #expect(bench.holders == ["C"])
    }

    @Test func `a lock bound to a session goes on in the queue without its wait`() {
        var bench = Bench()
        let bob = Person.bob.inSession()
        bench.queue("A", by: .ann)
        bench.lock("B", by: bob, wait: 20)
        bench.step(.connectionEnded(bob.connection, waitingOn: [bench.index("B")]))
        #expect(bench.replies(to: bob).first?.code == .timedOut)
        bench.pass(25)
        #expect(bench.standing("B") == "queued")
    }

    @Test func `a waiting acquire is answered with the present state when its connection ends`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob)
        bench.acquire("B", by: .bob, wait: 60)
        bench.step(.connectionEnded(Person.bob.connection, waitingOn: [bench.index("B")]))
        #expect(bench.replies(to: .bob).map(\.description) == ["queued 1"])
        #expect(bench.standing("B") == "queued")
    }

    @Test func `a lock that its owner waits for again elsewhere survives the first connection`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        let key = TicketDetails(key: "k")
        bench.lock("B", by: .bob) { $0.details = key }
        bench.lock("B", by: .bob.elsewhere()) { $0.details = key }
        bench.step(.connectionEnded(Person.bob.connection, waitingOn: [bench.index("B")]))
        #expect(bench.replies(to: .bob).first?.code == .timedOut)
        bench.release("A", by: .ann)
        #expect(bench.replies(to: .bob.elsewhere()).first?.grant != nil)
    }

    @Test func `the end of another connection ends no wait`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.lock("B", by: .bob)
        bench.step(.connectionEnded(Person.cid.connection, waitingOn: [bench.index("B"), 999]))
        #expect(bench.effects.outputs.isEmpty)
        #expect(bench.standing("B") == "queued")
    }
}
