// Snapshots: they take the place of the log, at no moment is there no complete state, and a slot is what its image and
// what came after it make.

import HoldfastModel
import HoldfastSimulation
import TestSupport
import Testing

@testable import HoldfastJournal

@Suite(.offThePool)
struct SnapshotTests {
    private let slots = [someSlot, Slot(number: 200)]

    private static var settings: FileJournalSettings {
        var settings = JournalHouse.small
        settings.snapshotFloorBytes = 3_000
        settings.snapshotSyncBytes = 600
        return settings
    }

    /// What a slot holds: entries, of which a snapshot keeps the last three.
    private final class Model {
        var entries: [Slot: [JournalEntry]] = [:]
        var acknowledged: [Slot: Int] = [:]
        var next = 1
        /// Snapshots that were asked for.
        var wishes = 0
    }

    private func open(_ house: JournalHouse) -> Bool {
        guard case .success = house.open() else { return false }
        for slot in slots { _ = house.load(slot) }
        return true
    }

    /// Appends to both slots; takes a snapshot where it is wished for.
    ///
    /// False when the journal failed.
    private func step(_ house: JournalHouse, _ model: Model) -> Bool {
        var wishes = false
        for slot in slots {
            let entry = numbered(model.next, in: slot)
            model.entries[slot, default: []].append(entry)
            guard case .success(let wish) = house.append([entry]) else { return false }
            model.acknowledged[slot] = model.next
            if case .snapshots = wish { wishes = true }
        }
        model.next += 1
        guard wishes else { return true }
        model.wishes += 1
        for slot in slots {
            let image = Array((model.entries[slot] ?? []).suffix(3))
            let fence = Fence(number: UInt64(model.next))
            let contents = SlotContents(slot: slot, fence: fence, entries: image)
            guard case .success = house.snapshot(contents) else { return false }
        }
        return true
    }

    /// The last entries are all there in order, and at least every acknowledged one that no image left out.
    private func check(_ house: JournalHouse, _ model: Model, _ comment: Comment) {
        guard case .success = house.open() else {
            Issue.record("it does not open: \(comment)")
            return
        }
        for slot in slots {
            let texts = house.texts(of: slot)
            let all = (model.entries[slot] ?? []).map(text)
            let last = all.firstIndex(of: texts.last ?? "") ?? -1
            #expect(last + 1 >= model.acknowledged[slot] ?? 0, comment)
            #expect(texts == Array(all[...max(last, 0)].suffix(texts.count)), comment)
            #expect(texts.count >= min(3, last + 1), comment)
        }
    }

    @Test func `a long log is replaced by a snapshot, and stays short`() throws {
        let (house, model) = (JournalHouse(Self.settings), Model())
        #expect(open(house))
        for _ in 0..<200 { #expect(step(house, model)) }
        #expect(model.wishes > 3)
        house.end()
        let names = house.platter.files.keys.sorted()
        #expect(names.filter { $0.hasPrefix("snapshot") }.count == 1)
        #expect(names.filter { $0.hasPrefix("segment") }.count < 6)
        house.beginProcess()
        check(house, model, "after a stop")
        let slot = Slot(number: 9)
        #expect(house.texts(of: slot) == [])
    }

    @Test func `each loop is asked once, with its next answer`() {
        let house = JournalHouse(Self.settings)
        #expect(open(house))
        var asked = [0, 0]
        for number in 1...120 {
            for shard in 0..<2 where number % 40 != 1 || shard == 0 {
                if case .success(.snapshots) = house.append([numbered(number)], from: shard) {
                    asked[shard] += 1
                }
            }
        }
        #expect(asked == [1, 1])
    }

    @Test func `the fence of an image is known after its resources are forgotten`() throws {
        let (house, model) = (JournalHouse(Self.settings), Model())
        #expect(open(house))
        while model.wishes == 0 { #expect(step(house, model)) }
        house.end()
        house.beginProcess()
        house.open()
        #expect(try house.load(someSlot)?.get().fence == Fence(number: UInt64(model.next)))
    }

    @Test(arguments: [SimulatedPlatter.Fault.error, .full, .powerLoss])
    func `a crash at any call around a snapshot loses nothing`(fault: SimulatedPlatter.Fault) {
        let calls = callsAroundSnapshot
        #expect(calls.count > 20)
        for call in calls {
            for ending in 0..<2 {
                let (house, model) = (JournalHouse(Self.settings), Model())
                #expect(open(house))
                house.platter.plan(fault, at: call)
                while model.next < 60, step(house, model) {}
                if ending == 0 { house.kill() } else { house.losePower(seed: UInt64(call)) }
                check(house, model, "\(fault) at call \(call), ending \(ending)")
            }
        }
    }

    /// From a little before the first snapshot to a little behind it.
    private var callsAroundSnapshot: ClosedRange<Int> {
        let (house, model) = (JournalHouse(Self.settings), Model())
        _ = open(house)
        var before = house.platter.callCount
        while model.wishes == 0, step(house, model) {
            if model.wishes == 0 { before = house.platter.callCount - 20 }
        }
        _ = step(house, model)
        return max(1, before)...house.platter.callCount
    }

    @Test func `a disk without room for a snapshot goes on without one, and tries again later`() {
        var survivors = 0
        for call in callsAroundSnapshot {
            let (house, model) = (JournalHouse(Self.settings), Model())
            #expect(open(house))
            house.platter.plan(.full, at: call)
            while model.next < 150, step(house, model) {}
            guard model.next == 150 else { continue }
            survivors += 1
            #expect(model.wishes > 1)
            #expect(house.platter.faultCounts.keys.allSatisfy { $0.hasPrefix("full at ") })
            house.end()
            #expect(house.platter.files.keys.allSatisfy { !$0.hasSuffix(".tmp") })
            house.beginProcess()
            check(house, model, "full at call \(call)")
        }
        #expect(survivors >= 4)
    }

    @Test func `a snapshot that was damaged is damage, unless an older state is complete`() {
        let (house, model) = (JournalHouse(Self.settings), Model())
        #expect(open(house))
        while model.wishes == 0 { #expect(step(house, model)) }
        house.end()
        let files = house.platter.files
        let name = files.keys.first { $0.hasPrefix("snapshot") } ?? ""
        for index in 0..<(files[name] ?? []).count {
            let other = JournalHouse()
            other.platter.files = files
            other.platter.files[name]?[index] ^= 2
            #expect(other.open().isDamaged, "flip at \(index)")
        }
    }

    @Test func `a snapshot that cannot be read is passed over where the log is whole`() throws {
        let house = JournalHouse()
        house.open()
        for number in 1...60 { _ = house.append([numbered(number)]) }
        house.end()
        house.platter.files["snapshot-000000000002"] = [1, 2, 3]
        house.beginProcess()
        let report = try house.open().get()
        #expect(report.notes.count == 1)
        #expect(report.notes.first?.hasPrefix("snapshot-000000000002, offset 3: ") == true)
        #expect(house.texts(of: someSlot).count == 60)
    }

    @Test func `files that were not finished are removed, and others are left alone`() {
        let house = JournalHouse()
        house.platter.files = [
            "segment-000000000001.tmp": [1], "snapshot-000000000004.tmp": [2], "notes.tmp": [3],
            "README": [4],
        ]
        house.open()
        #expect(
            house.platter.files.keys.sorted() == ["README", "notes.tmp", "segment-000000000001"]
        )
    }
}
