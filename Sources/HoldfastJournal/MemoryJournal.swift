// The journal of `--data none`: accepts every batch and keeps none. It stands in the same place as a durable one, so
// that replies already wait for their batch.

/// Accepts everything, remembers nothing.
package struct MemoryJournal: ForgetfulJournal {
    package init() {}
    package func append(_ batch: Batch) async throws(JournalError) -> JournalWish { .none }
}
