// Rules 22–25: clear, idempotency keys, releasing twice, and one's own ticket.

import HoldfastCore
import HoldfastModel
import Testing

struct RepeatingTests {
    // MARK: Clear

    @Test func `rule 22: clear ends every ticket, tells all and says how many`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob)
        bench.lock("C", by: .cid)
        #expect(bench.clear(by: .root, reason: "fire drill") == "cleared 3")
        #expect(bench.holders.isEmpty && bench.waiting.isEmpty)
        #expect(bench.words(to: .ann) == ["lost A cleared"])
        #expect(bench.words(to: .bob) == ["lost B cleared"])
        #expect(
            bench.replies(to: .cid).first?.refusal?.loss
                == Refusal.Loss(ended: .cleared, by: "root", reason: "fire drill")
        )
        #expect(bench.view("A")?.endedBy == "root")
        #expect(bench.view("A")?.endReason == "fire drill")
    }

    @Test func `rule 22: nobody is granted or kept on the way out`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.stealable = true }
        bench.steal("S", by: .bob, grace: 10)
        #expect(bench.clear(by: .root) == "cleared 2")
        #expect(bench.words(to: .ann) == ["lost A cleared"])
        #expect(bench.notices == [.cleared, .cleared])
    }

    @Test func `rule 22: clear needs the right admin`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        #expect(bench.clear(by: .ann).refusal?.right == .admin)
        #expect(bench.standing("A") == "acquired")
    }

    // MARK: Keys

    private let key = TicketDetails(key: "job-17", holder: "ci-7")

    @Test func `rule 23: the same key leads to the same ticket, in its present state`() {
        var bench = Bench()
        bench.queue("other", by: .bob)
        #expect(bench.queue("A", by: .ann) { $0.details = key } == "queued 1")
        let first = bench.id("A")
        bench.release("other", by: .bob)
        let again = bench.queue("A", by: .ann.elsewhere()) { $0.details = key }
        #expect(again == "acquired")
        #expect(again.isExisting)
        #expect(bench.id("A") == first)
        #expect(bench.holders == ["A"])
        bench.release("A", by: .ann)
        let finished = bench.queue("A", by: .ann) { $0.details = key }
        #expect(finished == "released")
        #expect(finished.isExisting)
    }

    @Test func `rule 23: a key is its owner's alone`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.details = key }
        #expect(bench.queue("B", by: .bob) { $0.details = key } == "queued 1")
        #expect(bench.id("A") != bench.id("B"))
    }

    struct Change: Sendable, CustomTestStringConvertible {
        var field: String
        var isSame: Bool
        var change: @Sendable (inout TicketRequest) -> Void
        var testDescription: String { field }
    }

    static let changes = [
        Change(field: "lease", isSame: false) { $0.lease = .s(31) },
        Change(field: "mode", isSame: false) { $0.mode = .shared },
        Change(field: "maxWait", isSame: false) { $0.maxWait = .s(5) },
        Change(field: "priority", isSame: false) { $0.priority = 1 },
        Change(field: "ifMine", isSame: false) { $0.ifMine = .return },
        Change(field: "stealable", isSame: false) { $0.stealable = true },
        Change(field: "lockDelay", isSame: false) { $0.lockDelay = .s(1) },
        Change(field: "pollWithin", isSame: false) { $0.pollWithin = .s(1) },
        Change(field: "holder", isSame: false) {
            $0.details = TicketDetails(key: "job-17", holder: "ci-8")
        },
        Change(field: "meta", isSame: false) {
            let meta = [MetaEntry(name: "a", value: "b")]
            $0.details = TicketDetails(key: "job-17", holder: "ci-7", meta: meta)
        },
        Change(field: "notify", isSame: true) { $0.notify = .none },
        Change(field: "bind", isSame: true) { $0.binding = .ticket },
    ]

    @Test(arguments: changes)
    func `rule 23: the same key with another request is refused, but for notify`(
        _ change: Change
    ) {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.details = key }
        let reply = bench.queue("A", by: .ann) {
            $0.details = key
            change.change(&$0)
        }
        if change.isSame {
            #expect(reply == "acquired")
        } else {
            #expect(reply.refusal?.code == .badRequest)
            #expect(reply.refusal?.field == "key")
        }
    }

    @Test func `rule 23: a steal with a queue's key is another request`() {
        var bench = Bench()
        let steal = TicketDetails(key: "k", reason: "needed")
        bench.queue("A", by: .ann) { $0.details = steal }
        #expect(bench.steal("A", by: .ann) { $0.details = steal } == "bad_request")
    }

    @Test func `rule 23: a renewal that lengthened the lease makes no other request of it`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.details = key }
        bench.renew("A", by: .ann, lease: 90)
        #expect(bench.queue("A", by: .ann) { $0.details = key } == "acquired")
    }

    @Test func `rule 23: a finished ticket and its key are remembered for a while`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.details = key }
        bench.release("A", by: .ann)
        bench.pass(59.999)
        #expect(bench.status("A", by: .ann) == "released")
        bench.pass(0.001)
        #expect(bench.status("A", by: .ann) == "not_found")
        #expect(bench.queue("B", by: .ann) { $0.details = key } == "acquired")
    }

    @Test(arguments: [1, 2, 64])
    func `rule 23: at most so many are remembered, the oldest forgotten first`(_ retained: Int) {
        var bench = Bench { $0.retained = retained }
        for number in 0...retained {
            bench.queue("T\(number)", by: .ann)
            bench.release("T\(number)", by: .ann)
            if number < retained { #expect(bench.standing("T0") == "released") }
        }
        #expect(bench.standing("T0") == "unknown")
        #expect(bench.standing("T1") == "released")
        #expect(bench.release("T0", by: .ann) == "not_found")
    }

    @Test func `rule 23: with nothing to remember a finished ticket is gone at once`() {
        var bench = Bench { $0.retained = 0 }
        bench.queue("A", by: .ann) { $0.details = key }
        #expect(bench.release("A", by: .ann) == "released")
        #expect(bench.status("A", by: .ann) == "not_found")
        #expect(bench.state.isForgettable)
    }

    @Test func `rule 23: a key is found among many`() {
        var bench = Bench()
        for number in 0..<200 {
            bench.queue("T\(number)", by: .ann) { $0.details = TicketDetails(key: "k\(number)") }
        }
        for number in [0, 1, 17, 199] {
            let before = bench.id("T\(number)")
            bench.queue("found", by: .ann) { $0.details = TicketDetails(key: "k\(number)") }
            #expect(bench.id("found") == before)
        }
        #expect(bench.state.queueLength == 199)
    }

    @Test func `rule 23: a refusal is not remembered`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        #expect(bench.lock("B", by: .bob, wait: 0) { $0.details = key } == "conflict")
        bench.release("A", by: .ann)
        let reply = bench.lock("B", by: .bob, wait: 0) { $0.details = key }
        #expect(reply == "acquired")
        #expect(!reply.isExisting)
    }

    @Test func `rule 23: lock with the key of a finished ticket says at once how it ended`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.lock("B", by: .bob, wait: 5) { $0.details = key }
        bench.pass(5)
        #expect(bench.lock("B", by: .bob) { $0.details = key } == "timed_out")
        bench.queue("C", by: .cid) { $0.details = key }
        bench.release("C", by: .cid)
        let refusal = bench.lock("C", by: .cid) { $0.details = key }.refusal
        #expect(refusal?.code == .lost)
        #expect(refusal?.loss?.ended == .cancelled)
    }

    @Test func `rule 23: lock finds what queue made, and waits on it`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob) { $0.details = key }
        #expect(bench.lock("B", by: .bob) { $0.details = key } == "waiting")
        bench.release("A", by: .ann)
        let reply = bench.replies(to: .bob).first
        #expect(reply?.grant != nil)
        #expect(reply?.isExisting == true)
    }

    @Test func `a lock that no longer waits ends the queued ticket it finds`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.lock("B", by: .bob, wait: 30) { $0.details = key }
        bench.lock("B", by: .bob, wait: 0) { $0.details = key }
        #expect(bench.replies(to: .bob).map(\.description) == ["timed_out", "timed_out"])
        #expect(bench.standing("B") == "timed_out")
    }

    // MARK: Releasing twice

    @Test func `rule 24: releasing again succeeds again`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob)
        #expect(bench.release("A", by: .ann) == "released")
        #expect(bench.release("A", by: .ann) == "released already")
        bench.queue("C", by: .cid)
        #expect(bench.release("C", by: .cid) == "cancelled")
        #expect(bench.release("C", by: .cid) == "cancelled already")
        #expect(bench.effects.records.isEmpty)
    }

    @Test func `rule 24: releasing what was lost is lost`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.pass(30)
        #expect(bench.release("A", by: .ann).refusal?.loss?.ended == .expired)
    }

    // MARK: If mine

    @Test func `rule 25: ifMine returns the owner's live ticket instead of another`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        let reply = bench.queue("again", by: .ann.elsewhere()) { $0.ifMine = .return }
        #expect(reply == "acquired")
        #expect(reply.isExisting)
        #expect(bench.id("again") == bench.id("A"))
    }

    @Test func `rule 25: the acquired one comes first`() {
        var bench = Bench()
        bench.queue("other", by: .bob)
        bench.queue("low", by: .ann)
        bench.queue("high", by: .ann) { $0.priority = 3 }
        bench.release("other", by: .bob)
        bench.queue("found", by: .ann) { $0.ifMine = .return }
        #expect(bench.id("found") == bench.id("high"))
    }

    @Test func `rule 25: another mode, another owner and a finished ticket do not count`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        #expect(
            bench.queue("B", by: .ann) {
                $0.mode = .shared
                $0.ifMine = .return
            } == "queued 1"
        )
        #expect(bench.queue("C", by: .bob) { $0.ifMine = .return } == "queued 2")
        bench.release("A", by: .ann)
        #expect(bench.queue("D", by: .ann) { $0.ifMine = .return } == "queued 2")
    }

    @Test func `rule 25: a permit ticket counts with the same capacity and enough permits`() {
        var bench = Bench()
        for (name, count) in [("two", UInt32(2)), ("four", 4)] {
            bench.queue(name, by: .ann) { $0.mode = .permit(count: count, of: 8) }
        }
        func found(_ count: UInt32) -> String {
            let reply = bench.queue("found", by: .ann) {
                $0.mode = .permit(count: count, of: 8)
                $0.ifMine = .return
            }
            guard reply.isExisting else { return reply.description }
            return bench.id("found") == bench.id("two") ? "two" : "four"
        }
        #expect(found(1) == "two")
        #expect(found(2) == "two")
        #expect(found(3) == "four")
        #expect(found(5) == "queued 1")
    }

    @Test func `rule 25: the owner's ticket is found among many`() {
        var bench = Bench()
        for number in 0..<300 {
            bench.queue("T\(number)", by: number % 3 == 0 ? .bob : .cid) {
                $0.mode = number % 2 == 0 ? .exclusive : .shared
            }
        }
        bench.queue("mine", by: .ann)
        bench.queue("found", by: .ann) { $0.ifMine = .return }
        #expect(bench.id("found") == bench.id("mine"))
        bench.queue("found", by: .bob) { $0.ifMine = .return }
        #expect(bench.id("found") == bench.id("T0"))
        bench.release("T0", by: .bob)
        bench.queue("found", by: .bob) { $0.ifMine = .return }
        #expect(bench.id("found") == bench.id("T6"))
        bench.release("mine", by: .ann)
        #expect(!bench.queue("new", by: .ann) { $0.ifMine = .return }.isExisting)
    }

    @Test func `a drain asks first whether a key or ifMine finds a ticket`() {
        var bench = Bench()
        var request = TicketRequest(resource: Bench.path, details: key)
        #expect(!bench.state.finds(request, of: Person.ann.owner))
        bench.queue("A", by: .ann) { $0.details = key }
        #expect(bench.state.finds(request, of: Person.ann.owner))
        #expect(!bench.state.finds(request, of: Person.bob.owner))
        request.details = nil
        #expect(!bench.state.finds(request, of: Person.ann.owner))
        request.ifMine = .return
        #expect(bench.state.finds(request, of: Person.ann.owner))
    }
}
