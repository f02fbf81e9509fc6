// The file journal on the kernel's disk and event loops, as the server has it: what the seams promise in the simulator
// holds on a real file system.

import HoldfastJournal
import HoldfastModel
import HoldfastSystem
import TestSupport
import Testing

struct FileJournalOnDiskTests {
    private let slot = Slot(number: 3)

    private func entry(_ number: UInt64) -> JournalEntry {
        .session(.ended(SessionID(slot: slot, random: number)))
    }

    private func numbers(in contents: SlotContents) -> [UInt64] {
        contents.entries.compactMap { entry in
            guard case .session(.ended(let id)) = entry else { return nil }
            return id.bits >> 8
        }
    }

    /// One life of a journal: opens, reads the slot, appends what is given, stops.
    private func life(in path: String, appending appended: [UInt64]) async throws -> [UInt64] {
        let loop = try EventLoop(index: LoopIndex(number: 1))
        try loop.start()
        defer { loop.stop() }
        var settings = FileJournalSettings()
        settings.segmentBytes = 1 << 16
        let disk = try KernelDisk(at: path)
        let journal = FileJournal(on: loop, disk: disk, settings: settings)
        _ = try await journal.open(random: 1)
        let contents = try await journal.load(slot, on: loop.reading) { Owner(name: $0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: loop) { try await journal.run() }
            for number in appended {
                let batch = Batch(
                    loop: loop.index,
                    number: number,
                    entries: [entry(number)]
                )
                _ = try await journal.append(batch)
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        return numbers(in: contents)
    }

    @Test func `what was appended is there in the next life, and in the one after`() async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        let path = scratch.path
        #expect(try await life(in: path, appending: Array(1...50)) == [])
        #expect(try await life(in: path, appending: [51]) == Array(1...50))
        #expect(try await life(in: path, appending: []) == Array(1...51))
        let disk = try KernelDisk(at: path, access: .readOnly)
        let verdict = await JournalInspector(disk).verify()
        #expect(verdict.failure == nil)
        #expect(verdict.files.reduce(0) { $0 + $1.entryCount } == 51)
    }

    @Test func `a second journal in the directory is refused while the first lives`() async throws {
        let scratch = try Scratch()
        defer { scratch.remove() }
        let path = scratch.path
        let loop = try EventLoop(index: LoopIndex(number: 1))
        try loop.start()
        defer { loop.stop() }
        let first = FileJournal(on: loop, disk: try KernelDisk(at: path))
        _ = try await first.open(random: 1)
        let second = FileJournal(on: loop, disk: try KernelDisk(at: path))
        await #expect(throws: JournalError.failed("the directory is in use by another server")) {
            try await second.open(random: 2)
        }
        withExtendedLifetime(first) {}
    }
}
