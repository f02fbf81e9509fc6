// The journal of `--data none`: accepts every batch and keeps none. What sessions did still passes through it, because
// their tickets end only when that is accepted.

/// Accepts everything, remembers nothing.
package struct MemoryJournal: ForgetfulJournal {
    package init() {}
    package var keepsRecords: Bool { false }
    package func append(_ batch: Batch) async throws(JournalError) -> JournalWish { .none }
}
