// Files as a disk may give them back, opened as a journal: any bytes lead to a state or to an error that says what is
// wrong, never to a trap, never without end, never to reads beyond a bound. What was opened once is the same when it is
// opened again, although the first opening cut, wrote and removed what it had to.

import HoldfastCore
import HoldfastJournal
import HoldfastModel

/// Recovery of the file journal.
package struct JournalTarget: FuzzTarget {
    package let name = "journal"

    /// A frame is no longer than 32 MB, and its reader asks for no more at once than one.
    private static let readBytesMax = 1 << 25 + 1 << 20

    package init() {}

    package func run(_ bytes: [UInt8]) throws(Finding) {
        let disk = FuzzDisk(JournalBytes(bytes).files)
        let verdict = try verify(disk)
        let first = try open(disk)
        try demand(
            (first == nil) == (verdict.failure != nil),
            "verify says \(verdict.failure.map { "\($0)" } ?? "nothing"), and it opens: \(first != nil)"
        )
        try demand(disk.readBytesMax <= Self.readBytesMax, "\(disk.readBytesMax) bytes at once")
        guard let first else { return }
        let second = try open(disk)
        try demand(second == first, "another state the second time")
    }

    // MARK: Looking

    private func verify(_ disk: FuzzDisk) throws(Finding) -> JournalInspector.Verdict {
        let before = disk.files
        let found = FuzzLoop.value { [disk] _ in
            let inspector = JournalInspector(disk)
            let verdict = await inspector.verify()
            // It shows what can be read, and ends with what is wrong.
            do throws(JournalError) {
                try await inspector.dump { _ in }
                return (verdict, nil as JournalError?)
            } catch {
                return (verdict, error)
            }
        }
        guard let (verdict, dumped) = found else { throw Finding("verify does not end") }
        try demand(disk.files == before, "verify changes files")
        try demand(dumped == verdict.failure, "dump ends with another error than verify")
        if let failure = verdict.failure { try check(failure) }
        return verdict
    }

    /// Rule 28: the operator decides, and has to know where to look.
    private func check(_ error: JournalError) throws(Finding) {
        guard case .damaged(let text) = error else {
            throw Finding("what is wrong with the files is no damage: \(error)")
        }
        let isFile = ["segment-", "snapshot-"].contains { text.contains($0) }
        try demand(isFile, "no file is named: \(text)")
    }

    // MARK: Opening

    /// Every slot as it was read; nil where it does not open.
    private func open(_ disk: FuzzDisk) throws(Finding) -> [String]? {
        let found = FuzzLoop.value { [disk] loop in
            let journal = FileJournal(on: loop, disk: disk, settings: Self.settings)
            do throws(JournalError) {
                _ = try await journal.open(random: 42)
                let slots = try await Self.texts(of: journal, on: loop.reading)
                await disk.unlock()
                return Result<[String], JournalError>.success(slots)
            } catch {
                await disk.unlock()
                return .failure(error)
            }
        }
        switch found {
        case .success(let slots)?: return slots
        case .failure(let error)?:
            try check(error)
            return nil
        case nil: throw Finding("opening does not end")
        }
    }

    private static var settings: FileJournalSettings {
        var settings = FileJournalSettings()
        settings.segmentBytes = 1 << 12
        return settings
    }

    private static func texts(
        of journal: FileJournal,
        on reading: ClockReading
    ) async throws(JournalError) -> [String] {
        var texts: [String] = []
        for number in 0..<Slot.count {
            let contents = try await journal.load(Slot(number: UInt8(number)), on: reading) {
                Owner(name: $0)
            }
            try contents.rehearse()
            guard !contents.entries.isEmpty || contents.fence != .none else { continue }
            texts.append("\(number) \(contents.fence) \(contents.entries.map(\.fuzzText))")
        }
        return texts
    }
}

extension JournalEntry {
    /// What a second reading must say again; instants move with the wall clock of the run.
    fileprivate var fuzzText: String {
        switch self {
        case .resource(let entry):
            "\(entry.resourceIndex) \(entry.path.text) \(entry.record.fuzzText)"
        case .resourceForgotten(_, let index): "\(index) forgotten"
        case .session(.opened(let session)): "session \(session.id) \(session.owner.name)"
        case .session(.ended(let id)): "session \(id) ended"
        }
    }
}

extension Record {
    fileprivate var fuzzText: String {
        switch self {
        case .made(let ticket, let fence): "\(ticket.id) \(ticket.owner.name) \(fence?.number ?? 0)"
        case .ended(let end): "\(end.ticketIndex) \(end.ending) \(end.owner.name)"
        case .granted(let index, let fence, _): "\(index) \(fence.number)"
        case .leaseLengthened, .losing, .kept, .closed, .opened, .forgotten, .counted, .claimed,
            .logged:
            "other"
        }
    }
}
