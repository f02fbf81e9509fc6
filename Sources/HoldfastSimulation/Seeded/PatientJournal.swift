// A journal that takes its time and may fail, in front of one that remembers. What is under way when the server
// dies may have become durable or not; chance decides, as it does on a disk.

package import HoldfastJournal
package import HoldfastModel

/// Accepts batches after a while.
package final class PatientJournal: Journal, @unchecked Sendable {
    private let base: SimulatedJournal
    private let world: SeededWorld
    private var underWay: [(serial: Int, batch: Batch, continuation: Wait)] = []
    private var nextSerial = 0
    /// The longest time that one batch takes.
    package var delayMillisecondsMax = 0
    /// Refuses the next batch.
    package var failure: JournalError?

    private typealias Wait = CheckedContinuation<JournalError?, Never>

    package init(_ base: SimulatedJournal, in world: SeededWorld) {
        self.base = base
        self.world = world
    }

    package var isIdle: Bool { underWay.isEmpty }

    package func load(
        _ slot: Slot,
        on reading: ClockReading,
        owners: OwnerSource
    ) async throws(JournalError) -> SlotContents {
        try await base.load(slot, on: reading, owners: owners)
    }

    package func append(_ batch: Batch) async throws(JournalError) -> JournalWish {
        if let failure {
            self.failure = nil
            throw failure
        }
        guard delayMillisecondsMax > 0 else { return try await base.append(batch) }
        let error = await withCheckedContinuation { wait(for: batch, $0) }
        if let error { throw error }
        return try await base.append(batch)
    }

    private func wait(for batch: Batch, _ continuation: Wait) {
        let serial = nextSerial
        nextSerial += 1
        underWay.append((serial, batch, continuation))
        let delay = world.random.below(delayMillisecondsMax * 1_000)
        world.after(Interval(nanoseconds: Int64(delay) * 1_000)) { [self] in
            guard let index = underWay.firstIndex(where: { $0.serial == serial }) else { return }
            underWay.remove(at: index).continuation.resume(returning: nil)
        }
    }

    package func snapshot(
        _ contents: SlotContents,
        on reading: ClockReading
    ) async throws(JournalError) {
        try await base.snapshot(contents, on: reading)
    }

    /// The process dies now: what was under way is durable or lost, and is answered to nobody.
    package func crash() {
        for wait in underWay {
            if world.random.chance(50) { base.accept(wait.batch) }
            wait.continuation.resume(returning: .failed("the process is gone"))
        }
        underWay = []
    }
}
