// Snapshots keep the log short. When it has become long the log goes on in a new segment, N, and every shard is asked,
// with its next answer, for an image of its slots. They come one by one, between batches, and go into a file that gets
// its name, snapshot-N, when all slots are in it and it is durable. Only then is what lies before it removed: a crash
// at any moment leaves a complete state behind.
//
// A disk without room for a snapshot ends the attempt and not the server: the log is complete without it.

import HoldfastModel

/// How long the log is, and how long it may become.
struct LogMeasure: Sendable {
    /// Bytes of the log that were there when this process began, or when the last snapshot was begun, are counted with
    /// this to what was written since.
    private var before = 0
    private var snapshot = 0
    private var floor = Int.max
    /// Put off until the log has grown by that much.
    private var delay = 0

    init() {}

    init(before: Int, snapshot: Int, floor: Int) {
        self.before = before
        self.snapshot = snapshot
        self.floor = floor
    }

    func isLong(written: Int) -> Bool {
        before + written > max(floor, 2 * snapshot) + delay
    }

    /// A snapshot of so many bytes stands; the log begins where `written` was so much.
    mutating func shorten(at written: Int, snapshot: Int) {
        before = -written
        self.snapshot = snapshot
        delay = 0
    }

    mutating func putOff() { delay += floor }
}

/// A snapshot that is being taken.
struct ImageInProgress {
    let writer: FrameWriter
    /// What the log had written when its new segment began.
    let logBegan: Int
    var sequence: UInt64 = 0
    var arrived: Set<Slot> = []
    var unsyncedByteCount = 0
    private var asked: Set<LoopIndex> = []

    init(writer: FrameWriter, logBegan: Int) {
        self.writer = writer
        self.logBegan = logBegan
    }

    /// True once for each loop.
    fileprivate mutating func ask(_ loop: LoopIndex) -> Bool { asked.insert(loop).inserted }
}

extension FileJournal {
    /// What the answer to a batch of this loop should wish.
    func wish(for loop: LoopIndex) -> JournalWish {
        guard image?.ask(loop) == true, let image else { return .none }
        return .snapshots(image.writer.name.number)
    }

    func beginImageIfDue() async {
        guard phase == .open, image == nil, let log, measure.isLong(written: log.byteCount),
            !loaded.isEmpty, recovery?.isEmpty ?? true
        else { return }
        await attempting { log throws(JournalError) in
            try await log.sync()
            let next = try await orPutOff { () async throws(JournalError) in
                try await log.nextSegment()
            }
            guard let next else { return }
            try await log.goOn(in: next)
            let header = FileHeader(
                kind: .snapshot,
                number: log.segmentNumber,
                instance: log.instance,
                run: log.run,
                firstSequence: 1,
                chain: 0
            )
            let writer = try await orPutOff { () async throws(JournalError) in
                try await FrameWriter(header, on: disk, reserving: 0)
            }
            image = writer.map { ImageInProgress(writer: $0, logBegan: log.byteCount) }
        }
    }

    /// A file to be begun; nil where the disk has no room for it, and nothing has changed.
    private func orPutOff(
        _ begin: () async throws(JournalError) -> FrameWriter
    ) async throws(JournalError) -> FrameWriter? {
        do throws(JournalError) {
            return try await begin()
        } catch {
            guard error == .storageFull else { throw error }
            measure.putOff()
            try await clear(olderThan: 0)
            return nil
        }
    }

    func writeSection() async {
        let section = sections.removeFirst()
        await attempting { _ throws(JournalError) in
            do throws(JournalError) {
                try await write(section)
            } catch {
                guard error == .storageFull else { throw error }
                return try await abandonImage()
            }
            if let image, image.arrived.isSuperset(of: loaded) { try await finish(image) }
        }
        if case .failed(let error) = phase {
            section.continuation.resume(returning: .failure(error))
        } else {
            section.continuation.resume(returning: .success(()))
        }
    }

    /// A part that nobody asked for, or that comes too late, is not needed.
    private func write(_ section: WaitingSection) async throws(JournalError) {
        guard var image else { return }
        for (number, piece) in section.pieces.enumerated() {
            let head = FramePayload.SlotHead(
                slot: section.slot,
                piece: UInt64(number),
                fence: section.fence,
                position: section.position
            )
            image.sequence += 1
            image.writer.append(
                .slot,
                FramePayload.beginning(latest: piece.latest, head),
                piece.entries,
                sequence: image.sequence,
                durable: 0
            )
        }
        image.arrived.insert(section.slot)
        let isWhole = image.arrived.isSuperset(of: loaded)
        if isWhole {
            image.writer.append(.end, sequence: image.sequence + 1, durable: 0)
        }
        image.unsyncedByteCount += image.writer.waitingByteCount
        self.image = image
        try await image.writer.flush()
        guard isWhole || image.unsyncedByteCount > settings.snapshotSyncBytes else { return }
        try await image.writer.sync()
        self.image?.unsyncedByteCount = 0
    }

    /// From here on every error is one of the log's, and the journal's end.
    private func finish(_ image: ImageInProgress) async throws(JournalError) {
        let writer = image.writer
        // What it says that it holds of the log must be in the log: new frames would get the same numbers.
        try await log?.sync()
        try await writer.publish()
        try await writer.close()
        self.image = nil
        measure.shorten(at: image.logBegan, snapshot: writer.byteCount)
        try await clear(olderThan: writer.name.number)
    }

    private func abandonImage() async throws(JournalError) {
        guard let image else { return }
        self.image = nil
        measure.putOff()
        try await image.writer.discard()
    }
}
