// The journal over files, from outside: what was acknowledged is there again, whoever ended the process before.

import HoldfastModel
import HoldfastSimulation
import Testing

@testable import HoldfastJournal

extension Result where Success == JournalWish, Failure == JournalError {
    var isAcknowledged: Bool { if case .success = self { true } else { false } }
    var error: JournalError? { if case .failure(let error) = self { error } else { nil } }
}

struct FileJournalTests {
    @Test func `what was appended is there after a stop`() throws {
        let house = JournalHouse()
        #expect(house.recovered(someSlot) == [])
        #expect(house.append([numbered(1), numbered(2)])?.isAcknowledged == true)
        #expect(house.append([numbered(3)], from: 1)?.isAcknowledged == true)
        house.stop()
        #expect(house.recovered(someSlot) == [1, 2, 3].map { numberedText($0) })
        #expect(try house.load(someSlot)?.get().entries.count == 0, "a slot is handed out once")
    }

    @Test(arguments: 0..<50)
    func `rule 27: what was acknowledged survives the loss of power`(seed: Int) {
        let house = JournalHouse()
        house.open()
        for number in 1...20 {
            #expect(house.append([numbered(number)])?.isAcknowledged == true)
            if number % 7 == 0 {
                house.losePower(seed: UInt64(seed * 100 + number))
                #expect(house.recovered(someSlot) == (1...number).map { numberedText($0) })
            }
        }
    }

    @Test func `what was acknowledged survives the end of the process`() {
        let house = JournalHouse()
        house.open()
        for number in 1...40 {
            #expect(house.append([numbered(number)])?.isAcknowledged == true)
            house.kill()
            #expect(house.recovered(someSlot) == (1...number).map { numberedText($0) })
        }
    }

    @Test func `batches that wait share one sync and are answered in order`() {
        let house = JournalHouse()
        house.open()
        let before = house.platter.callCount
        let (first, second) = (house.begin([numbered(1)]), house.begin([numbered(2)], from: 1))
        house.world.run()
        #expect(first.value?.isAcknowledged == true)
        #expect(second.value?.isAcknowledged == true)
        #expect(house.platter.callCount - before == 2, "one write and one sync")
    }

    @Test func `slots are read back one by one, each in its own order`() {
        let house = JournalHouse()
        house.open()
        var random = RandomEntries(seed: 5, slots: (0..<8).map { Slot(number: $0 * 31) })
        var written: [JournalEntry] = []
        for _ in 0..<60 {
            let entries = random.entries(5)
            written += entries
            #expect(house.append(entries)?.isAcknowledged == true)
        }
        house.stop()
        house.open()
        for slot in random.slots {
            let expected = written.filter { $0.slot == slot }
            #expect(house.texts(of: slot).count == expected.count)
        }
    }

    @Test func `a batch larger than a segment is accepted`() {
        let house = JournalHouse()
        house.open()
        let numbers = Array(1...1_000)
        #expect(house.append(numbers.map { numbered($0) })?.isAcknowledged == true)
        house.kill()
        #expect(house.recovered(someSlot) == numbers.map { numberedText($0) })
    }

    @Test func `a second journal on the same directory is refused`() {
        let house = JournalHouse()
        house.open()
        house.beginProcess()
        let error = JournalError.failed("the directory is in use by another server")
        #expect(house.open() == .failure(error))
    }

    @Test func `the directory is free after a stop and after the end of the process`() {
        let house = JournalHouse()
        house.open()
        house.stop()
        #expect(house.recovered(someSlot) == [])
        house.kill()
        #expect(house.recovered(someSlot) == [])
    }

    @Test func `a stopped journal accepts nothing`() {
        let house = JournalHouse()
        house.open()
        house.end()
        #expect(house.append([numbered(1)])?.error == .failed("the journal is closed"))
    }

    @Test func `a batch that comes after the stop is refused, and is not there later`() {
        let house = JournalHouse()
        house.open()
        let pending = house.begin([numbered(1)])
        house.end()
        #expect(pending.value?.error == .failed("the journal is closed"))
        house.beginProcess()
        #expect(house.recovered(someSlot) == [])
    }

    @Test func `a journal that is not open accepts nothing`() {
        let house = JournalHouse()
        #expect(house.append([numbered(1)])?.error == .failed("the journal is not open"))
    }

    @Test
    func `rule 18: the highest fence of a slot is told, also of a resource that is forgotten`()
        throws
    {
        let house = JournalHouse()
        house.open()
        let at = house.world.reading.now
        #expect(
            house.append([
                granted(90, at: at), .resourceForgotten(someSlot, resourceIndex: 3),
            ])?.isAcknowledged == true
        )
        house.stop()
        house.open()
        #expect(try house.load(someSlot)?.get().fence == Fence(number: 90))
    }

    @Test func `the report says what was found`() throws {
        let house = JournalHouse()
        let empty = try house.open().get()
        #expect(empty == FileJournalReport(Recovery.none))
        _ = house.append([numbered(1), numbered(2)])
        house.stop()
        let report = try house.open().get()
        #expect(report.entryCount == 2)
        #expect(report.notes == [])
        #expect(report.sequence == 2, "the batch and the mark at the end")
    }
}
