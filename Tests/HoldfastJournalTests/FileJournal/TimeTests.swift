// What the journal does by the clock: marks, late syncs, and instants that come from another clock.

import HoldfastCore
import HoldfastModel
import HoldfastSimulation
import Testing

@testable import HoldfastJournal

struct TimeTests {
    private func lateSettings(_ milliseconds: Int) -> FileJournalSettings {
        var settings = JournalHouse.small
        settings.sync = .interval(.milliseconds(milliseconds))
        return settings
    }

    @Test func `a batch is marked as durable at the latest 100 ms later, once`() {
        let house = JournalHouse()
        house.open()
        _ = house.append([numbered(1)])
        let calls = house.platter.callCount
        house.world.advance(by: .milliseconds(100))
        #expect(house.platter.callCount == calls + 2, "a write and a sync")
        house.world.advance(by: .seconds(10))
        #expect(house.platter.callCount == calls + 2)
        house.kill()
        // Damage to it is damage now.
        house.platter.files["segment-000000000001"]?[FileHeader.byteCount + 40] ^= 1
        #expect(house.open().isDamaged)
    }

    @Test func `a batch that another follows is marked by that one, and the other by a mark`() {
        let house = JournalHouse()
        house.open()
        for number in 1...8 {
            _ = house.append([numbered(number)])
            house.world.advance(by: .milliseconds(20))
        }
        house.world.advance(by: .milliseconds(100))
        house.kill()
        let report = try? house.open().get()
        #expect(report?.entryCount == 8)
        #expect(report?.frameCount == 9)
    }

    @Test func `with an interval a batch is answered at once and synced when it is over`() {
        let house = JournalHouse(lateSettings(200))
        house.open()
        let calls = house.platter.callCount
        #expect(house.append([numbered(1)])?.isAcknowledged == true)
        #expect(house.platter.callCount == calls + 1, "a write, no sync")
        house.world.advance(by: .milliseconds(150))
        #expect(house.append([numbered(2)])?.isAcknowledged == true)
        #expect(house.platter.callCount == calls + 2)
        house.world.advance(by: .milliseconds(50))
        #expect(house.platter.callCount == calls + 3, "the sync of both")
    }

    @Test(arguments: 0..<30)
    func `with an interval a power loss takes no more than what came within it`(seed: Int) {
        let house = JournalHouse(lateSettings(100))
        house.open()
        for number in 1...40 {
            #expect(house.append([numbered(number)])?.isAcknowledged == true)
            house.world.advance(by: .milliseconds(30))
        }
        house.losePower(seed: UInt64(seed))
        let texts = house.recovered(someSlot)
        #expect(texts.count >= 36)
        #expect(texts == (1...texts.count).map { numberedText($0) })
    }

    @Test func `with an interval the end of the process takes nothing`() {
        let house = JournalHouse(lateSettings(100))
        house.open()
        for number in 1...5 { _ = house.append([numbered(number)]) }
        house.kill()
        #expect(house.recovered(someSlot).count == 5)
    }

    // MARK: Instants

    private func at(_ entry: JournalEntry) -> Instant? {
        guard case .resource(let entry) = entry, case .made(let record, _) = entry.record else {
            return nil
        }
        return record.at
    }

    @Test func `an instant is as long ago as the wall says`() throws {
        let house = JournalHouse()
        house.open()
        house.world.advance(by: .seconds(5))
        _ = house.append([granted(1, at: house.world.reading.now)])
        let then = house.world.reading
        house.end()
        house.beginProcess(wallSkew: 3_600_000_000)
        house.open()
        let entries = try #require(try house.load(someSlot)?.get().entries)
        let now = house.world.reading
        let ago = now.wall.microseconds - then.wall.microseconds
        #expect(ago > 3_000_000_000)
        #expect(
            entries.compactMap(at) == [Instant(nanoseconds: now.now.nanoseconds - ago * 1_000)]
        )
    }

    @Test func `after a wall clock was set back runs keep their order, before now`() throws {
        let house = JournalHouse()
        var written = 0
        for run in 0..<4 {
            house.beginProcess(wallSkew: -3_600_000_000 * Int64(run))
            house.platter.kill()
            house.beginProcess(wallSkew: -3_600_000_000 * Int64(run))
            house.open()
            for _ in 0..<3 {
                house.world.advance(by: .seconds(7))
                written += 1
                let entry = granted(UInt64(written), at: house.world.reading.now)
                #expect(house.append([entry])?.isAcknowledged == true)
            }
        }
        house.kill()
        house.beginProcess(wallSkew: -86_400_000_000)
        house.open()
        let entries = try #require(try house.load(someSlot)?.get().entries)
        let instants = entries.compactMap(at)
        #expect(instants.count == 12)
        #expect(zip(instants, instants.dropFirst()).allSatisfy { $0 < $1 })
        #expect(instants.allSatisfy { $0 < house.world.reading.now })
    }
}
