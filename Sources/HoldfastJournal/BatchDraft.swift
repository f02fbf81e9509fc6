// What a shard has decided since its last batch, in the form in which its journal wants it. A journal that writes bytes
// gets bytes, put there record by record while they are still at hand: gathered as entries, a thousand of them would
// be written to memory, and read from it and counted down once more when the batch is closed.

package import HoldfastCore
package import HoldfastModel

/// Gathers what becomes one batch after the other.
package struct BatchDraft: Sendable {
    private var encoder: PieceEncoder?
    private var entries: [JournalEntry] = []
    package private(set) var count = 0

    /// Of entries as they are.
    package init() {}

    /// Of bytes, for a run that began at `base`.
    init(base: Instant, pieceBytes: Int) {
        encoder = PieceEncoder(base: base, pieceBytes: pieceBytes)
    }

    package var isEmpty: Bool { count == 0 }

    /// Adds a record of the resource at a place.
    package mutating func append(
        _ record: Record,
        at resourceIndex: UInt32,
        of path: ResourcePath,
        in slot: Slot
    ) {
        guard encoder == nil else {
            count += 1
            encoder?.append(record, at: resourceIndex, of: path, in: slot)
            return
        }
        let entry = ResourceEntry(
            slot: slot,
            resourceIndex: resourceIndex,
            path: path,
            record: record
        )
        append(.resource(entry))
    }

    /// The same for a ticket that was granted on the short way.
    package mutating func append(
        _ grant: PlainGrant,
        _ terms: PlainTerms,
        to owner: Owner,
        of path: ResourcePath,
        in slot: Slot
    ) {
        guard encoder == nil else {
            count += 1
            encoder?.append { $0.encode(grant, terms, to: owner, of: path, in: slot) }
            return
        }
        let place = grant.ticket.resourceIndex
        append(grant.record(of: path, terms, to: owner), at: place, of: path, in: slot)
    }

    /// And for the release of one, and what is forgotten for it.
    package mutating func append(
        _ release: PlainRelease,
        by owner: Owner,
        at resourceIndex: UInt32,
        of path: ResourcePath,
        in slot: Slot
    ) {
        guard encoder == nil else {
            count += release.forgotten == nil ? 1 : 2
            encoder?.append { $0.encode(release, by: owner, at: resourceIndex, in: slot) }
            return
        }
        append(release.record(by: owner), at: resourceIndex, of: path, in: slot)
        if let record = release.recordOfForgotten {
            append(record, at: resourceIndex, of: path, in: slot)
        }
    }

    package mutating func append(_ entry: JournalEntry) {
        count += 1
        if encoder != nil { encoder?.append(entry) } else { entries.append(entry) }
    }

    /// What was gathered; the next batch begins.
    package mutating func close(number: UInt64, loop: LoopIndex) -> Batch {
        var batch = Batch(loop: loop, number: number, entries: entries)
        batch.entryCount = count
        if encoder != nil { batch.pieces = encoder?.takePieces() ?? [] }
        count = 0
        entries.removeAll(keepingCapacity: entries.count < BatchDraft.keptEntriesMax)
        return batch
    }

    private static let keptEntriesMax = 4_096
}

/// Writes entries into parts of a frame each.
struct PieceEncoder: Sendable {
    private var encoder: EntryEncoder
    private var pieces: [BatchPiece] = []
    private let pieceBytes: Int
    /// How much came together last time: about as much will again.
    private var lastByteCount = 0

    init(base: Instant, pieceBytes: Int) {
        encoder = EntryEncoder(base: base)
        self.pieceBytes = pieceBytes
    }

    mutating func append(_ entry: JournalEntry, tellingPath: Bool = false) {
        makeRoom()
        encoder.encode(entry, tellingPath: tellingPath)
        cut()
    }

    mutating func append(
        _ record: Record,
        at resourceIndex: UInt32,
        of path: ResourcePath,
        in slot: Slot
    ) {
        makeRoom()
        encoder.encode(record, at: resourceIndex, of: path, in: slot)
        cut()
    }

    /// What `encode` encodes.
    @inline(__always)
    mutating func append(_ encode: (inout EntryEncoder) -> Void) {
        makeRoom()
        encode(&encoder)
        cut()
    }

    @inline(__always)
    private mutating func makeRoom() {
        if encoder.byteCount == 0, lastByteCount > 0 { encoder.reserve(byteCount: lastByteCount) }
    }

    @inline(__always)
    private mutating func cut() {
        if encoder.byteCount >= pieceBytes { takePiece() }
    }

    private mutating func takePiece() {
        lastByteCount = encoder.byteCount
        pieces.append(encoder.takePiece())
    }

    /// At least one.
    mutating func takePieces() -> [BatchPiece] {
        if encoder.byteCount > 0 || pieces.isEmpty { takePiece() }
        defer { pieces = [] }
        return pieces
    }
}
