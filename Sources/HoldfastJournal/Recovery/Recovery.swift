// Reads a journal from its newest complete snapshot to its last frame, once, checking every checksum and the chain on
// the way (rules 27 and 28). It changes nothing, so the same code verifies a journal that a server is writing.
//
//     snapshot N            segment N ─── chain ─── segment N+1 ─── … ─── last segment ── torn end?
//     a slot at position p   what is later than p is added to the slot

import HoldfastModel

/// A journal that was read.
struct Recovery: Sendable {
    /// Nil where there is no journal yet.
    private(set) var instance: UInt64?
    private(set) var runs = RunTable()
    private(set) var slots = [RecoveredSlot](repeating: RecoveredSlot(), count: Slot.count)
    private(set) var snapshot: Snapshot?
    private(set) var files: [FileSummary] = []
    /// What an operator should know although it stopped nothing.
    private(set) var notes: [String] = []
    /// The last segment, and what may have to be made last once more.
    private(set) var tail: Tail?

    struct Snapshot: Hashable, Sendable {
        var number: UInt64
        var byteCount: Int
    }

    struct Tail: Hashable, Sendable {
        var segment: UInt64
        var nextSequence: UInt64
        var chain: UInt32
        /// Something later says that everything up to this sequence was durable.
        var marked: UInt64
        /// Where the first frame begins that nothing says was durable, if there is one.
        var unmarked: Int?
        var end: Int
    }

    var logByteCount: Int {
        files.filter { $0.name.hasPrefix(JournalFileName.Kind.segment.rawValue) }
            .reduce(0) { $0 + $1.byteCount }
    }

    /// Whether nothing is left to hand out.
    var isEmpty: Bool { slots.allSatisfy(\.isEmpty) }

    /// Of a directory that holds no journal.
    static let none = Recovery()

    private init() {}

    static func read(_ disk: any Disk) async throws(JournalError) -> Recovery {
        let directory = try await JournalDirectory.read(disk)
        var flaw: JournalError?
        for number in directory.snapshots.reversed() {
            var recovery = Recovery()
            if let flaw { recovery.note(flaw) }
            do throws(JournalError) {
                try await recovery.readSnapshot(number, on: disk)
            } catch {
                guard case .damaged = error else { throw error }
                flaw = flaw ?? error
                continue
            }
            try recovery.require(directory.segments, from: number, elseThrow: flaw)
            try await recovery.readSegments(directory.segments.filter { $0 >= number }, on: disk)
            try recovery.requireLogOfSnapshot()
            return recovery
        }
        var recovery = Recovery()
        if let flaw { recovery.note(flaw) }
        if flaw != nil || !directory.segments.isEmpty {
            try recovery.require(directory.segments, from: 1, elseThrow: flaw)
        }
        try await recovery.readSegments(directory.segments, on: disk)
        return recovery
    }

    /// Hands a slot out and keeps nothing of it.
    mutating func take(_ slot: Slot) -> RecoveredSlot {
        defer { slots[Int(slot.number)] = RecoveredSlot() }
        return slots[Int(slot.number)]
    }

    private mutating func note(_ error: JournalError) {
        if case .damaged(let text) = error { notes.append("\(text); an older state is complete") }
    }

    /// Segments follow one another without a gap, beginning with `first`.
    private func require(
        _ segments: [UInt64],
        from first: UInt64,
        elseThrow flaw: JournalError?
    ) throws(JournalError) {
        var next = first
        for number in segments where number >= first {
            guard number == next else { break }
            next += 1
        }
        guard next == first || next <= segments.last ?? 0 else { return }
        if let flaw { throw flaw }
        throw .damaged("\(JournalFileName(.segment, next).text) is missing")
    }

