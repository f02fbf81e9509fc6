// The bytes of one entry of each kind, written down once. A change here is a change of the format: it needs a new
// version (see the article on the format).

import HoldfastCore
import HoldfastModel
import Testing

@testable import HoldfastJournal

struct GoldenEntryTests {
    private let slot = Slot(number: 0xab)
    private let base = Instant(nanoseconds: 1_000)
    private let at = Instant(nanoseconds: 1_000 + 150)
    private let owner = Owner(name: "ci")

    private func hex(_ entry: JournalEntry, tellingPath: Bool = false) -> String {
        var encoder = EntryEncoder(base: base)
        encoder.encode(entry, tellingPath: tellingPath)
        return encoder.takePiece().entries.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined(separator: " ")
    }

    private func resource(_ record: Record) -> JournalEntry {
        .resource(
            ResourceEntry(
                slot: slot,
                resourceIndex: 300,
                path: path("a/b"),
                record: record
            )
        )
    }

    private func ticket(_ request: TicketRequest, steal: Steal? = nil) -> Record.TicketRecord {
        Record.TicketRecord(
            id: TicketID(
                secretHigh: 0x0102_0304_0506_0708,
                secretLow: 0x090a_0b0c,
                slot: slot,
                resourceIndex: 300,
                ticketIndex: 2
            ),
            number: 5,
            owner: owner,
            session: steal == nil ? nil : SessionID(bits: 0x1122_3344_5566_7788),
            request: request,
            steal: steal,
            at: at
        )
    }

    @Test func `a plain ticket that was granted at once`() {
        let record = ticket(TicketRequest(resource: path("a/b")))
        #expect(
            hex(resource(.made(record, grant: Fence(number: 9))))
                == "23 00 00 ab 81 ac 02 03 61 2f 62 01 02 08 07 06 05 04 03 02 01 0c 0b 0a 09 05"
                + " 02 63 69 80 b0 9d c2 df 01 09 ac 02"
        )
    }

    @Test func `a ticket with everything`() {
        let request = TicketRequest(
            resource: path("a/b"),
            lease: Interval(nanoseconds: 1),
            mode: .permit(count: 2, of: 3),
            maxWait: Interval(nanoseconds: 4),
            priority: 9,
            ifMine: .return,
            binding: .session,
            stealable: true,
            lockDelay: Interval(nanoseconds: 5),
            pollWithin: Interval(nanoseconds: 6),
            notify: .position,
            details: TicketDetails(
                key: "k",
                holder: "h",
                reason: "r",
                meta: [MetaEntry(name: "n", value: "v")]
            )
        )
        let record = ticket(request, steal: Steal(grace: Interval(nanoseconds: 7), force: true))
        #expect(
            hex(resource(.made(record, grant: nil)))
                == "39 00 00 ab 81 ac 02 03 61 2f 62 fe ef 7a 02 08 07 06 05 04 03 02 01 0c 0b 0a 09"
                + " 05 02 63 69 02 88 77 66 55 44 33 22 11 0e 08 02 03 09 0a 0c"
                + " 01 6b 01 68 01 72 01 01 6e 01 76 ac 02"
        )
    }

    @Test func `what happens to a ticket later`() {
        #expect(
            hex(resource(.granted(ticketIndex: 2, Fence(number: 9), at: at)))
                == "08 00 00 ab 02 ac 02 02 09 ac 02"
        )
        #expect(
            hex(resource(.leaseLengthened(ticketIndex: 2, Interval(nanoseconds: 64))))
                == "07 00 00 ab 04 ac 02 02 80 01"
        )
        #expect(
            hex(
                resource(
                    .losing(victim: 1, stealer: 2, grace: Interval(nanoseconds: 3), at: at)
                )
            ) == "09 00 00 ab 05 ac 02 01 02 06 ac 02"
        )
        #expect(hex(resource(.kept(victim: 1, at: at))) == "07 00 00 ab 06 ac 02 01 ac 02")
        #expect(hex(resource(.forgotten(ticketIndex: 2))) == "05 00 00 ab 09 ac 02 02")
    }

    @Test func `how a ticket ended`() {
        let end = Record.EndRecord(
            ticketIndex: 2,
            ending: .stolen,
            wasHeld: true,
            owner: owner,
            session: SessionID(bits: 1),
            by: "x",
            reason: "y",
            at: at
        )
        #expect(
            hex(resource(.ended(end)))
                == "18 00 00 ab 03 ac 02 02 06 0f 02 63 69 01 00 00 00 00 00 00 00 01 78 01 79 ac 02"
        )
    }

    @Test func `what happens to a resource`() {
        #expect(
            hex(resource(.closed(Interval(nanoseconds: 3)))) == "05 00 00 ab 07 ac 02 06"
        )
        #expect(hex(resource(.opened)) == "04 00 00 ab 08 ac 02")
        #expect(hex(.resourceForgotten(slot, resourceIndex: 300)) == "04 00 00 ab 10 ac 02")
    }

    @Test func `what only an image has, and a path where it is told`() {
        #expect(
            hex(resource(.counted(number: 5, Fence(number: 9), at: at)), tellingPath: true)
                == "0c 00 00 ab 8a ac 02 03 61 2f 62 05 09 ac 02"
        )
        #expect(
            hex(resource(.claimed(victim: 1, stealer: 2, grace: Interval(nanoseconds: 3))))
                == "07 00 00 ab 0b ac 02 01 02 06"
        )
        let line = HistoryEntry(
            kind: .losing,
            at: Instant(nanoseconds: 999),
            number: 5,
            owner: owner,
            holder: "h",
            fence: Fence(number: 9),
            by: "b",
            reason: "r"
        )
        #expect(
            hex(resource(.logged(line)))
                == "12 00 00 ab 0c ac 02 0a 36 05 02 63 69 01 68 09 01 62 01 72 01"
        )
    }

    @Test func `a session's beginning and end`() {
        let id = SessionID(bits: 0x01ab)
        let session = OpenedSession(
            id: id,
            secret: "s",
            owner: owner,
            grace: Interval(nanoseconds: 10)
        )
        #expect(
            hex(.session(.opened(session)))
                == "10 00 00 ab 20 ab 01 00 00 00 00 00 00 01 73 02 63 69 14"
        )
        #expect(hex(.session(.ended(id))) == "0a 00 00 ab 21 ab 01 00 00 00 00 00 00")
    }
}
