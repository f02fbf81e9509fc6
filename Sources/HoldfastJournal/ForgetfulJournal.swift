// A journal that nothing is ever read back from: that of `--data none`, and those of tests that look only at what waits
// for a batch.

package import HoldfastModel

/// Starts empty every time, and needs no snapshots.
package protocol ForgetfulJournal: Journal {}

extension ForgetfulJournal {
    package func load(
        _ slot: Slot,
        on reading: ClockReading,
        owners: OwnerSource
    ) async throws(JournalError) -> SlotContents { SlotContents(slot: slot) }

    package func snapshot(
        _ contents: SlotContents,
        on reading: ClockReading
    ) async throws(JournalError) {}
}
