// Rule 5 and PROTOCOL §3: what the end and the return of a session mean for its tickets.

import HoldfastCore
import HoldfastModel
import Testing

struct SessionTests {
    private let ann = Person.ann.inSession(1)
    private let bob = Person.bob.inSession(2)

    private func session(_ person: Person) -> SessionID {
        person.session ?? SessionID(bits: 0)
    }

    @Test func `rule 5: when a session is over its tickets end, held ones too, and no other`() {
        var bench = Bench()
        bench.queue("A", by: ann)
        bench.queue("unbound", by: ann) { $0.binding = .ticket }
        bench.queue("B", by: bob)
        bench.step(
            .sessionEnded(
                session(ann),
                tickets: [bench.index("A"), bench.index("unbound"), bench.index("B"), 99]
            )
        )
        #expect(bench.standing("A") == "session_ended")
        #expect(bench.holders == ["unbound"])
        #expect(bench.waiting == ["B"])
    }

    @Test func `rule 5: none of the tickets that end together is granted on the way`() {
        var bench = Bench()
        bench.queue("A", by: ann)
        bench.queue("A2", by: ann)
        bench.queue("B", by: bob)
        bench.step(
            .sessionEnded(session(ann), tickets: [bench.index("A"), bench.index("A2")])
        )
        #expect(bench.holders == ["B"])
        #expect(bench.standing("A2") == "session_ended")
        #expect(bench.fences.last.number == 1_002)
    }

    @Test func `a resumed session hears of the grant it missed, without waited`() {
        var bench = Bench()
        bench.queue("A", by: .cid)
        bench.queue("B", by: bob)
        bench.release("A", by: .cid)
        bench.step(.undelivered(ticketIndex: bench.index("B"), Fence(number: bench.fence("B"))))
        bench.pass(5)
        let again = bob.elsewhere()
        bench.step(
            .sessionResumed(session(bob), again.connection, tickets: [bench.index("B")])
        )
        guard case .acquired(_, _, _, let grant)? = bench.events(to: again).first else {
            Issue.record("not told")
            return
        }
        #expect(grant.waited == nil)
        #expect(grant.remaining == .s(25))
        bench.step(
            .sessionResumed(session(bob), again.connection, tickets: [bench.index("B")])
        )
        #expect(bench.effects.outputs.isEmpty, "it is told once")
    }

    @Test func `a resumed session hears of the loss it missed`() {
        var bench = Bench()
        bench.queue("A", by: ann)
        bench.pass(30)
        bench.step(.untold(ticketIndex: bench.index("A")))
        let again = ann.elsewhere()
        bench.step(
            .sessionResumed(session(ann), again.connection, tickets: [bench.index("A")])
        )
        #expect(bench.words(to: again) == ["lost A expired"])
    }

    @Test func `a resumed session hears that it is losing`() {
        var bench = Bench()
        bench.queue("A", by: ann) { $0.stealable = true }
        bench.steal("S", by: .cid, grace: 20)
        bench.step(.untold(ticketIndex: bench.index("A")))
        bench.pass(5)
        let again = ann.elsewhere()
        bench.step(
            .sessionResumed(session(ann), again.connection, tickets: [bench.index("A")])
        )
        #expect(bench.words(to: again) == ["losing A to cid in 15.0"])
        bench.pass(15)
        #expect(bench.words(to: again) == ["lost A stolen"])
    }

    @Test func `a resumed session hears nothing of what did not change`() {
        var bench = Bench()
        bench.queue("A", by: ann)
        bench.queue("A2", by: ann)
        let again = ann.elsewhere()
        bench.step(
            .sessionResumed(
                session(ann),
                again.connection,
                tickets: [bench.index("A"), bench.index("A2")]
            )
        )
        #expect(bench.effects.outputs.isEmpty)
        bench.release("A", by: again)
        #expect(bench.words(to: again) == ["acquired A2"])
    }

    @Test func `rule 13: after a resume waited is unknown until the ticket is named again`() {
        var bench = Bench()
        bench.queue("A", by: .cid)
        bench.queue("B", by: bob)
        let again = bob.elsewhere()
        bench.pass(5)
        bench.step(
            .sessionResumed(session(bob), again.connection, tickets: [bench.index("B")])
        )
        var named = bench
        bench.release("A", by: .cid)
        guard case .acquired(_, _, _, let unknown)? = bench.events(to: again).first else {
            Issue.record("not told")
            return
        }
        #expect(unknown.waited == nil)
        named.status("B", by: again)
        named.pass(3)
        named.release("A", by: .cid)
        guard case .acquired(_, _, _, let known)? = named.events(to: again).first else {
            Issue.record("not told")
            return
        }
        #expect(known.waited == .s(3))
    }

    @Test func `another session's tickets do not follow`() {
        var bench = Bench()
        bench.queue("A", by: ann)
        bench.step(
            .sessionResumed(session(bob), bob.connection, tickets: [bench.index("A")])
        )
        bench.pass(30)
        #expect(bench.events(to: bob).isEmpty)
        #expect(bench.words(to: ann) == ["lost A expired"])
    }

    @Test func `a ticket of a connection that cannot be told owes its news to a resume`() {
        var bench = Bench()
        let nobody = Person(owner: ann.owner, connection: .none, session: ann.session)
        bench.queue("A", by: .cid)
        bench.queue("B", by: nobody)
        bench.release("A", by: .cid)
        #expect(bench.events(to: nobody).isEmpty)
        bench.step(
            .sessionResumed(session(ann), ann.connection, tickets: [bench.index("B")])
        )
        #expect(bench.words(to: ann) == ["acquired B"])
        #expect(bench.state.session(ofTicket: bench.index("B")) == ann.session)
        #expect(bench.state.session(ofTicket: bench.index("A")) == nil)
        #expect(bench.state.session(ofTicket: 99) == nil)
    }
}
