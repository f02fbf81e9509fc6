// The second model against sentences of SEMANTICS.md, so that it is trusted for a reason.

import HoldfastCore
import HoldfastModel
import Testing

struct DumbModelTests {
    /// A resource seen by the second model alone; tickets go by the number of their request.
    private struct Stage {
        var model: DumbModel
        var now = Instant.zero
        var serial: UInt64 = 0

        init() throws {
            let path = try #require(ResourcePath("stage"))
            model = DumbModel(path: path, bounds: .init(), fences: FenceCounter(last: .none))
        }

        private mutating func caller(_ name: String) -> Caller {
            serial += 1
            return Caller(
                owner: Owner(name: name),
                address: RequestAddress(connection: ConnectionID(bits: 1), request: serial)
            )
        }

        mutating func ask(
            _ name: String,
            _ purpose: Event.Purpose = .queue,
            _ change: (inout TicketRequest) -> Void = { _ in }
        ) -> [Told] {
            var request = TicketRequest(resource: model.path, lease: .seconds(10))
            change(&request)
            let caller = caller(name)
            let secret = TicketSecret(high: serial, low: 0)
            return model.step(.request(request, purpose, secret, caller), at: now)
        }

        mutating func pass(_ seconds: Int) -> [Told] {
            now = now + .seconds(seconds)
            return model.step(.timePassed(limit: 100), at: now)
        }

        var holding: [String] { model.holders.map(\.owner.name) }
        var waiting: [String] { model.queue.map(\.owner.name) }
    }

    @Test func `rule 7 a writer is not starved by readers that come after it`() throws {
        var stage = try Stage()
        _ = stage.ask("reader") { $0.mode = .shared }
        _ = stage.ask("writer")
        _ = stage.ask("late reader") { $0.mode = .shared }
        #expect(stage.holding == ["reader"])
        #expect(stage.waiting == ["writer", "late reader"])
    }

    @Test func `rule 7 a higher priority stands before a lower one`() throws {
        var stage = try Stage()
        _ = stage.ask("holder")
        _ = stage.ask("low")
        _ = stage.ask("high") { $0.priority = 9 }
        #expect(stage.waiting == ["high", "low"])
    }

    @Test func `rule 11 the next waiter is granted in the step that ends the lease`() throws {
        var stage = try Stage()
        _ = stage.ask("first")
        _ = stage.ask("second") { $0.lease = .seconds(20) }
        _ = stage.pass(9)
        #expect(stage.holding == ["first"])
        _ = stage.pass(1)
        #expect(stage.holding == ["second"])
        #expect(stage.model.nextDeadline == Instant.zero + .seconds(30))
    }

    @Test func `rule 15 a lock delay closes the resource to every new grant`() throws {
        var stage = try Stage()
        _ = stage.ask("first") { $0.lockDelay = .seconds(5) }
        _ = stage.ask("second")
        _ = stage.pass(10)
        #expect(stage.holding.isEmpty)
        #expect(stage.model.closedFor == .seconds(5))
        _ = stage.pass(5)
        #expect(stage.holding == ["second"])
    }

    @Test func `rule 16 maxWait 0 is acquired now or refused`() throws {
        var stage = try Stage()
        _ = stage.ask("first")
        let told = stage.ask("second") { $0.maxWait = .zero }
        guard case .answer(_, .refused(.conflict, let why)) = told.first else {
            Issue.record("no conflict: \(told)")
            return
        }
        #expect(why.held?.holder?.owner == "first")
        #expect(stage.model.tickets.count == 1)
    }

    @Test func `rule 17 a waiter that is not heard is abandoned`() throws {
        var stage = try Stage()
        _ = stage.ask("first") { $0.lease = .seconds(1_000) }
        _ = stage.ask("silent") { $0.pollWithin = .seconds(3) }
        _ = stage.pass(2)
        #expect(stage.waiting == ["silent"])
        _ = stage.pass(1)
        #expect(stage.waiting.isEmpty)
        #expect(stage.model.tickets.last?.ending == .abandoned)
    }

    @Test func `rule 18 every grant has a higher fence, and a refusal spends none`() throws {
        var stage = try Stage()
        _ = stage.ask("first") { $0.lease = .seconds(1) }
        _ = stage.ask("refused") { $0.maxWait = .zero }
        _ = stage.pass(1)
        _ = stage.ask("second")
        #expect(stage.model.tickets.map(\.fence?.number) == [1, 2])
    }

    @Test func `rule 21 a stealer with a grace stands first and gets the lock when it is over`()
        throws
    {
        var stage = try Stage()
        _ = stage.ask("victim") { $0.stealable = true }
        _ = stage.ask("patient") { $0.priority = 9 }
        _ = stage.ask("thief", .steal(Steal(grace: .seconds(3))))
        #expect(stage.holding == ["victim"])
        #expect(stage.waiting == ["thief", "patient"])
        _ = stage.pass(3)
        #expect(stage.holding == ["thief"])
        #expect(stage.model.ticket(1)?.ending == .stolen)
        #expect(stage.model.ticket(1)?.endedBy == "thief")
    }

    @Test func `rule 21 nothing happens where one victim may not be taken`() throws {
        var stage = try Stage()
        _ = stage.ask("open") {
            $0.mode = .shared
            $0.stealable = true
        }
        _ = stage.ask("firm") { $0.mode = .shared }
        let told = stage.ask("thief", .steal(Steal()))
        guard case .answer(_, .refused(.notStealable, _)) = told.first else {
            Issue.record("it was stolen: \(told)")
            return
        }
        #expect(stage.holding == ["open", "firm"])
    }
}
