// Rule 17: who is heard, what is seen, and what ends abandoned.

import HoldfastCore
import HoldfastModel
import Testing

struct LivenessTests {
    private func bench(_ change: (inout TicketRequest) -> Void = { _ in }) -> Bench {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.lease = .s(1_000) }
        bench.queue("B", by: .bob) {
            $0.pollWithin = .s(10)
            change(&$0)
        }
        return bench
    }

    @Test func `rule 17: a queued ticket whose owner is silent ends abandoned`() {
        var bench = bench()
        bench.pass(9.999)
        #expect(bench.standing("B") == "queued")
        bench.pass(0.001)
        #expect(bench.standing("B") == "abandoned")
        #expect(bench.words(to: .bob) == ["lost B abandoned"])
    }

    @Test(arguments: ["acquire", "status", "renew", "check"])
    func `rule 17: any operation of the owner that names the ticket is heard, also a refused one`(
        _ operation: String
    ) {
        var bench = bench()
        bench.pass(8)
        switch operation {
        case "acquire": bench.acquire("B", by: .bob)
        case "status": bench.status("B", by: .bob)
        case "renew": #expect(bench.renew("B", by: .bob) == "not_acquired")
        default: bench.check("B", by: .bob)
        }
        bench.pass(9.999)
        #expect(bench.standing("B") == "queued")
        bench.pass(0.001)
        #expect(bench.standing("B") == "abandoned")
    }

    @Test func `rule 17: somebody else's look is not the owner's`() {
        var bench = bench()
        bench.pass(8)
        bench.status("B", by: .cid)
        bench.renew("B", by: .cid)
        bench.pass(2)
        #expect(bench.standing("B") == "abandoned")
    }

    @Test
    func `rule 17: who waits is heard all the time, and pollWithin starts when the wait ends`() {
        var bench = bench()
        bench.acquire("B", by: .bob, wait: 50)
        bench.pass(59.999)
        #expect(bench.standing("B") == "queued")
        bench.pass(0.001)
        #expect(bench.standing("B") == "abandoned")
    }

    @Test func `rule 17: a ticket bound to a session has no pollWithin`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob.inSession()) { $0.pollWithin = .s(10) }
        bench.pass(20)
        #expect(bench.standing("B") == "queued")
    }

    @Test func `rule 17: a grant that was told is seen, and only the lease counts`() {
        var bench = bench()
        bench.release("A", by: .ann)
        #expect(bench.words(to: .bob) == ["acquired B"])
        bench.pass(29.999)
        #expect(bench.standing("B") == "acquired")
        bench.pass(0.001)
        #expect(bench.standing("B") == "expired")
    }

    @Test func `rule 17: an unseen grant is abandoned when its owner stays silent`() {
        var bench = bench { $0.notify = .none }
        bench.pass(4)
        bench.release("A", by: .ann)
        #expect(bench.events(to: .bob).isEmpty)
        bench.pass(5.999)
        #expect(bench.standing("B") == "acquired")
        bench.pass(0.001)
        #expect(bench.standing("B") == "abandoned")
    }

    @Test func `rule 17: a reply that shows the grant makes it seen`() {
        var bench = bench { $0.notify = .none }
        bench.release("A", by: .ann)
        bench.pass(5)
        #expect(bench.acquire("B", by: .bob) == "acquired")
        bench.pass(24)
        #expect(bench.standing("B") == "acquired")
    }

    @Test func `rule 17: a grant that could not be written is unseen again`() {
        var bench = bench()
        bench.release("A", by: .ann)
        let fence = Fence(number: bench.fence("B"))
        bench.step(.undelivered(ticketIndex: bench.index("B"), fence))
        bench.pass(10)
        #expect(bench.standing("B") == "abandoned")
    }

    @Test func `rule 17: what came back does not take away what another reply showed`() {
        var bench = bench()
        bench.release("A", by: .ann)
        let fence = Fence(number: bench.fence("B"))
        bench.acquire("B", by: .bob.elsewhere())
        bench.step(.undelivered(ticketIndex: bench.index("B"), fence))
        bench.pass(20)
        #expect(bench.standing("B") == "acquired")
    }

    @Test func `rule 17: another grant's fence takes nothing back`() {
        var bench = bench()
        bench.release("A", by: .ann)
        bench.step(.undelivered(ticketIndex: bench.index("B"), Fence(number: 1)))
        bench.step(.undelivered(ticketIndex: 99, Fence(number: 1)))
        bench.pass(20)
        #expect(bench.standing("B") == "acquired")
    }

    @Test func `rule 17: a holder that was silent keeps what it saw`() {
        var bench = Bench()
        bench.queue("A", by: .ann) {
            $0.lease = .s(100)
            $0.pollWithin = .s(1)
        }
        bench.pass(99)
        #expect(bench.standing("A") == "acquired")
    }
}
