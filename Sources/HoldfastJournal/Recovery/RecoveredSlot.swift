// What recovery keeps of a slot until somebody loads it: its entries, still as bytes, by the run that wrote them.

import HoldfastModel

/// The entries of a slot, not yet read.
struct RecoveredSlot: Sendable {
    /// Of its image; grants among the entries may be newer.
    private(set) var fence = Fence.none
    /// What was logged up to here is in the image.
    private(set) var position: UInt64 = 0
    private(set) var chunks: [Chunk] = []
    private var places = EntryPlaces()
    private var entryCount = 0

    struct Chunk: Sendable {
        /// The place of the run in the table.
        var run: Int
        var bytes: [UInt8]
    }

    var isEmpty: Bool { chunks.isEmpty && fence == .none }

    /// A newer image takes the place of everything.
    mutating func beginImage(fence: Fence, position: UInt64) {
        self = RecoveredSlot()
        self.fence = fence
        self.position = position
    }

    /// One entry, from the frame that `place` names.
    mutating func append(_ bytes: ArraySlice<UInt8>, of run: Int, from place: EntryPlaces.Place) {
        places.note(place, from: entryCount)
        entryCount += 1
        if chunks.last?.run != run { chunks.append(Chunk(run: run, bytes: [])) }
        chunks[chunks.count - 1].bytes += bytes
    }

    /// Reads the entries, with their instants on the clock that `shifts` lead to.
    func contents(
        of slot: Slot,
        shifts: [ClockShift],
        owners: OwnerSource
    ) throws(JournalError) -> SlotContents {
        try withoutActuallyEscaping(owners) { owners throws(JournalError) in
            try read(EntryDecoder(slot: slot, owners: owners), shifts)
        }
    }

    private func read(
        _ decoder: consuming EntryDecoder,
        _ shifts: [ClockShift]
    ) throws(JournalError) -> SlotContents {
        let slot = decoder.slot
        var entries: [JournalEntry] = []
        for chunk in chunks {
            var reader = ByteReader(0..<chunk.bytes.count)
            while !reader.isAtEnd {
                do throws(CodecFlaw) {
                    entries.append(
                        try decoder.next(&reader, chunk.bytes.span, shift: shifts[chunk.run])
                    )
                } catch {
                    throw places.damage(at: entries.count, of: slot, error.text)
                }
            }
        }
        var contents = SlotContents(
            slot: slot,
            fence: max(fence, decoder.fence),
            entries: entries
        )
        contents.places = places
        return contents
    }
}
