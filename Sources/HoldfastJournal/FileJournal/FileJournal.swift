// The journal over files: one directory, one writer, many shards. The shards hand over batches, encoded on their own
// loops; the writer takes all that wait, writes them behind one another, syncs once and answers all in order. While it
// waits for the disk, the next ones gather: so the more clients there are, the more of them share a sync.
//
//     shard A  ─batch─┐            ┌─ told          The journal is an actor on a loop of its own, whose thread
//     shard B  ─batch─┴ write sync ┴─ told          may block in the kernel. Everything below `run` happens in
//     shard A            ─batch─ … next …           one task on it, so the disk is used by one call at a time.
//
// After any error of the disk nothing more is acknowledged, ever: what a failed sync left behind is unknown, and asking
// again proves nothing (rule 28). The process has to end; a new one reads what is there.

import HoldfastCore
package import HoldfastModel

/// A journal in a directory.
///
/// Open it, load slots from it, let `run` run, append. Everything on any loop.
package actor FileJournal: Journal {
    package nonisolated let loop: any Loop
    nonisolated let settings: FileJournalSettings
    /// Both clocks when this run began; instants are written as differences from it.
    nonisolated let beginning: ClockReading
    let disk: any Disk
    nonisolated let syncTimes = Locked(DurationHistogram.ofDisks)
    let bell: Bell
    let alarm: any Alarm

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    var phase = Phase.closed
    /// What was read and not yet loaded.
    var recovery: Recovery?
    var log: LogWriter?
    var image: ImageInProgress?
    var measure = LogMeasure()

    var batches: [WaitingBatch] = []
    var sections: [WaitingSection] = []
    var loaded: Set<Slot> = []
    /// When what was acknowledged by `.interval` must be synced.
    var syncDeadline = Instant.never
    var markDeadline = Instant.never
    /// What the log had been marked to when the deadline was last looked at.
    var markedBefore: UInt64 = 0

    /// Where the journal's life stands.
    enum Phase: Hashable, Sendable {
        /// Leaves for `open`, or for `failed`.
        case closed
        /// Leaves for `ended` when `run` is cancelled, or for `failed`.
        case open
        case failed(JournalError)
        /// Nothing is accepted any more.
        case ended
    }

    /// A batch whose shard waits.
    struct WaitingBatch {
        var loop: LoopIndex
        var pieces: [BatchPiece]
        var continuation: CheckedContinuation<Result<JournalWish, JournalError>, Never>
    }

    /// A part of a snapshot whose shard waits.
    struct WaitingSection {
        var slot: Slot
        var fence: Fence
        var pieces: [BatchPiece]
        /// The log up to here is in it.
        var position: UInt64
        var continuation: CheckedContinuation<Result<Void, JournalError>, Never>
    }

    /// `loop` is this journal's alone in a server, because calls to the disk may block it.
    package init(on loop: any Loop, disk: any Disk, settings: FileJournalSettings = .init()) {
        self.loop = loop
        self.disk = disk
        self.settings = settings
        beginning = loop.reading
        bell = Bell(on: loop)
        alarm = loop.makeAlarm()
    }

    // MARK: The seam

    package nonisolated func load(
        _ slot: Slot,
        on reading: ClockReading,
        owners: OwnerSource
    ) async throws(JournalError) -> SlotContents {
        let (recovered, runs) = try await take(slot)
        return try recovered.contents(of: slot, shifts: runs.shifts(to: reading), owners: owners)
    }

    package nonisolated var draft: BatchDraft {
        BatchDraft(base: beginning.now, pieceBytes: settings.frameBytes)
    }

    package nonisolated func append(_ batch: Batch) async throws(JournalError) -> JournalWish {
        let pieces = batch.pieces.isEmpty ? pieces(of: batch.entries) : batch.pieces
        let result = await withCheckedContinuation { continuation in
            let waiting = WaitingBatch(
                loop: batch.loop,
                pieces: pieces,
                continuation: continuation
            )
            loop.post { self.assumeIsolated { $0.accept(waiting) } }
        }
        return try result.get()
    }

    package nonisolated func snapshot(
        _ contents: SlotContents,
        on reading: ClockReading
    ) async throws(JournalError) {
        let pieces = pieces(of: contents.entries, tellingPaths: true)
        let result = await withCheckedContinuation { continuation in
            let waiting = WaitingSection(
                slot: contents.slot,
                fence: contents.fence,
                pieces: pieces,
                position: 0,
                continuation: continuation
            )
            loop.post { self.assumeIsolated { $0.accept(waiting) } }
        }
        return try result.get()
    }

    // MARK: On the shard's loop

    /// The entries as bytes, cut into parts of a frame each; at least one part.
    private nonisolated func pieces(
        of entries: [JournalEntry],
        tellingPaths: Bool = false
    ) -> [BatchPiece] {
        var encoder = PieceEncoder(base: beginning.now, pieceBytes: settings.frameBytes)
        var lastResource: UInt32?
        // By index: an entry that is bound to a name is copied.
        for index in entries.indices {
            let resource = entries[index].resourceIndex
            let tellsPath = tellingPaths && resource != lastResource
            encoder.append(entries[index], tellingPath: tellsPath)
            lastResource = resource
        }
        return encoder.takePieces()
    }

    // MARK: On the journal's loop

    private func take(_ slot: Slot) throws(JournalError) -> (RecoveredSlot, RunTable) {
        if case .failed(let error) = phase { throw error }
        guard recovery != nil else { throw .failed("load before the journal is open") }
        loaded.insert(slot)
        let recovered = recovery?.take(slot) ?? RecoveredSlot()
        return (recovered, recovery?.runs ?? RunTable())
    }

    private func accept(_ batch: WaitingBatch) {
        if let refusal { return batch.continuation.resume(returning: .failure(refusal)) }
        batches.append(batch)
        bell.ring()
    }

    private func accept(_ section: WaitingSection) {
        if let refusal { return section.continuation.resume(returning: .failure(refusal)) }
        var section = section
        // The shard waits for one call at a time: all it appended has its number, and nothing of it comes before this.
        section.position = log?.sequence ?? 0
        sections.append(section)
        bell.ring()
    }

    private var refusal: JournalError? {
        switch phase {
        case .open: nil
        case .closed: .failed("the journal is not open")
        case .failed(let error): error
        case .ended: .failed("the journal is closed")
        }
    }

    /// Nothing is acknowledged from now on.
    func fail(_ error: JournalError) {
        if case .failed = phase { return }
        end(as: .failed(error), telling: error)
    }

    func end(as phase: Phase, telling error: JournalError) {
        self.phase = phase
        let (batches, sections) = (self.batches, self.sections)
        self.batches = []
        self.sections = []
        for batch in batches { batch.continuation.resume(returning: .failure(error)) }
        for section in sections { section.continuation.resume(returning: .failure(error)) }
    }
}

extension JournalEntry {
    /// The place of the resource that it is about, if any.
    fileprivate var resourceIndex: UInt32? {
        switch self {
        case .resource(let entry): entry.resourceIndex
        case .resourceForgotten, .session: nil
        }
    }
}
