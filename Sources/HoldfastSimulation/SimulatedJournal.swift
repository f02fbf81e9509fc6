// A journal whose contents outlive the server that wrote them: what was accepted is there when the next server
// loads it. It belongs to one virtual world, whose clock goes on over a restart, so that instants need no
// translation.

import HoldfastCore
package import HoldfastJournal
package import HoldfastModel

/// Remembers every accepted entry, by slot.
package final class SimulatedJournal: Journal {
    private let state = Locked(State())

    fileprivate struct State {
        var slots: [SlotContents] = []
        var batchCount = 0
        /// Asks each loop for snapshots after so many batches of its own.
        var snapshotPeriod: UInt64?
    }

    package init(snapshotPeriod: UInt64? = nil) {
        let slots = (0..<Slot.count).map { SlotContents(slot: Slot(number: UInt8($0))) }
        state.withLock { state in
            state.slots = slots
            state.snapshotPeriod = snapshotPeriod
        }
    }

    package func load(
        _ slot: Slot,
        on reading: ClockReading,
        owners: OwnerSource
    ) async throws(JournalError) -> SlotContents {
        state.withLock { $0.slots[Int(slot.number)] }.renewingOwners(owners)
    }

    package func append(_ batch: Batch) async throws(JournalError) -> JournalWish {
        state.withLock { state in
            for entry in batch.entries { state.take(entry) }
            state.batchCount += 1
            guard let period = state.snapshotPeriod else { return .none }
            guard batch.number.isMultiple(of: period) else { return .none }
            return .snapshots(UInt64(state.batchCount))
        }
    }

    /// Takes a batch in without anybody being told.
    func accept(_ batch: Batch) { accept(batch.entries) }

    package func accept(_ entries: [JournalEntry]) {
        state.withLock { state in for entry in entries { state.take(entry) } }
    }

    package func snapshot(
        _ contents: SlotContents,
        on reading: ClockReading
    ) async throws(JournalError) {
        state.withLock { $0.slots[Int(contents.slot.number)] = contents }
    }

    package var entryCount: Int { state.withLock { $0.slots.reduce(0) { $0 + $1.entries.count } } }
    package var batchCount: Int { state.withLock { $0.batchCount } }
}

extension SimulatedJournal.State {
    fileprivate mutating func take(_ entry: JournalEntry) {
        let slot = Int(entry.slot.number)
        slots[slot].entries.append(entry)
        if let fence = entry.grantedFence { slots[slot].fence = max(slots[slot].fence, fence) }
    }
}

extension JournalEntry {
    /// Rule 18: what the slot's counter must not be below.
    package var grantedFence: Fence? {
        guard case .resource(let entry) = self else { return nil }
        return switch entry.record {
        case .made(_, let grant): grant
        case .granted(_, let fence, _), .counted(_, let fence, _): fence
        case .ended, .leaseLengthened, .losing, .kept, .closed, .opened, .forgotten, .claimed,
            .logged:
            nil
        }
    }
}

extension SlotContents {
    /// Owners are objects of one process: the next one has its own.
    fileprivate func renewingOwners(_ owners: OwnerSource) -> SlotContents {
        var copy = self
        for index in copy.entries.indices { copy.entries[index].renewOwners(owners) }
        return copy
    }
}

extension JournalEntry {
    fileprivate mutating func renewOwners(_ owners: OwnerSource) {
        switch self {
        case .resource(var entry):
            entry.record.renewOwners(owners)
            self = .resource(entry)
        case .session(.opened(var session)):
            session.owner = owners(session.owner.name)
            self = .session(.opened(session))
        case .session(.ended), .resourceForgotten:
            return
        }
    }
}

extension Record {
    fileprivate mutating func renewOwners(_ owners: OwnerSource) {
        switch self {
        case .made(var ticket, let grant):
            ticket.owner = owners(ticket.owner.name)
            self = .made(ticket, grant: grant)
        case .ended(var end):
            end.owner = owners(end.owner.name)
            self = .ended(end)
        case .logged(var entry):
            entry.owner = owners(entry.owner.name)
            self = .logged(entry)
        case .granted, .leaseLengthened, .losing, .kept, .closed, .opened, .forgotten, .counted,
            .claimed:
            return
        }
    }
}
