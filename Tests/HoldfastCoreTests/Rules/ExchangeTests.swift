// A held ticket exchanged for a new one: the resource is never free in between, and nobody's claim is lost.

import HoldfastCore
import HoldfastModel
import Testing

struct ExchangeTests {
    private func held(_ change: (inout TicketRequest) -> Void = { _ in }) -> Bench {
        var bench = Bench()
        bench.queue("A", by: .ann, change)
        return bench
    }

    private func exchange(
        _ bench: inout Bench,
        _ old: String,
        for name: String,
        by who: Person = .ann,
        _ change: (inout TicketRequest) -> Void = { _ in }
    ) throws -> Reply {
        let ticket = try #require(bench.tickets[old])
        return bench.ask(name, by: who, .exchange(ticket), change)
    }

    @Test func `the new ticket holds with a higher fence, and the old one was released`() throws {
        var bench = held()
        let before = bench.state.newestFence
        #expect(try exchange(&bench, "A", for: "B") { $0.lease = .seconds(77) } == "acquired")
        #expect(bench.standing("A") == "released")
        #expect(bench.holders == ["B"])
        #expect(bench.state.newestFence > before)
        #expect(bench.notices == [.released, .acquired])
    }

    @Test func `whoever waits goes on waiting`() throws {
        var bench = held()
        bench.queue("W", by: .bob) { $0.priority = 9 }
        #expect(try exchange(&bench, "A", for: "B") == "acquired")
        #expect(bench.holders == ["B"])
        #expect(bench.standing("W") == "queued")
    }

    @Test func `rule 21: a stealer that waits for it keeps its claim`() throws {
        var bench = held { $0.stealable = true }
        #expect(bench.steal("S", by: .bob, grace: 10) == "queued 1")
        #expect(try exchange(&bench, "A", for: "B") == "conflict")
        #expect(bench.holders == ["A"])
        bench.pass(10)
        #expect(bench.holders == ["S"])
    }

    @Test func `only its owner can, of what it holds, in the mode that it has`() throws {
        var bench = held()
        #expect(try exchange(&bench, "A", for: "B", by: .bob) == "forbidden")
        bench.queue("W", by: .bob)
        #expect(try exchange(&bench, "W", for: "B", by: .bob) == "conflict")
        #expect(try exchange(&bench, "A", for: "B") { $0.mode = .shared } == "bad_request")
        bench.release("A", by: .ann)
        #expect(try exchange(&bench, "A", for: "B") == "lost")
        #expect(bench.holders == ["W"])
    }

    @Test(arguments: [false, true])
    func `rule 26: it is there after a restart, as the records tell it`(fromImage: Bool) throws {
        var bench = held()
        _ = try exchange(&bench, "A", for: "B") {
            $0.lease = .seconds(77)
            $0.stealable = true
        }
        bench.restart(fromImage: fromImage)
        #expect(bench.holders == ["B"])
        #expect(bench.standing("A") == "released")
        #expect(bench.steal("S", by: .bob) == "acquired")
    }
}
