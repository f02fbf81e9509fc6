// The disk of a story: what became durable outlives the server, and the story may hold batches back or refuse them,
// to show what is told meanwhile (rules 26 to 28).

import HoldfastJournal
import HoldfastModel
import HoldfastSimulation

/// A journal that outlives servers and obeys the story.
final class StoryJournal: Journal {
    private let base = SimulatedJournal()
    private let state = Locked(State())

    private struct State {
        var disk = Story.Disk.goesOn
        var waiting: [CheckedContinuation<JournalError?, Never>] = []
    }

    static let failure = JournalError.failed("no such disk")

    func load(
        _ slot: Slot,
        on reading: ClockReading,
        owners: OwnerSource
    ) async throws(JournalError) -> SlotContents {
        try await base.load(slot, on: reading, owners: owners)
    }

    func append(_ batch: Batch) async throws(JournalError) -> JournalWish {
        switch state.withLock({ $0.disk }) {
        case .goesOn: break
        case .fails: throw Self.failure
        case .holdsBack:
            let error = await withCheckedContinuation { continuation in
                state.withLock { $0.waiting.append(continuation) }
            }
            if let error { throw error }
        }
        return try await base.append(batch)
    }

    func snapshot(
        _ contents: SlotContents,
        on reading: ClockReading
    ) async throws(JournalError) {
        try await base.snapshot(contents, on: reading)
    }

    /// From now on the disk is like this; what waited is decided by it, too.
    func become(_ disk: Story.Disk) {
        switch disk {
        case .holdsBack: state.withLock { $0.disk = disk }
        case .goesOn: answer(nil, then: disk)
        case .fails: answer(Self.failure, then: disk)
        }
    }

    /// The process is killed: what was under way is lost, and the next one finds a disk that works.
    func crash() { answer(.failed("the process is gone"), then: .goesOn) }

    private func answer(_ error: JournalError?, then disk: Story.Disk) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.disk = disk
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: error) }
    }
}
