// Between a server that can be killed and its journal: once it is cut nothing that the dead server still does
// reaches the journal.

import HoldfastJournal
import HoldfastModel
import Synchronization

/// Passes everything on until it is cut.
final class JournalLeash: Journal {
    private let journal: any Journal
    private let isCut = Atomic(false)

    init(_ journal: any Journal) { self.journal = journal }

    func cut() { isCut.store(true, ordering: .relaxed) }

    private func check() throws(JournalError) {
        guard !isCut.load(ordering: .relaxed) else { throw .failed("the process is gone") }
    }

    var draft: BatchDraft { journal.draft }

    func load(
        _ slot: Slot,
        on reading: ClockReading,
        owners: OwnerSource
    ) async throws(JournalError) -> SlotContents {
        try await journal.load(slot, on: reading, owners: owners)
    }

    func append(_ batch: Batch) async throws(JournalError) -> JournalWish {
        try check()
        return try await journal.append(batch)
    }

    func snapshot(
        _ contents: SlotContents,
        on reading: ClockReading
    ) async throws(JournalError) {
        try check()
        try await journal.snapshot(contents, on: reading)
    }
}
