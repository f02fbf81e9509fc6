// Golden lines of `holdfast journal dump`.

import HoldfastCore
import HoldfastJournal
import HoldfastModel
import Testing

@testable import HoldfastCLI

struct EntryLineTests {
    private let slot = Slot(number: 7)
    private let at = Instant(nanoseconds: 1_790_000_000_000_000_000)
    private let head = #"{"file":"segment-000000000001","offset":72,"sequence":1,"entry":"#

    private func lines(_ content: JournalInspector.DumpedFrame.Content) -> [String] {
        EntryLine.lines(
            of: JournalInspector.DumpedFrame(
                file: "segment-000000000001",
                offset: 72,
                sequence: 1,
                content: content
            )
        )
    }

    private func resource(_ record: Record) throws -> JournalEntry {
        .resource(
            ResourceEntry(
                slot: slot,
                resourceIndex: 3,
                path: try #require(ResourcePath("a/b")),
                record: record
            )
        )
    }

    @Test func `a ticket's line has what it was asked for with`() throws {
        let path = try #require(ResourcePath("a/b"))
        let record = Record.TicketRecord(
            id: TicketID(
                secretHigh: 0,
                secretLow: 0,
                slot: slot,
                resourceIndex: 3,
                ticketIndex: 2
            ),
            number: 5,
            owner: Owner(name: "ci"),
            session: nil,
            request: TicketRequest(
                resource: path,
                lease: .milliseconds(1_500),
                mode: .permit(count: 2, of: 3),
                details: TicketDetails(meta: [MetaEntry(name: "job", value: "7")])
            ),
            steal: nil,
            at: at
        )
        let made = try resource(.made(record, grant: Fence(number: 9)))
        #expect(
            lines(.entries([made])) == [
                head + #""made","slot":7,"place":3,"resource":"a/b","#
                    + #""ticket":"AAAAAAAAAAAAAAAABwAAAAMAAAAC","ticketIndex":2,"number":5,"#
                    + #""owner":"ci","fence":9,"lease":1.5,"mode":"permit","permits":2,"of":3,"#
                    + #""meta":{"job":"7"},"at":"2026-09-21T14:13:20.000Z"}"#
            ]
        )
    }

    @Test func `a session's line does not tell its secret`() {
        let session = OpenedSession(
            id: SessionID(bits: 7),
            secret: "hidden",
            owner: Owner(name: "ci"),
            grace: .seconds(10)
        )
        #expect(
            lines(.entries([.session(.opened(session))])) == [
                head + #""sessionOpened","slot":7,"session":"AAAAAAAAAAH","owner":"ci","grace":10}"#
            ]
        )
    }

    @Test func `marks, images and ends have lines of their own`() throws {
        #expect(lines(.mark(4)) == [head + #""mark","durable":4}"#])
        #expect(lines(.end) == [head + #""end"}"#])
        let image = lines(
            .image(slot, Fence(number: 9), position: 8, [try resource(.opened)])
        )
        #expect(
            image == [
                head + #""image","slot":7,"fence":9,"position":8}"#,
                head + #""opened","slot":7,"place":3,"resource":"a/b"}"#,
            ]
        )
    }

    @Test func `errors are told in a sentence`() {
        #expect(
            JournalText.text(of: JournalError.damaged("x, offset 8: y"))
                == "damaged: x, offset 8: y"
        )
        #expect(JournalText.text(of: DiskError.missing("open x: gone")) == "open x: gone")
    }
}
