// A record that cannot have happened is thrown back before it changes anything: one line of the table for each kind of
// nonsense, after a story that makes sense.

import HoldfastCore
import HoldfastModel
import Testing

struct ReplayFlawTests {
    private static let owner = Owner(name: "ci")
    private static let other = Owner(name: "else")
    private static let slot = Slot(number: 7)
    private static let resource = Bench.path

    private static func at(_ second: Int64) -> Instant {
        Instant(nanoseconds: second * 1_000_000_000)
    }

    private static func made(
        _ index: UInt32,
        number: UInt64,
        fence: UInt64? = nil,
        steal: Steal? = nil,
        resourceIndex: UInt32 = 3,
        at stamp: Instant = at(20),
        _ change: (inout TicketRequest) -> Void = { _ in }
    ) -> Record {
        var request = TicketRequest(resource: resource)
        change(&request)
        let id = TicketID(
            secretHigh: number,
            secretLow: UInt32(truncatingIfNeeded: number),
            slot: slot,
            resourceIndex: resourceIndex,
            ticketIndex: index
        )
        let record = Record.TicketRecord(
            id: id,
            number: number,
            owner: owner,
            session: nil,
            request: request,
            steal: steal,
            at: stamp
        )
        return .made(record, grant: fence.map { Fence(number: $0) })
    }

    private static func ended(
        _ index: UInt32,
        wasHeld: Bool,
        owner: Owner = owner,
        session: SessionID? = nil,
        at stamp: Instant = at(20)
    ) -> Record {
        let end = Record.EndRecord(
            ticketIndex: index,
            ending: .released,
            wasHeld: wasHeld,
            owner: owner,
            session: session,
            by: nil,
            reason: nil,
            at: stamp
        )
        return .ended(end)
    }

    /// Place 0 is over, 1 holds, 2 waits, 3 waits and may steal.
    private static func story() throws -> LockState {
        var state = LockState(path: resource, slot: slot, resourceIndex: 3, bounds: .init())
        try state.replay(made(0, number: 1, fence: 10, at: at(1)))
        try state.replay(made(1, number: 2, at: at(2)))
        try state.replay(made(2, number: 3, at: at(3)))
        try state.replay(made(3, number: 4, steal: Steal(), at: at(4)))
        try state.replay(ended(0, wasHeld: true, at: at(5)))
        try state.replay(.granted(ticketIndex: 1, Fence(number: 11), at: at(6)))
        return state
    }

    struct Nonsense: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var record: Record
        init(_ name: String, _ record: Record) { (testDescription, self.record) = (name, record) }
    }

    private static let far = Interval(nanoseconds: .max)
    private static let late = Instant(nanoseconds: .max)
    private static let fence = Fence(number: 12)

    static let table: [Nonsense] = [
        Nonsense("a place taken twice", made(1, number: 5)),
        Nonsense("a place before its time", made(7, number: 5)),
        Nonsense("a place beyond all", made(1 << 22, number: 1 << 30)),
        Nonsense("a ticket of another resource", made(4, number: 5, resourceIndex: 4)),
        Nonsense("a number beyond all", made(4, number: 1 << 59)),
        Nonsense("a priority beyond all", made(4, number: 5) { $0.priority = 10 }),
        Nonsense("a negative lease", made(4, number: 5) { $0.lease = .zero - .seconds(1) }),
        Nonsense("an endless lock delay", made(4, number: 5) { $0.lockDelay = far }),
        Nonsense("no permits", made(4, number: 5) { $0.mode = .permit(count: 0, of: 2) }),
        Nonsense("too many permits", made(4, number: 5) { $0.mode = .permit(count: 3, of: 2) }),
        Nonsense("made at the end of time", made(4, number: 5, at: late)),
        Nonsense("one place of the queue twice", made(4, number: 3)),
        Nonsense("made and granted beside another", made(4, number: 5, fence: 12)),
        Nonsense("granted and not there", .granted(ticketIndex: 9, fence, at: at(20))),
        Nonsense("granted twice", .granted(ticketIndex: 1, fence, at: at(20))),
        Nonsense("granted beside another", .granted(ticketIndex: 2, fence, at: at(20))),
        Nonsense("ended and not there", ended(9, wasHeld: true)),
        Nonsense("ended as held, and waits", ended(2, wasHeld: true)),
        Nonsense("ended as waiting, and holds", ended(1, wasHeld: false)),
        Nonsense("ended twice", ended(0, wasHeld: true)),
        Nonsense("ended as another's", ended(1, wasHeld: true, owner: other)),
        Nonsense("ended in a session", ended(1, wasHeld: true, session: SessionID(bits: 1))),
        Nonsense("ended at the end of time", ended(1, wasHeld: true, at: late)),
        Nonsense("longer and not there", .leaseLengthened(ticketIndex: 9, .seconds(9))),
        Nonsense("endless lease", .leaseLengthened(ticketIndex: 1, far)),
        Nonsense("loses and waits", .losing(victim: 2, stealer: 3, grace: .zero, at: at(20))),
        Nonsense("steals and is none", .losing(victim: 1, stealer: 2, grace: .zero, at: at(20))),
        Nonsense("steals and holds", .losing(victim: 1, stealer: 1, grace: .zero, at: at(20))),
        Nonsense("an endless grace", .losing(victim: 1, stealer: 3, grace: far, at: at(20))),
        Nonsense("claimed and not there", .claimed(victim: 9, stealer: 3, grace: .zero)),
        Nonsense("kept and not there", .kept(victim: 9, at: at(20))),
        Nonsense("closed without end", .closed(far)),
        Nonsense("forgotten and not there", .forgotten(ticketIndex: 9)),
        Nonsense("forgotten while it holds", .forgotten(ticketIndex: 1)),
        Nonsense("a count beyond all", .counted(number: .max, .none, at: at(20))),
        Nonsense(
            "a fence beyond all",
            .counted(number: 9, Fence(number: .max), at: at(20))
        ),
    ]

    @Test(arguments: table)
    func `a record that cannot have happened is thrown back and changes nothing`(
        _ nonsense: Nonsense
    ) throws {
        var state = try ReplayFlawTests.story()
        let before = state.image().map { "\($0)" }
        #expect(throws: ReplayFlaw.self) { try state.replay(nonsense.record) }
        #expect(state.image().map { "\($0)" } == before)
    }

    @Test(arguments: [UInt64(0), 9, 10, 11])
    func `a fence that does not rise is thrown back`(_ number: UInt64) throws {
        var state = try ReplayFlawTests.story()
        try state.replay(ReplayFlawTests.ended(1, wasHeld: true, at: ReplayFlawTests.at(7)))
        let record = Record.granted(
            ticketIndex: 2,
            Fence(number: number),
            at: ReplayFlawTests.at(20)
        )
        #expect(throws: ReplayFlaw.self) { try state.replay(record) }
    }

    @Test func `the same story goes on where the records make sense`() throws {
        var state = try ReplayFlawTests.story()
        try state.replay(
            .losing(victim: 1, stealer: 3, grace: .seconds(1), at: ReplayFlawTests.at(7))
        )
        try state.replay(ReplayFlawTests.ended(1, wasHeld: true, at: ReplayFlawTests.at(8)))
        try state.replay(
            .granted(ticketIndex: 3, ReplayFlawTests.fence, at: ReplayFlawTests.at(9))
        )
        try state.replay(.forgotten(ticketIndex: 0))
        try state.replay(ReplayFlawTests.made(0, number: 5, at: ReplayFlawTests.at(10)))
        #expect(state.holderCount == 1)
        #expect(state.queueLength == 2)
    }
}
