// The log as its one writer sees it: frames go into the last segment, and into a new one when it is full. A segment
// begins only when everything before it is durable, so its header can say where the one before ends.

import HoldfastModel

/// The end of the log.
final class LogWriter {
    private let disk: any Disk
    let instance: UInt64
    let run: FileHeader.Run
    private let segmentBytes: Int
    private var segment: FrameWriter

    /// Of the last frame, written or waiting.
    private(set) var sequence: UInt64
    /// Everything up to this sequence is durable.
    private(set) var durable: UInt64
    /// Of the last frame with entries.
    private(set) var lastEntries: UInt64
    /// Of the last frame that can be read back, what it says of what is durable.
    private(set) var marked: UInt64
    /// Since this process began, without what is reserved.
    private(set) var byteCount = 0
    private(set) var syncCount = 0

    /// Begins the first segment of this run, behind what was recovered.
    init(
        on disk: any Disk,
        instance: UInt64,
        run: FileHeader.Run,
        after tail: Recovery.Tail?,
        segmentBytes: Int
    ) async throws(JournalError) {
        self.disk = disk
        self.instance = instance
        self.run = run
        self.segmentBytes = segmentBytes
        sequence = (tail?.nextSequence ?? 1) - 1
        (durable, lastEntries, marked) = (sequence, sequence, sequence)
        let header = FileHeader(
            kind: .segment,
            number: (tail?.segment ?? 0) + 1,
            instance: instance,
            run: run,
            firstSequence: sequence + 1,
            chain: tail?.chain ?? 0
        )
        segment = try await FrameWriter(header, on: disk, reserving: segmentBytes)
        try await segment.publish()
        byteCount = FileHeader.byteCount
    }

    var segmentNumber: UInt64 { segment.name.number }

    /// Whether a frame with entries was made durable that no later frame says so of.
    var owesMark: Bool { marked < min(durable, lastEntries) }

    /// Appends a frame of entries to what waits; goes on in a new segment where this one is full.
    func append(_ piece: BatchPiece) async throws(JournalError) {
        let beginning = FramePayload.beginning(latest: piece.latest)
        try await makeRoom(for: beginning.count + piece.entries.count)
        add(.entries, beginning, piece.entries)
        lastEntries = sequence
    }

    /// Says what is durable; the saying itself is durable only after the next sync.
    func appendMark() async throws(JournalError) {
        try await makeRoom(for: 0)
        add(.mark)
    }

    private func add(_ kind: Frame.Kind, _ beginning: [UInt8] = [], _ entries: [UInt8] = []) {
        sequence += 1
        marked = durable
        segment.append(kind, beginning, entries, sequence: sequence, durable: durable)
        byteCount += FrameHead.frameByteCount(payload: beginning.count + entries.count)
    }

    private func makeRoom(for payloadByteCount: Int) async throws(JournalError) {
        let needed = FrameHead.frameByteCount(payload: payloadByteCount)
        // A frame larger than a segment stands alone in one that is longer.
        guard segment.byteCount + needed > segmentBytes,
            segment.byteCount > FileHeader.byteCount
        else { return }
        try await rotate()
    }

    func flush() async throws(JournalError) { try await segment.flush() }

    /// Makes everything appended durable.
    func sync() async throws(JournalError) {
        try await segment.flush()
        guard durable < sequence else { return }
        try await segment.sync()
        syncCount += 1
        durable = sequence
    }

    /// Ends the segment and begins the next; everything before is durable then.
    private func rotate() async throws(JournalError) {
        try await sync()
        try await goOn(in: try await nextSegment())
    }

    /// The next segment, which has its room and not yet its name; everything written is durable.
    func nextSegment() async throws(JournalError) -> FrameWriter {
        precondition(durable == sequence, "a segment would begin behind what is not durable")
        let header = FileHeader(
            kind: .segment,
            number: segment.name.number + 1,
            instance: instance,
            run: run,
            firstSequence: sequence + 1,
            chain: segment.chain
        )
        return try await FrameWriter(header, on: disk, reserving: segmentBytes)
    }

    /// Ends the segment; nothing was written since `next` was made.
    func goOn(in next: FrameWriter) async throws(JournalError) {
        try await next.publish()
        // A later segment says that everything before it was durable.
        marked = durable
        byteCount += FileHeader.byteCount
        try await segment.close()
        segment = next
    }

    /// Makes everything durable, says so, and lets go of the file.
    func close() async throws(JournalError) {
        try await sync()
        if owesMark { try await appendMark() }
        try await sync()
        try await segment.close()
    }
}
