// What waits to be told leaves batch by batch, in the order in which it was decided (rules 26, 28).

import HoldfastJournal
import HoldfastModel
import Testing

@testable import HoldfastCoordinator

struct OutgoingTrayTests {
    private let client = ConnectionID(bits: 7)

    private func answer(_ request: UInt64) -> Outgoing {
        Outgoing(client, .answer(.draining(true), to: request, nil), nil)
    }

    private func requests(_ outgoings: [Outgoing]) -> [UInt64] {
        outgoings.map {
            guard case .answer(_, let request, _) = $0.content else { return .max }
            return request
        }
    }

    private func tray(_ batches: [UInt64]) -> OutgoingTray {
        var tray = OutgoingTray()
        for (request, batch) in batches.enumerated() {
            tray.append(answer(UInt64(request)), after: batch)
        }
        return tray
    }

    /// All that may be told, as the end of a turn takes it.
    private func takeAll(_ tray: inout OutgoingTray, upTo durable: UInt64) -> [UInt64] {
        var taken: [UInt64] = []
        while true {
            let some = tray.take(upTo: durable)
            if some.isEmpty { return taken }
            taken += requests(some)
        }
    }

    @Test func `what waits for a batch is told when that is durable, in order`() {
        var tray = tray([0, 0, 1, 1, 2, 4])
        #expect(tray.count == 6)
        #expect(takeAll(&tray, upTo: 0) == [0, 1])
        #expect(takeAll(&tray, upTo: 0) == [])
        #expect(takeAll(&tray, upTo: 2) == [2, 3, 4])
        #expect(takeAll(&tray, upTo: 3) == [])
        #expect(!tray.isEmpty)
        #expect(takeAll(&tray, upTo: 4) == [5])
        #expect(tray.isEmpty)
        #expect(tray.count == 0)
    }

    @Test func `a tray that was emptied takes more`() {
        var tray = tray([3])
        #expect(takeAll(&tray, upTo: 3) == [0])
        tray.reuse([])
        tray.append(answer(8), after: 3)
        tray.append(answer(9), after: 5)
        #expect(takeAll(&tray, upTo: 4) == [8])
        #expect(takeAll(&tray, upTo: 5) == [9])
    }

    @Test func `after a failure what is durable is told, and the rest as refused`() {
        var tray = tray([1, 2])
        let told = tray.takeAll(upTo: 1, failing: .storageFull)
        #expect(requests(told) == [0, 1])
        let refused = told.map {
            guard case .answer(.refused(let refusal), _, _) = $0.content else { return false }
            return refusal.code == .unavailable
        }
        #expect(refused == [false, true])
        #expect(tray.isEmpty)
    }

    @Test func `the last answer to a request is found in whatever batch it waits for`() {
        var tray = tray([1, 2, 2])
        #expect(tray.lastAnswer(to: RequestAddress(connection: client, request: 0)) != nil)
        #expect(tray.lastAnswer(to: RequestAddress(connection: client, request: 2)) != nil)
        #expect(tray.lastAnswer(to: RequestAddress(connection: client, request: 3)) == nil)
        tray.append(Outgoing(client, .answer(.cleared(4), to: 0, nil), nil), after: 3)
        let last = tray.lastAnswer(to: RequestAddress(connection: client, request: 0))
        guard case .cleared(4)? = last else {
            Issue.record("another answer: \(String(describing: last))")
            return
        }
    }

    @Test func `what nobody asked for is known until it is taken`() {
        var tray = tray([1, 2])
        #expect(!tray.hasUnasked)
        let ticket = TicketID(
            secretHigh: 1,
            secretLow: 2,
            slot: Slot(number: 3),
            resourceIndex: 4,
            ticketIndex: 5
        )
        guard let path = ResourcePath("a") else { return #expect(Bool(false), "a is a path") }
        for batch in [2, 3] as [UInt64] {
            let content = Outgoing.Content.event(.kept(ticket, path), ticketIndex: 5, nil)
            tray.append(Outgoing(client, content, nil), after: batch)
        }
        _ = takeAll(&tray, upTo: 1)
        #expect(tray.hasUnasked)
        _ = takeAll(&tray, upTo: 2)
        #expect(tray.hasUnasked)
        _ = takeAll(&tray, upTo: 3)
        #expect(!tray.hasUnasked)
    }
}