    /// What a snapshot holds of the log was durable before it: the log reaches so far, or its end is lost.
    private func requireLogOfSnapshot() throws(JournalError) {
        guard let snapshot else { return }
        let name = JournalFileName(.snapshot, snapshot.number).text
        guard let tail else {
            let segment = JournalFileName(.segment, snapshot.number).text
            throw .damaged("\(segment) is missing, and \(name) rests on it")
        }
        let last = slots.map(\.position).max() ?? 0
        guard last >= tail.nextSequence else { return }
        throw .damaged(
            "\(JournalFileName(.segment, tail.segment).text), offset \(tail.end): the frame of sequence "
                + "\(tail.nextSequence) is damaged or missing; \(name) says that it was durable"
        )
    }

    private mutating func place(of header: FileHeader, in name: String) throws(JournalError) -> Int
    {
        guard instance == nil || instance == header.instance else {
            throw .damaged("\(name) is of another journal")
        }
        instance = header.instance
        guard let place = runs.place(of: header.run) else {
            throw .damaged("\(name) is of run \(header.run.number), which is out of order")
        }
        return place
    }

    // MARK: Snapshot

    private mutating func readSnapshot(
        _ number: UInt64,
        on disk: any Disk
    ) async throws(JournalError) {
        let name = JournalFileName(.snapshot, number)
        var reader = try await FrameReader.opened(name, on: disk)
        let run = try place(of: reader.header, in: name.text)
        var summary = FileSummary(name: name.text, firstSequence: reader.header.firstSequence)
        var isComplete = false
        while case .frame(let frame) = try await reader.next() {
            summary.frameCount += 1
            switch frame.head.kind {
            case .slot: summary.entryCount += try takeSlot(frame, of: run, in: name.text)
            case .end: isComplete = true
            case .entries, .mark: throw .misplaced(frame, in: name.text)
            }
            if isComplete { break }
        }
        summary.byteCount = try await reader.size()
        await reader.close()
        guard isComplete, reader.offset == summary.byteCount else {
            throw .damaged("\(name.text), offset \(reader.offset): the snapshot is not whole")
        }
        files.append(summary)
        snapshot = Snapshot(number: number, byteCount: summary.byteCount)
    }

    private mutating func takeSlot(
        _ frame: Frame,
        of run: Int,
        in name: String
    ) throws(JournalError) -> Int {
        let place = EntryPlaces.Place(file: name, offset: frame.offset)
        do throws(CodecFlaw) {
            let (latest, count) = try FramePayload.dealSlot(frame.payload) { head in
                guard head.piece == 0 else { return }
                slots[Int(head.slot.number)].beginImage(
                    fence: head.fence,
                    position: head.position
                )
            } to: { slot, bytes in
                slots[Int(slot.number)].append(bytes, of: run, from: place)
            }
            runs.note(latest: latest, of: run)
            return count
        } catch {
            throw .damaged("\(name), offset \(frame.offset): \(error.text)")
        }
    }

    // MARK: Segments

    private mutating func readSegments(
        _ numbers: [UInt64],
        on disk: any Disk
    ) async throws(JournalError) {
        guard let first = numbers.first else { return }
        var reader = try await FrameReader.opened(JournalFileName(.segment, first), on: disk)
        for number in numbers.dropFirst() {
            let next = try await FrameReader.opened(JournalFileName(.segment, number), on: disk)
            try await readSegment(&reader, before: next.header, on: disk)
            await reader.close()
            reader = next
        }
        try await readSegment(&reader, before: nil, on: disk)
        await reader.close()
    }

