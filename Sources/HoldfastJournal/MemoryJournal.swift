// The journal of `--data none`: accepts every batch and keeps none. It stands in the same place as a durable one, so
// that replies already wait for their batch.

package import HoldfastModel

/// Accepts everything, remembers nothing.
package struct MemoryJournal: Journal {
    package init() {}

    package func load(
        _ slot: Slot,
        on reading: ClockReading,
        owners: OwnerSource
    ) async throws(JournalError) -> SlotContents { SlotContents(slot: slot) }

    package func append(_ batch: Batch) async throws(JournalError) -> JournalWish { .none }

    package func snapshot(
        _ contents: SlotContents,
        on reading: ClockReading
    ) async throws(JournalError) {}
}
