// Entries that a test can name: sessions that ended, one a number, and tickets that are granted.

import HoldfastCore
import HoldfastModel

@testable import HoldfastJournal

let someSlot = Slot(number: 7)

/// An entry that is told from others by its number.
func numbered(_ number: Int, in slot: Slot = someSlot) -> JournalEntry {
    .session(.ended(SessionID(slot: slot, random: UInt64(number))))
}

/// The text of that entry.
func numberedText(_ number: Int, in slot: Slot = someSlot) -> String {
    text(of: numbered(number, in: slot))
}

/// A ticket on a resource, granted at once.
func granted(_ fence: UInt64, at instant: Instant, in slot: Slot = someSlot) -> JournalEntry {
    let resource = path("deploy/prod")
    let record = Record.TicketRecord(
        id: TicketID(
            secretHigh: fence,
            secretLow: 1,
            slot: slot,
            resourceIndex: 3,
            ticketIndex: 0
        ),
        number: fence,
        owner: Owner(name: "ci"),
        session: nil,
        request: TicketRequest(resource: resource),
        steal: nil,
        at: instant
    )
    return .resource(
        ResourceEntry(
            slot: slot,
            resourceIndex: 3,
            path: resource,
            record: .made(record, grant: Fence(number: fence))
        )
    )
}
