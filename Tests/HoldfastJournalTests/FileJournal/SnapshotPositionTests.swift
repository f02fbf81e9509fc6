// What a snapshot says that it holds of the log is in the log: else frames that come later would get numbers that it
// holds already, and be passed over.

import HoldfastModel
import HoldfastSimulation
import TestSupport
import Testing

@testable import HoldfastJournal

@Suite(.offThePool)
struct SnapshotPositionTests {
    private static func settings(_ sync: SyncPolicy) -> FileJournalSettings {
        var settings = JournalHouse.small
        settings.snapshotFloorBytes = 3_000
        settings.sync = sync
        return settings
    }

    /// Appends until a snapshot is wished for, then more, then gives the snapshot; the next number.
    private func takeSnapshot(in house: JournalHouse, andAppend count: Int) -> Int {
        guard case .success = house.open() else { return 0 }
        _ = house.load(someSlot)
        var number = 1
        while number < 500 {
            defer { number += 1 }
            if case .success(.snapshots) = house.append([numbered(number)]) { break }
        }
        for _ in 0..<count {
            _ = house.append([numbered(number)])
            number += 1
        }
        let image = SlotContents(slot: someSlot, fence: .none, entries: [])
        guard case .success = house.snapshot(image) else { return 0 }
        #expect(house.platter.files.keys.contains { $0.hasPrefix("snapshot") })
        return number
    }

    @Test(arguments: 0..<20)
    func `what is acknowledged after a power loss is not taken for part of the snapshot`(
        seed: Int
    ) {
        let house = JournalHouse(Self.settings(.interval(.seconds(3_600))))
        var number = takeSnapshot(in: house, andAppend: 5)
        house.losePower(seed: UInt64(seed))
        #expect(house.recovered(someSlot) == [])
        let first = number
        for _ in 0..<5 {
            #expect(house.append([numbered(number)])?.isAcknowledged == true)
            number += 1
        }
        house.stop()
        #expect(house.recovered(someSlot) == (first..<number).map { numberedText($0) })
    }

    @Test func `a log that does not reach so far has lost its end`() {
        let house = JournalHouse(Self.settings(.always))
        _ = takeSnapshot(in: house, andAppend: 5)
        house.end()
        let files = house.platter.files
        let name = files.keys.filter { $0.hasPrefix("segment") }.max() ?? ""
        let cut = JournalHouse()
        cut.platter.files = files
        cut.platter.files[name] = Array((files[name] ?? []).prefix(FileHeader.byteCount))
        #expect(cut.open().isDamaged)
        let without = JournalHouse()
        without.platter.files = files
        without.platter.files[name] = nil
        #expect(without.open().isDamaged)
    }

    @Test func `where the next segment has no room the log goes on in this one`() {
        let house = JournalHouse(Self.settings(.always))
        house.open()
        _ = house.load(someSlot)
        var number = 1
        while house.platter.files.keys.count(where: { $0.hasPrefix("segment") }) < 2 {
            _ = house.append([numbered(number)])
            number += 1
        }
        house.platter.limit(to: house.platter.usedByteCount + 100)
        // Past the length at which a snapshot is wished for, and within the segment.
        for _ in 0..<18 {
            #expect(house.append([numbered(number)])?.isAcknowledged == true)
            number += 1
        }
        #expect(house.platter.faultCounts.values.reduce(0, +) > 0)
        house.platter.relent()
        house.stop()
        #expect(house.recovered(someSlot).count == number - 1)
    }
}
