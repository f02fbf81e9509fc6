// Entries whose checksums are right and that cannot have happened: a start and `verify` refuse them with the file and
// the offset of the frame they are in, and nothing traps (rule 28).

import HoldfastCore
import HoldfastModel
import HoldfastSimulation
import TestSupport
import Testing

@testable import HoldfastJournal

@Suite(.offThePool)
struct NonsenseTests {
    struct Nonsense: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var entries: [JournalEntry]
        /// What is said of it.
        var text: String
    }

    private static func entry(
        _ record: Record,
        at index: UInt32 = 3,
        on name: String = "deploy/prod"
    ) -> JournalEntry {
        .resource(
            ResourceEntry(slot: someSlot, resourceIndex: index, path: path(name), record: record)
        )
    }

    /// A ticket that waits; such an entry tells the path of its resource.
    private static func made(at index: UInt32, on name: String) -> JournalEntry {
        let id = TicketID(
            secretHigh: 1,
            secretLow: 1,
            slot: someSlot,
            resourceIndex: index,
            ticketIndex: 1
        )
        let record = Record.TicketRecord(
            id: id,
            number: 2,
            owner: Owner(name: "ci"),
            session: nil,
            request: TicketRequest(resource: path(name)),
            steal: nil,
            at: .zero
        )
        return entry(.made(record, grant: nil), at: index, on: name)
    }

    private static func opened(_ number: UInt64) -> JournalEntry {
        let session = OpenedSession(
            id: SessionID(slot: someSlot, random: number),
            secret: "secret",
            owner: Owner(name: "ci"),
            grace: .seconds(10)
        )
        return .session(.opened(session))
    }

    /// Each follows on a ticket that was granted at place 0 of resource 3.
    static let table = [
        Nonsense(
            testDescription: "a record that cannot have happened",
            entries: [entry(.forgotten(ticketIndex: 5))],
            text: "deploy/prod: no ticket stands at place 5"
        ),
        Nonsense(
            testDescription: "a resource that nothing named",
            entries: [entry(.closed(.seconds(1)), at: 4)],
            text: "an entry of a resource that nothing named"
        ),
        Nonsense(
            testDescription: "two resources at one place",
            entries: [made(at: 3, on: "deploy/test")],
            text: "deploy/prod and deploy/test at one place"
        ),
        Nonsense(
            testDescription: "one resource at two places",
            entries: [made(at: 4, on: "deploy/prod")],
            text: "deploy/prod at two places"
        ),
        Nonsense(
            testDescription: "a resource beyond all places",
            entries: [made(at: .max, on: "deploy/test")],
            text: "resource place 4294967295 is beyond any that there may be"
        ),
        Nonsense(
            testDescription: "a resource that is forgotten while it is held",
            entries: [.resourceForgotten(someSlot, resourceIndex: 3)],
            text: "deploy/prod is forgotten, and tickets hold or wait there"
        ),
        Nonsense(
            testDescription: "a session that is opened twice",
            entries: [opened(1), opened(1)],
            text: "a session is opened twice"
        ),
    ]

    /// A journal with a grant in its first batch and the entries in its second.
    private func house(_ entries: [JournalEntry]) -> JournalHouse {
        let house = JournalHouse()
        house.open()
        _ = house.append([granted(1, at: house.world.reading.now)])
        _ = house.append(entries)
        house.end()
        house.beginProcess()
        return house
    }

    /// Where the frame of the second batch begins: the first is the same in every journal here.
    private func offsetOfSecondBatch() -> Int? {
        let house = house([NonsenseTests.opened(1)])
        let disk = house.platter.mount(on: house.shards[0])
        let offsets = house.result { () async -> [Int] in
            var offsets: [Int] = []
            try? await JournalInspector(disk).dump { frame in
                if case .entries = frame.content { offsets.append(frame.offset) }
            }
            return offsets
        }
        return offsets?.last
    }

    @Test(arguments: table)
    func `an entry that cannot have happened is named by file and offset`(
        _ nonsense: Nonsense
    ) throws {
        let house = house(nonsense.entries)
        let offset = try #require(offsetOfSecondBatch())
        let expected = JournalError.damaged(
            "segment-000000000001, offset \(offset): an entry of slot 7 makes no sense: "
                + nonsense.text
        )
        let disk = house.platter.mount(on: house.shards[0])
        #expect(house.result { await JournalInspector(disk).verify() }?.failure == expected)
        house.open()
        let loaded = try #require(house.load(someSlot))
        #expect(throws: expected) { try loaded.get().rehearse() }
    }

    @Test func `the same journal without it is sound`() throws {
        let house = house([NonsenseTests.opened(1), NonsenseTests.opened(2)])
        let disk = house.platter.mount(on: house.shards[0])
        #expect(house.result { await JournalInspector(disk).verify() }?.failure == nil)
        house.open()
        try #require(house.load(someSlot)).get().rehearse()
    }

    @Test func `a fence of an image that leaves none to grant is damage`() {
        let head = FramePayload.SlotHead(
            slot: someSlot,
            piece: 0,
            fence: Fence(number: .max),
            position: 0
        )
        let payload = FramePayload.beginning(latest: 0, head)
        #expect(throws: CodecFlaw.self) {
            try FramePayload.dealSlot(payload[...], beginning: { _ in }, to: { _, _ in })
        }
    }
}
