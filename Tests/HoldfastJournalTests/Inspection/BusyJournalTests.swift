// Somebody looks at a journal while its server works: between any two calls of the disk it may write frames, or finish
// a snapshot and remove what lies before it. Nothing of that is damage.

import HoldfastModel
import HoldfastSimulation
import Synchronization
import TestSupport
import Testing

@testable import HoldfastJournal

/// A disk on which something happens before one of its calls.
private final class BusyDisk: Disk {
    private let disk: any Disk
    private let whatHappens: @Sendable (any Disk) async -> Void
    private let callsLeft: Mutex<Int>

    init(
        _ disk: any Disk,
        beforeCall call: Int,
        _ whatHappens: @escaping @Sendable (any Disk) async -> Void
    ) {
        self.disk = disk
        self.whatHappens = whatHappens
        callsLeft = Mutex(call)
    }

    /// Calls that came after that one.
    var hasHappened: Bool { callsLeft.withLock { $0 <= 0 } }

    fileprivate func comeCall() async {
        let isNow = callsLeft.withLock { left in
            left -= 1
            return left == 0
        }
        if isNow { await whatHappens(disk) }
    }

    func lock() async throws(DiskError) { try await disk.lock() }
    func unlock() async { await disk.unlock() }

    func list() async throws(DiskError) -> [String] {
        await comeCall()
        return try await disk.list()
    }

    func open(_ name: String, creating: Bool) async throws(DiskError) -> any DiskFile {
        await comeCall()
        return BusyFile(try await disk.open(name, creating: creating), of: self)
    }

    func rename(_ name: String, to newName: String) async throws(DiskError) {
        try await disk.rename(name, to: newName)
    }

    func remove(_ name: String) async throws(DiskError) { try await disk.remove(name) }
    func syncDirectory() async throws(DiskError) { try await disk.syncDirectory() }
}

private final class BusyFile: DiskFile {
    private let file: any DiskFile
    private let disk: BusyDisk

    init(_ file: any DiskFile, of disk: BusyDisk) {
        self.file = file
        self.disk = disk
    }

    func size() async throws(DiskError) -> Int {
        await disk.comeCall()
        return try await file.size()
    }

    func read(at offset: Int, count: Int) async throws(DiskError) -> [UInt8] {
        await disk.comeCall()
        return try await file.read(at: offset, count: count)
    }

    func write(_ bytes: [UInt8], at offset: Int) async throws(DiskError) {
        try await file.write(bytes, at: offset)
    }

    func reserve(_ size: Int) async throws(DiskError) { try await file.reserve(size) }
    func truncate(to size: Int) async throws(DiskError) { try await file.truncate(to: size) }
    func sync() async throws(DiskError) { try await file.sync() }
    func close() async { await file.close() }
}

@Suite(.offThePool)
struct BusyJournalTests {
    /// Verifies and dumps while `house` is worked on before each call in turn, until one look has fewer calls.
    private func look(
        at makeHouse: () -> JournalHouse,
        while whatHappens: @escaping @Sendable (any Disk, SimulatedPlatter) async -> Void
    ) {
        for isDump in [false, true] {
            var (call, happened) = (0, true)
            while happened {
                call += 1
                let house = makeHouse()
                let disk = BusyDisk(house.platter.mount(on: house.shards[0]), beforeCall: call) {
                    [platter = house.platter] in await whatHappens($0, platter)
                }
                let failure = house.result { () async -> JournalError? in
                    guard isDump else { return await JournalInspector(disk).verify().failure }
                    do throws(JournalError) { try await JournalInspector(disk).dump { _ in } } catch
                    {
                        return error
                    }
                    return nil
                }
                #expect(failure == .some(nil), "before call \(call), dump: \(isDump)")
                happened = disk.hasHappened
            }
            #expect(call > 5)
        }
    }

    @Test func `frames that are written between two reads are no damage`() {
        let name = "segment-000000000001"
        let whole = JournalHouse()
        whole.open()
        for number in 1...6 { _ = whole.append([numbered(number)]) }
        let bytes = whole.platter.files[name] ?? []
        let zeros = [UInt8](repeating: 0, count: 400)
        look {
            let house = JournalHouse()
            // Three of the frames, and behind them what was reserved.
            house.platter.files = [name: bytes.prefix(FileHeader.byteCount + 3 * 72) + zeros]
            return house
        } while: { disk, _ in
            // In place: the file is open.
            let file = try? await disk.open(name, creating: false)
            try? await file?.write(bytes, at: 0)
        }
    }

    @Test func `files that a finished snapshot takes away are no damage`() throws {
        let (older, newer) = try aroundSnapshot()
        look {
            let house = JournalHouse()
            house.platter.files = older
            return house
        } while: { _, platter in
            platter.files = newer
        }
    }

    /// The files of a journal before a snapshot is finished and after it.
    private func aroundSnapshot() throws -> ([String: [UInt8]], [String: [UInt8]]) {
        var settings = JournalHouse.small
        settings.snapshotFloorBytes = 3_000
        let house = JournalHouse(settings)
        house.open()
        _ = house.load(someSlot)
        var number = 0
        while number < 500 {
            number += 1
            if case .success(.snapshots) = house.append([numbered(number)]) { break }
        }
        let older = house.platter.files
        let image = SlotContents(slot: someSlot, fence: .none, entries: [numbered(number)])
        guard case .success = house.snapshot(image) else { throw JournalError.storageFull }
        let newer = house.platter.files
        #expect(newer.keys.contains { $0.hasPrefix("snapshot") && !$0.hasSuffix(".tmp") })
        #expect(older.keys.contains { newer[$0] == nil })
        return (older, newer)
    }
}