    /// Reads a segment to where the one after it says that it ends; the last one as far as it goes.
    private mutating func readSegment(
        _ reader: inout FrameReader,
        before next: FileHeader?,
        on disk: any Disk
    ) async throws(JournalError) {
        let run = try place(of: reader.header, in: reader.name)
        var summary = FileSummary(
            name: reader.name,
            firstSequence: reader.header.firstSequence
        )
        var unmarked = Unmarked()
        var rest: FrameReader.Rest?
        while reader.nextSequence != next?.firstSequence {
            guard case .frame(let frame) = try await reader.next() else {
                // A server may have written on between the look for the frame and the look behind it: then it is
                // there now.
                guard next == nil, rest == nil else { break }
                rest = try await reader.rest()
                guard rest?.isEmpty == false else { break }
                continue
            }
            rest = nil
            summary.frameCount += 1
            summary.entryCount += try takeBatch(frame, of: run, in: reader.name)
            unmarked.passed(frame)
        }
        summary.byteCount = reader.offset
        files.append(summary)
        if let next {
            try checkLink(from: reader, to: next)
        } else {
            try checkEnd(of: reader, rest)
            tail = Tail(
                segment: reader.header.number,
                nextSequence: reader.nextSequence,
                chain: reader.chain,
                // A segment begins when everything before it is durable.
                marked: max(reader.header.firstSequence - 1, unmarked.marked),
                unmarked: unmarked.firstOffset,
                end: reader.offset
            )
        }
    }

    private mutating func takeBatch(
        _ frame: Frame,
        of run: Int,
        in name: String
    ) throws(JournalError) -> Int {
        switch frame.head.kind {
        case .mark: return 0
        case .slot, .end: throw .misplaced(frame, in: name)
        case .entries: break
        }
        let place = EntryPlaces.Place(file: name, offset: frame.offset)
        do throws(CodecFlaw) {
            let sequence = frame.head.sequence
            let (latest, count) = try FramePayload.deal(frame.payload) { slot, bytes in
                guard sequence > slots[Int(slot.number)].position else { return }
                slots[Int(slot.number)].append(bytes, of: run, from: place)
            }
            runs.note(latest: latest, of: run)
            return count
        } catch {
            throw .damaged("\(name), offset \(frame.offset): \(error.text)")
        }
    }

    private func checkLink(
        from reader: FrameReader,
        to next: FileHeader
    ) throws(JournalError) {
        guard reader.nextSequence == next.firstSequence, reader.chain == next.chain else {
            throw .damaged(
                "\(reader.name), offset \(reader.offset): the frame of sequence "
                    + "\(reader.nextSequence) is damaged or missing"
            )
        }
    }

    /// Rule 28: what was acknowledged and cannot be read is damage; what was not is a torn end.
    private mutating func checkEnd(
        of reader: FrameReader,
        _ rest: FrameReader.Rest?
    ) throws(JournalError) {
        guard let rest else { return }
        if let witness = rest.witness {
            throw .damaged(
                "\(reader.name), offset \(reader.offset): the frame of sequence "
                    + "\(reader.nextSequence) is damaged; the one at offset \(witness) says that "
                    + "it was durable"
            )
        }
        guard !rest.isEmpty else { return }
        notes.append(
            "\(reader.name), offset \(reader.offset): the end is torn; what was written from "
                + "sequence \(reader.nextSequence) on is dropped"
        )
    }
}

/// The frames that no later one said were durable.
private struct Unmarked {
    private var frames: [(sequence: UInt64, offset: Int)] = []
    private var first = 0
    private(set) var marked: UInt64 = 0

    var firstOffset: Int? { first < frames.count ? frames[first].offset : nil }

    mutating func passed(_ frame: Frame) {
        marked = max(marked, frame.head.durable)
        while first < frames.count, frames[first].sequence <= frame.head.durable { first += 1 }
        if first > 0, first == frames.count {
            frames = []
            first = 0
        }
        // A mark, too: the segment after it will name it as the end of this one.
        frames.append((frame.head.sequence, frame.offset))
    }
}

extension JournalError {
    fileprivate static func misplaced(_ frame: Frame, in name: String) -> JournalError {
        .damaged("\(name), offset \(frame.offset): a frame that does not belong here")
    }
}

extension FrameReader {
    /// A file whose header can be read; one that has none is damage, because a file gets its name when its header is
    /// durable.
    fileprivate static func opened(
        _ name: JournalFileName,
        on disk: any Disk
    ) async throws(JournalError) -> FrameReader {
        switch try await open(name, on: disk) {
        case .success(let reader): return reader
        case .failure(let flaw):
            throw .damaged("\(name.text), offset \(flaw.offset): \(flaw.text)")
        }
    }
}
