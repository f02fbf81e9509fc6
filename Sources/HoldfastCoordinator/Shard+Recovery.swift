// How a shard comes back (rules 14, 18, 27): slot by slot it reads what its journal kept, and only when every shard of
// the process has done so do running durations start again and is anybody granted anything. Nothing else runs on the
// loop meanwhile.

import HoldfastCore
package import HoldfastJournal
package import HoldfastModel
import Synchronization

extension Shard {
    /// Reads back what became durable of this shard's slots.
    package func recover() async throws(JournalError) {
        let owners: OwnerSource = { [owners = setting.owners] in owners.recoveredOwner(named: $0) }
        for slot in slots {
            let contents = try await journal.load(slot, on: loop.reading, owners: owners)
            for (index, entry) in contents.entries.enumerated() {
                do throws(EntryFlaw) { try take(entry) } catch {
                    throw contents.places.damage(at: index, of: slot, error.text)
                }
            }
            table.relinkPlaces(of: slot)
            desk.value.raiseFence(of: slot, to: contents.fence)
        }
    }

    private func take(_ entry: JournalEntry) throws(EntryFlaw) {
        switch entry {
        case .resource(let entry):
            let resource = try place(for: entry)
            if let flaw = resource.onSameLoop(entry.record, { $0.replay($1) }) {
                throw .record(entry.path, flaw)
            }
            desk.value.noteReplayed(entry.record, of: resource)
        case .resourceForgotten(let slot, let index):
            guard let resource = table.resource(slot: slot, index: index) else { return }
            if resource.onSameLoop((), { $0.hasLiveTickets($1) }) {
                throw .forgottenAlive(resource.path)
            }
            table.removeRestored(resource)
            setting.census.resources.wrappingSubtract(1, ordering: .relaxed)
        case .session(.opened(let session)):
            guard sessions[session.id] == nil else { throw .sessionTwice }
            restore(session)
        case .session(.ended(let id)):
            if let session = sessions[id] { drop(session) }
        }
    }

    private func place(for entry: ResourceEntry) throws(EntryFlaw) -> Resource {
        if let resource = table.resource(slot: entry.slot, index: entry.resourceIndex) {
            guard resource.path == entry.path else {
                throw .placeTaken(by: resource.path, for: entry.path)
            }
            return resource
        }
        guard entry.resourceIndex < EntryFlaw.resourcePlacesMax else {
            throw .placeBeyond(entry.resourceIndex)
        }
        guard table.resource(at: entry.path) == nil else { throw .pathTwice(entry.path) }
        setting.census.resources.wrappingAdd(1, ordering: .relaxed)
        return table.restore(entry.path, slot: entry.slot, index: entry.resourceIndex)
    }

    /// The server is ready: every running duration starts now, in full (rule 14).
    ///
    /// Gives the number of live tickets.
    package func restart() async -> Int {
        reading = loop.reading
        desk.value.metrics.forgetTotals()
        for handle in 0..<UInt32(table.handleCount) {
            guard let resource = table.resource(handle: handle) else { continue }
            if resource.onSameLoop(reading, { $0.restart(at: $1) }) { forget(resource) }
        }
        for session in sessionByHandle.compactMap({ $0 }) {
            desk.value.clock.arm(
                session: session.handle,
                for: await session.restart(at: reading.now)
            )
        }
        let metrics = desk.value.metrics
        return metrics.held + metrics.waiting
    }

    /// Ends what belonged to sessions whose end was kept, but not the ends of all their tickets.
    package func endTicketsOfEndedSessions(_ isAlive: (SessionID) async -> Bool) async {
        for session in desk.value.bindings.sessions where await !isAlive(session) {
            endTickets(of: session)
        }
    }

    package func has(_ session: SessionID) -> Bool { sessions[session] != nil }

    /// In an order that is the same in every process.
    func sessions(of owners: Set<Owner>) -> [SessionID] {
        sessions.values.filter { owners.contains($0.record.owner) }.map(\.id)
            .sorted { $0.bits < $1.bits }
    }
}

// MARK: - Images

extension Shard {
    /// Gives the journal an image of every slot, because its log has become long.
    func snapshotSlots() async throws(JournalError) {
        for slot in slots {
            // The open batch and the image are taken in one go: the image holds what the batch holds and nothing
            // later.
            let reading = loop.reading
            let batch = desk.value.closeBatch(for: loop.index)
            let image = image(of: slot)
            if let batch { try await append(batch) }
            try await journal.snapshot(image, on: reading)
            await loop.letOthersRun()
        }
    }

    /// Takes one turn of the loop and no `await`, so that nothing happens between two of its resources.
    private func image(of slot: Slot) -> SlotContents {
        var entries: [JournalEntry] = []
        for session in sessions.values.filter({ $0.id.slot == slot })
            .sorted(by: { $0.id.bits < $1.id.bits })
        {
            entries.append(.session(.opened(session.record)))
        }
        table.forEachImage(in: slot) { path, index, records in
            for record in records {
                let entry = ResourceEntry(
                    slot: slot,
                    resourceIndex: index,
                    path: path,
                    record: record
                )
                entries.append(.resource(entry))
            }
        }
        let fence = desk.value.fences[Int(slot.number)].last
        return SlotContents(slot: slot, fence: fence, entries: entries)
    }
}
