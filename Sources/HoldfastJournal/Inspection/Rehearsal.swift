// Replays a slot as a start would, into states that nobody keeps: what a start would refuse, `verify` finds too.

import HoldfastCore
import HoldfastModel

extension SlotContents {
    /// Throws what would refuse a start: the first entry that cannot have happened.
    package func rehearse() throws(JournalError) {
        var rehearsal = Rehearsal()
        for (index, entry) in entries.enumerated() {
            do throws(EntryFlaw) { try rehearsal.take(entry) } catch {
                throw places.damage(at: index, of: slot, error.text)
            }
        }
    }
}

/// One slot, being replayed.
private struct Rehearsal {
    private var states: [UInt32: LockState] = [:]
    private var indices: [ResourcePath: UInt32] = [:]
    private var sessions: Set<SessionID> = []

    mutating func take(_ entry: JournalEntry) throws(EntryFlaw) {
        switch entry {
        case .resource(let entry): try take(entry)
        case .resourceForgotten(_, let index):
            guard let state = states[index] else { return }
            if state.hasLiveTickets { throw .forgottenAlive(state.path) }
            states[index] = nil
            indices[state.path] = nil
        case .session(.opened(let session)):
            guard sessions.insert(session.id).inserted else { throw .sessionTwice }
        case .session(.ended(let id)):
            sessions.remove(id)
        }
    }

    private mutating func take(_ entry: ResourceEntry) throws(EntryFlaw) {
        let index = entry.resourceIndex
        if let path = states[index]?.path {
            guard path == entry.path else { throw .placeTaken(by: path, for: entry.path) }
        } else {
            try add(entry)
        }
        do throws(ReplayFlaw) { try states[index]?.replay(entry.record) } catch {
            throw .record(entry.path, error)
        }
    }

    private mutating func add(_ entry: ResourceEntry) throws(EntryFlaw) {
        let index = entry.resourceIndex
        guard index < EntryFlaw.resourcePlacesMax else { throw .placeBeyond(index) }
        guard indices.updateValue(index, forKey: entry.path) == nil else {
            throw .pathTwice(entry.path)
        }
        states[index] = LockState(
            path: entry.path,
            slot: entry.slot,
            resourceIndex: index,
            bounds: LockState.Bounds()
        )
    }
}
