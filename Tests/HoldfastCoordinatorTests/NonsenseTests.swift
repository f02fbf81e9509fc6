// A server whose journal tells what cannot have happened does not start: it says which entry, and nothing traps.

import HoldfastCore
import HoldfastJournal
import HoldfastModel
import HoldfastSimulation
import Testing

struct NonsenseTests {
    private static let slot = Slot(number: 7)

    private static func path(_ text: String) -> ResourcePath {
        guard let path = ResourcePath(text) else { preconditionFailure("'\(text)' is no path") }
        return path
    }

    private static func entry(
        _ record: Record,
        at index: UInt32 = 3,
        on name: String = "a"
    ) -> JournalEntry {
        let (slot, path) = (slot, path(name))
        return .resource(
            ResourceEntry(slot: slot, resourceIndex: index, path: path, record: record)
        )
    }

    private static let made: JournalEntry = {
        let id = TicketID(
            secretHigh: 1,
            secretLow: 1,
            slot: slot,
            resourceIndex: 3,
            ticketIndex: 0
        )
        let record = Record.TicketRecord(
            id: id,
            number: 1,
            owner: Owner(name: "ci"),
            session: nil,
            request: TicketRequest(resource: path("a")),
            steal: nil,
            at: .zero
        )
        return entry(.made(record, grant: Fence(number: 1)))
    }()

    private static let session: JournalEntry = {
        let session = OpenedSession(
            id: SessionID(slot: slot, random: 1),
            secret: "secret",
            owner: Owner(name: "ci"),
            grace: .seconds(10)
        )
        return .session(.opened(session))
    }()

    struct Nonsense: Sendable, CustomTestStringConvertible {
        /// What is said of it.
        var testDescription: String
        var entries: [JournalEntry]
    }

    static let table = [
        Nonsense(
            testDescription: "a: no ticket stands at place 5",
            entries: [made, entry(.forgotten(ticketIndex: 5))]
        ),
        Nonsense(
            testDescription: "a and b at one place",
            entries: [made, entry(.closed(.seconds(1)), on: "b")]
        ),
        Nonsense(
            testDescription: "a at two places",
            entries: [made, entry(.closed(.seconds(1)), at: 4)]
        ),
        Nonsense(
            testDescription: "resource place 4294967295 is beyond any that there may be",
            entries: [entry(.closed(.seconds(1)), at: .max)]
        ),
        Nonsense(
            testDescription: "a is forgotten, and tickets hold or wait there",
            entries: [made, .resourceForgotten(slot, resourceIndex: 3)]
        ),
        Nonsense(testDescription: "a session is opened twice", entries: [session, session]),
    ]

    private func started(on entries: [JournalEntry]) -> VirtualServer.Recovery {
        let journal = SimulatedJournal()
        journal.accept(entries)
        return VirtualServer(world: VirtualWorld(), loopCount: 2, journal: journal).start
    }

    @Test(arguments: table)
    func `an entry that cannot have happened refuses the start`(_ nonsense: Nonsense) {
        let text = "an entry of slot 7 makes no sense: \(nonsense.testDescription)"
        guard case .failed(let error) = started(on: nonsense.entries) else {
            Issue.record("it starts")
            return
        }
        #expect(error == .damaged(text))
    }

    @Test func `what makes sense starts`() {
        guard case .done(let count) = started(on: [NonsenseTests.made, NonsenseTests.session])
        else {
            Issue.record("it does not start")
            return
        }
        #expect(count == 1)
    }
}
