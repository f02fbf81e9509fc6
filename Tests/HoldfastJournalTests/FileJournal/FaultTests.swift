// Every call of the disk fails once, in every way, in a short script; then the process ends, or the power goes, and
// another process reads what is there. Whatever was acknowledged is there, in order; what was not may be.

import HoldfastModel
import HoldfastSimulation
import TestSupport
import Testing

@testable import HoldfastJournal

@Suite(.offThePool)
struct FaultTests {
    /// Opens, appends so many batches and stops; gives the number of the last one that was acknowledged.
    private func script(_ house: JournalHouse, from first: Int, count: Int) -> Int {
        guard case .success = house.open() else { return first - 1 }
        var acknowledged = first - 1
        for number in first..<first + count {
            guard house.append([numbered(number)])?.isAcknowledged == true else { break }
            #expect(acknowledged == number - 1, "nothing is acknowledged after a failure")
            acknowledged = number
        }
        house.end()
        return acknowledged
    }

    /// How many calls the second process of the script makes.
    private var callRange: ClosedRange<Int> {
        let house = JournalHouse()
        _ = script(house, from: 1, count: 3)
        house.kill()
        let before = house.platter.callCount
        _ = script(house, from: 4, count: 30)
        return before + 1...house.platter.callCount
    }

    @Test(arguments: [
        SimulatedPlatter.Fault.error, .full, .powerLoss, .slow,
    ])
    func `rule 27: whichever call fails, nothing acknowledged is missing`(
        fault: SimulatedPlatter.Fault
    ) {
        let calls = callRange
        #expect(calls.count > 60)
        var found: [Int] = []
        for call in calls {
            for ending in 0..<2 {
                let house = JournalHouse()
                #expect(script(house, from: 1, count: 3) == 3)
                house.kill()
                house.platter.plan(fault, at: call)
                let acknowledged = script(house, from: 4, count: 30)
                if ending == 0 { house.kill() } else { house.losePower(seed: UInt64(call)) }
                let texts = house.recovered(someSlot)
                let all = (1...33).map { numberedText($0) }
                #expect(texts.count >= acknowledged, "call \(call) of \(calls)")
                #expect(texts == Array(all.prefix(texts.count)))
                found.append(acknowledged)
            }
        }
        #expect(Set(found).count > 1 || fault == .slow)
    }

    @Test func `a sync that failed is not asked for again, and nothing is acknowledged any more`() {
        let house = JournalHouse()
        house.open()
        #expect(house.append([numbered(1)])?.isAcknowledged == true)
        let calls = house.platter.callCount
        house.platter.plan(.error, at: calls + 2)
        let error = JournalError.failed(
            "sync of segment-000000000001: sync: input/output error"
        )
        #expect(house.append([numbered(2)])?.error == error)
        #expect(house.append([numbered(3)])?.error == error)
        #expect(house.append([numbered(4)], from: 1)?.error == error)
        #expect(house.platter.callCount == calls + 2)
        #expect(house.platter.faultCounts == ["error of sync": 1])
    }

    @Test func `all that wait for a sync that failed are told`() {
        let house = JournalHouse()
        house.open()
        house.platter.plan(.error, at: house.platter.callCount + 2)
        let waiting = [house.begin([numbered(1)]), house.begin([numbered(2)], from: 1)]
        house.world.run()
        for pending in waiting { #expect(pending.value?.error != nil) }
    }

    @Test func `what is read after a failed sync is made last before anything rests on it`() {
        let house = JournalHouse()
        house.open()
        #expect(house.append([numbered(1)])?.isAcknowledged == true)
        house.platter.plan(.error, at: house.platter.callCount + 2)
        #expect(house.append([numbered(2)])?.error != nil)
        house.kill()
        // The second batch can still be read, although it is on no disk.
        #expect(house.recovered(someSlot) == [1, 2].map { numberedText($0) })
        house.losePower(seed: 9)
        #expect(house.recovered(someSlot) == [1, 2].map { numberedText($0) })
    }

    @Test func `a mark whose sync failed is made last before a segment rests on it`() {
        let house = JournalHouse()
        house.open()
        #expect(house.append([numbered(1)])?.isAcknowledged == true)
        house.platter.plan(.error, at: house.platter.callCount + 2)
        house.world.advance(by: .milliseconds(100))
        #expect(house.platter.faultCounts == ["error of sync": 1])
        house.kill()
        #expect(house.recovered(someSlot) == [numberedText(1)])
        for seed in UInt64(1)...8 {
            house.losePower(seed: seed)
            #expect(house.recovered(someSlot) == [numberedText(1)])
        }
    }

    @Test func `a full disk is said to be full`() {
        let house = JournalHouse()
        house.open()
        house.platter.limit(to: 3_000)
        var errors: [JournalError] = []
        for number in 1...60 {
            guard let error = house.append([numbered(number)])?.error else { continue }
            errors.append(error)
        }
        #expect(Set(errors) == [.storageFull])
        #expect(house.platter.faultCounts["budget spent"] == 1)
        house.kill()
        house.platter.limit(to: .max)
        let texts = house.recovered(someSlot)
        #expect(texts.count >= 60 - errors.count)
        #expect(texts == (1...texts.count).map { numberedText($0) })
    }

    @Test func `a bit that flips while it is read is found or read again`() {
        let house = JournalHouse()
        house.open()
        for number in 1...5 { _ = house.append([numbered(number)]) }
        house.end()
        let (files, whole) = (house.platter.files, (1...5).map { numberedText($0) })
        var outcomes: Set<String> = []
        for call in 1...20 {
            let other = JournalHouse()
            other.platter.files = files
            other.platter.plan(.flip, at: call)
            switch other.open() {
            case .success:
                outcomes.insert("read")
                #expect(other.texts(of: someSlot) == whole)
            case .failure(let error):
                guard case .damaged = error else {
                    Issue.record("call \(call): \(error)")
                    continue
                }
                outcomes.insert("damaged")
            }
        }
        #expect(outcomes == ["read", "damaged"])
    }

    @Test func `a bit that flips while it is read is never written back`() {
        let house = JournalHouse()
        house.open()
        for number in 1...5 { _ = house.append([numbered(number)]) }
        house.kill()
        let (files, whole) = (house.platter.files, (1...5).map { numberedText($0) })
        for call in 1...30 {
            let other = JournalHouse()
            other.platter.files = files
            other.platter.plan(.flip, at: call)
            _ = other.open()
            other.kill()
            other.platter.relent()
            #expect(other.recovered(someSlot) == whole, "call \(call)")
        }
    }
}
