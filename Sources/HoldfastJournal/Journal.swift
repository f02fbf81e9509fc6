// The seam to whatever makes records last: memory, a file, later an etcd. A batch is what one shard's loop turn (or
// several, while the last batch was under way) decided; it is accepted as a whole, in order. What was accepted is read
// back slot by slot, so that a process may have some slots and not others, and a slot may move.

package import HoldfastModel

/// Makes batches durable, in the order given.
package protocol Journal: Sendable {
    /// False where a record that is not appended is missed by nobody, because none is ever read back: then nothing
    /// needs to be gathered, or waited for.
    var keepsRecords: Bool { get }

    /// Where a shard gathers what it decides: in the form that `append` has least work with.
    ///
    /// Asked once by each shard, before it decides anything.
    var draft: BatchDraft { get }

    /// How long the disk took each time it was asked to keep what was written; nil where there is none.
    ///
    /// Any thread.
    var syncs: DurationHistogram? { get }

    /// What became durable of this slot before, oldest first, with its instants on the clock of `reading`.
    ///
    /// Asked once for each slot that is here, before anything is appended.
    func load(
        _ slot: Slot,
        on reading: ClockReading,
        owners: OwnerSource
    ) async throws(JournalError) -> SlotContents

    /// Returns when the batch will survive whatever this journal survives.
    ///
    /// One call at a time per shard; after an error the shard grants nothing more.
    func append(_ batch: Batch) async throws(JournalError) -> JournalWish

    /// Takes in how a slot stands now, instead of everything that was appended for it before this call.
    ///
    /// Called by the shard of the slot, when the journal wished for it, between two batches.
    func snapshot(_ contents: SlotContents, on reading: ClockReading) async throws(JournalError)
}

extension Journal {
    package var keepsRecords: Bool { true }
    package var draft: BatchDraft { BatchDraft() }
    package var syncs: DurationHistogram? { nil }
}

/// What a journal would like its shard to do next.
package enum JournalWish: Hashable, Sendable {
    case none
    /// The log has become long: a snapshot of every slot of every shard, once each, of this number.
    ///
    /// A shard that appends nothing for long must not hold it up, so whoever is told tells the others.
    case snapshots(UInt64)
}

/// Finds the one object of an owner by name.
package typealias OwnerSource = @Sendable (String) -> Owner

/// All that is known of one slot.
package struct SlotContents: Sendable {
    package var slot: Slot
    /// Rule 18: no fence at or below this is granted again, also where the resource is forgotten.
    package var fence: Fence
    /// Applied in this order they rebuild the slot.
    package var entries: [JournalEntry]
    /// Where the entries were read, for what turns out to make no sense.
    package var places = EntryPlaces()

    package init(slot: Slot, fence: Fence = .none, entries: [JournalEntry] = []) {
        self.slot = slot
        self.fence = fence
        self.entries = entries
    }
}

/// The records of one or more turns of one loop.
package struct Batch: Sendable {
    package var loop: LoopIndex
    package var number: UInt64
    /// Of a draft that keeps them as they are.
    package var entries: [JournalEntry]
    /// Of a draft of bytes.
    package var pieces: [BatchPiece] = []
    package var entryCount: Int

    package init(loop: LoopIndex, number: UInt64, entries: [JournalEntry]) {
        self.loop = loop
        self.number = number
        self.entries = entries
        entryCount = entries.count
    }
}

/// Why something was not made durable, or could not be read back.
package enum JournalError: Error, Hashable, Sendable {
    case storageFull
    case failed(String)
    /// What was read back is not what was written; says where (rule 28).
    case damaged(String)
}

extension JournalError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .storageFull: "the disk is full"
        case .failed(let what): what
        case .damaged(let what): "damaged: \(what)"
        }
    }
}
