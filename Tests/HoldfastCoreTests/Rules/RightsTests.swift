// Rules 3, 29, 30 and 31: whose a ticket is, who may do what, and the limit of a queue.

import HoldfastCore
import HoldfastModel
import Testing

struct RightsTests {
    private func held() -> Bench {
        var bench = Bench()
        bench.queue("A", by: .ann)
        return bench
    }

    @Test func `rule 30: its owner alone may acquire, renew and release a ticket`() {
        var bench = held()
        #expect(bench.acquire("A", by: .bob) == "forbidden")
        #expect(bench.renew("A", by: .bob) == "forbidden")
        #expect(bench.renew("A", by: .root) == "forbidden")
        let refusal = bench.release("A", by: .bob).refusal
        #expect(refusal?.code == .forbidden)
        #expect(refusal?.right == .admin)
        #expect(bench.standing("A") == "acquired")
    }

    @Test func `rule 30: an administrator may release it, and its owner learns who did`() {
        var bench = held()
        #expect(bench.release("A", by: .root, reason: "stuck") == "cleared")
        guard case .lost(_, _, let loss)? = bench.events(to: .ann).first else {
            Issue.record("not told")
            return
        }
        #expect(loss == Refusal.Loss(ended: .cleared, by: "root", reason: "stuck"))
        #expect(bench.release("A", by: .ann).refusal?.loss?.ended == .cleared)
        #expect(bench.release("A", by: .root).code == .lost)
    }

    @Test func `rule 29: what waits for somebody who may not have it ends, what is held goes on`() {
        var bench = Bench()
        bench.queue("A", by: .bob)
        bench.queue("B", by: .ann)
        bench.queue("C", by: .bob)
        bench.queue("D", by: .ann)
        let ids = ["A", "B", "D"].map { bench.id($0) }
        bench.step(.withdrawn(ids + [bench.id("D")], reason: "no more"))
        #expect(bench.standing("B") == "cleared")
        #expect(bench.standing("D") == "cleared")
        #expect(bench.holders == ["A"])
        #expect(bench.waiting == ["C"])
        bench.release("A", by: .bob)
        #expect(bench.holders == ["C"])
    }

    @Test func `rule 29: whom a stealer was to rob that may not lock any more, that one is kept`() {
        var bench = Bench()
        bench.queue("A", by: .bob) { $0.stealable = true }
        bench.steal("S", by: .ann, grace: 10)
        bench.step(.withdrawn([bench.id("S")], reason: "no more"))
        bench.pass(20)
        #expect(bench.holders == ["A"])
        #expect(bench.waiting == [])
    }

    @Test func `rule 4: two objects of one name are one owner`() {
        var bench = held()
        let twin = Person(owner: Owner(name: "ann"), connection: .numbered(30))
        #expect(bench.renew("A", by: twin) == "renewed 30.0")
    }

    @Test func `rule 29: another's ticket is shown to who may read, without its id`() {
        var bench = held()
        let refusal = bench.status("A", by: .bob.may(.lock)).refusal
        #expect(refusal?.code == .forbidden)
        #expect(refusal?.right == .read)
        #expect(bench.check("A", by: .bob.may(.lock)).refusal?.right == .read)
        func shownID(to who: Person) -> TicketID? {
            guard case .answer(.status(let view)) = bench.status("A", by: who) else { return nil }
            return view.ticket
        }
        #expect(shownID(to: .bob) == nil)
        #expect(shownID(to: .ann.may([])) == bench.id("A"))
        #expect(shownID(to: .root) == bench.id("A"))
    }

    @Test func `rule 29: who may not lock is told the missing right`() {
        var bench = Bench()
        #expect(bench.queue("A", by: .ann.may(.read)).refusal?.right == .lock)
        #expect(bench.effects.records.isEmpty)
    }

    @Test func `rule 3: an id that is off by one bit finds nothing`() {
        var bench = held()
        let id = bench.id("A")
        let wrong = [
            TicketID(
                secretHigh: id.secretHigh ^ 1,
                secretLow: id.secretLow,
                slot: id.slot,
                resourceIndex: id.resourceIndex,
                ticketIndex: id.ticketIndex
            ),
            TicketID(
                secretHigh: id.secretHigh,
                secretLow: id.secretLow ^ 1,
                slot: id.slot,
                resourceIndex: id.resourceIndex,
                ticketIndex: id.ticketIndex
            ),
            TicketID(
                secretHigh: id.secretHigh,
                secretLow: id.secretLow,
                slot: Slot(number: id.slot.number ^ 1),
                resourceIndex: id.resourceIndex,
                ticketIndex: id.ticketIndex
            ),
            TicketID(
                secretHigh: id.secretHigh,
                secretLow: id.secretLow,
                slot: id.slot,
                resourceIndex: id.resourceIndex ^ 1,
                ticketIndex: id.ticketIndex
            ),
            TicketID(
                secretHigh: id.secretHigh,
                secretLow: id.secretLow,
                slot: id.slot,
                resourceIndex: id.resourceIndex,
                ticketIndex: id.ticketIndex ^ 1
            ),
        ]
        for id in wrong {
            let caller = bench.caller(.ann)
            bench.step(.status(id, caller))
            #expect(bench.reply(to: caller.address) == "not_found")
        }
    }

    @Test(arguments: [-1, 0, 1])
    func `rule 31: a queue takes as many tickets as its limit, and says which limit it was`(
        _ beyond: Int
    ) {
        var bench = Bench { $0.queue = 3 }
        bench.queue("held", by: .ann)
        for number in 0..<3 + beyond - 1 { bench.queue("T\(number)", by: .bob) }
        let reply = bench.queue("last", by: .cid)
        if beyond < 1 {
            #expect(reply == "queued \(3 + beyond)")
        } else {
            #expect(reply.refusal?.code == .limitExceeded)
            #expect(reply.refusal?.limit == .queue)
            #expect(bench.effects.records.isEmpty)
        }
    }

    @Test func `rule 31: who need not wait is not refused by the limit of those who wait`() {
        var bench = Bench { $0.queue = 1 }
        bench.queue("A", by: .ann) { $0.mode = .shared }
        bench.queue("W", by: .bob)
        #expect(
            bench.queue("high", by: .cid) {
                $0.mode = .shared
                $0.priority = 1
            } == "acquired"
        )
        #expect(bench.lock("B", by: .bob, wait: 0) == "conflict")
    }

    @Test func `bind session without a session is a bad request`() {
        var bench = Bench()
        let refusal = bench.queue("A", by: .ann) { $0.binding = .session }.refusal
        #expect(refusal?.code == .badRequest)
        #expect(refusal?.field == "bind")
    }
}
