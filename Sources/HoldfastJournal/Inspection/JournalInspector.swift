// Looks at a journal without changing it, also while a server writes it: for `holdfast journal verify` and `dump`. The
// server may take a snapshot meanwhile and remove what was just listed, so where something is missing and the
// directory has changed, everything is looked at again.

package import HoldfastModel

/// Reads a journal for people.
package struct JournalInspector: Sendable {
    private let disk: any Disk
    private static let attemptsMax = 5

    /// The disk need not allow writing.
    package init(_ disk: any Disk) { self.disk = disk }

    // MARK: Verify

    /// What was found.
    package struct Verdict: Hashable, Sendable {
        package var files: [FileSummary] = []
        /// Torn ends, and snapshots that were passed over: nothing that stops a start.
        package var notes: [String] = []
        /// What would stop a start; the first that was found.
        package var failure: JournalError?
    }

    /// Reads everything that a start would read, entries too, and replays them as it would.
    package func verify() async -> Verdict {
        var verdict = Verdict()
        for _ in 0..<Self.attemptsMax {
            let before = try? await disk.list()
            do throws(JournalError) {
                let recovery = try await Recovery.read(disk)
                return try Self.verdict(on: recovery)
            } catch {
                verdict.failure = error
            }
            if await before == (try? disk.list()) { break }
        }
        return verdict
    }

    private static func verdict(on recovery: Recovery) throws(JournalError) -> Verdict {
        let epoch = ClockReading(now: .zero, wall: WallTime(microseconds: 0))
        let shifts = recovery.runs.shifts(to: epoch)
        for (number, slot) in recovery.slots.enumerated() {
            let contents = try slot.contents(of: Slot(number: UInt8(number)), shifts: shifts) {
                Owner(name: $0)
            }
            try contents.rehearse()
        }
        return Verdict(files: recovery.files, notes: recovery.notes)
    }

    // MARK: Dump

    /// A frame and what is in it.
    package struct DumpedFrame: Sendable {
        package var file: String
        package var offset: Int
        package var sequence: UInt64
        package var content: Content

        package enum Content: Sendable {
            /// Their instants are nanoseconds since 1970, by the wall clock that the run began with.
            case entries([JournalEntry])
            /// Everything up to the sequence was durable.
            case mark(UInt64)
            /// A part of an image that takes the place of everything up to the position.
            case image(Slot, Fence, position: UInt64, [JournalEntry])
            case end
        }

        package init(file: String, offset: Int, sequence: UInt64, content: Content) {
            self.file = file
            self.offset = offset
            self.sequence = sequence
            self.content = content
        }
    }

    /// Shows every frame from the newest snapshot on that can be read, in order; then throws what `verify` finds.
    ///
    /// Entries that an image already holds are left out.
    package func dump(_ show: (DumpedFrame) -> Void) async throws(JournalError) {
        var dumper = Dumper()
        for var reader in try await readers() {
            while case .frame(let frame) = try await reader.next() {
                guard let dumped = dumper.dumped(frame, of: reader) else { break }
                show(dumped)
            }
            await reader.close()
        }
        if let failure = await verify().failure { throw failure }
    }

    /// Every file from the newest snapshot on, up to the first that has no header: opened before any is shown, because
    /// what is open stays although a server removes it.
    private func readers() async throws(JournalError) -> [FrameReader] {
        var failure: JournalError?
        for _ in 0..<Self.attemptsMax {
            let before = try? await disk.list()
            var readers: [FrameReader] = []
            do throws(JournalError) {
                for file in try await files() {
                    guard case .success(let reader) = try await FrameReader.open(file, on: disk)
                    else { break }
                    readers.append(reader)
                }
                return readers
            } catch {
                failure = error
                for reader in readers { await reader.close() }
            }
            if await before == (try? disk.list()) { break }
        }
        if let failure { throw failure }
        return []
    }

    private func files() async throws(JournalError) -> [JournalFileName] {
        let directory = try await JournalDirectory.read(disk)
        let base = directory.snapshots.last
        return (base.map { [JournalFileName(.snapshot, $0)] } ?? [])
            + directory.segments.filter { $0 >= base ?? 0 }.map { JournalFileName(.segment, $0) }
    }
}

/// Decodes frames one after another.
private struct Dumper {
    private var decoders = (0..<Slot.count).map { number in
        EntryDecoder(slot: Slot(number: UInt8(number))) { Owner(name: $0) }
    }
    private var positions = [UInt64](repeating: 0, count: Slot.count)

    /// Nil where the payload makes no sense.
    mutating func dumped(
        _ frame: Frame,
        of reader: FrameReader
    ) -> JournalInspector.DumpedFrame? {
        let wall = reader.header.run.reading.wall.microseconds
        let shift = ClockShift(nanoseconds: wall &* 1_000)
        guard let content = try? content(of: frame, shift) else { return nil }
        return JournalInspector.DumpedFrame(
            file: reader.name,
            offset: frame.offset,
            sequence: frame.head.sequence,
            content: content
        )
    }

    private mutating func content(
        of frame: Frame,
        _ shift: ClockShift
    ) throws(CodecFlaw) -> JournalInspector.DumpedFrame.Content {
        var dealt: [(slot: Slot, bytes: ArraySlice<UInt8>)] = []
        switch frame.head.kind {
        case .mark: return .mark(frame.head.durable)
        case .end: return .end
        case .entries:
            _ = try FramePayload.deal(frame.payload) { dealt.append(($0, $1)) }
            dealt.removeAll { frame.head.sequence <= positions[Int($0.slot.number)] }
            return .entries(try entries(dealt, shift))
        case .slot:
            var head: FramePayload.SlotHead?
            _ = try FramePayload.dealSlot(frame.payload) {
                head = $0
            } to: {
                dealt.append(($0, $1))
            }
            guard let head else { return .entries([]) }
            positions[Int(head.slot.number)] = head.position
            let entries = try entries(dealt, shift)
            return .image(head.slot, head.fence, position: head.position, entries)
        }
    }

    private mutating func entries(
        _ dealt: [(slot: Slot, bytes: ArraySlice<UInt8>)],
        _ shift: ClockShift
    ) throws(CodecFlaw) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        for (slot, bytes) in dealt {
            var reader = ByteReader(0..<bytes.count)
            let entry = try decoders[Int(slot.number)].next(&reader, bytes.span, shift: shift)
            entries.append(entry)
        }
        return entries
    }
}
