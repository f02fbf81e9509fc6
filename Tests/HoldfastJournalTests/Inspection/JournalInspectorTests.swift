// The inspector finds what a start would find, shows what is there, and changes nothing.

import HoldfastModel
import HoldfastSimulation
import Synchronization
import Testing

@testable import HoldfastJournal

struct JournalInspectorTests {
    private func judged(_ house: JournalHouse) -> JournalInspector.Verdict? {
        let disk = house.platter.mount(on: house.shards[0])
        return house.result { await JournalInspector(disk).verify() }
    }

    /// Every frame in a few words, and the error at the end.
    private func dump(_ house: JournalHouse) -> (lines: [String], error: JournalError?)? {
        let disk = house.platter.mount(on: house.shards[0])
        return house.result { () async -> ([String], JournalError?) in
            var lines: [String] = []
            do throws(JournalError) {
                try await JournalInspector(disk).dump { frame in
                    lines.append("\(frame.sequence) \(words(of: frame.content))")
                }
                return (lines, nil)
            } catch {
                return (lines, error)
            }
        }
    }

    private func words(of content: JournalInspector.DumpedFrame.Content) -> String {
        switch content {
        case .entries(let entries): entries.map(text).joined(separator: ", ")
        case .mark(let sequence): "mark \(sequence)"
        case .image(let slot, let fence, let position, let entries):
            "image \(slot.number) \(fence.number) \(position) \(entries.count)"
        case .end: "end"
        }
    }

    @Test func `a journal that a server has open is verified and stays as it is`() throws {
        let house = JournalHouse()
        house.open()
        for number in 1...60 { _ = house.append([numbered(number)]) }
        let files = house.platter.files
        let verdict = try #require(judged(house))
        #expect(verdict.failure == nil)
        #expect(verdict.notes == [])
        #expect(verdict.files.reduce(0) { $0 + $1.entryCount } == 60)
        #expect(verdict.files.map(\.name) == files.keys.sorted())
        #expect(house.platter.files == files)
        #expect(house.append([numbered(61)])?.isAcknowledged == true)
    }

    @Test func `the first damage is named by file and offset`() throws {
        let house = JournalHouse()
        house.open()
        for number in 1...3 { _ = house.append([numbered(number)]) }
        house.end()
        house.platter.files["segment-000000000001"]?[FileHeader.byteCount + 1] ^= 4
        let failure = try #require(judged(house)?.failure)
        guard case .damaged(let text) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(text.hasPrefix("segment-000000000001, offset 72: the frame of sequence 1 "))
        #expect(dump(house)?.error == failure)
    }

    @Test func `every frame is shown in its order`() throws {
        let house = JournalHouse()
        house.open()
        _ = house.append([numbered(1), numbered(2)])
        _ = house.append([numbered(3)])
        house.end()
        let (lines, error) = try #require(dump(house))
        #expect(error == nil)
        #expect(
            lines == [
                "1 \(numberedText(1)), \(numberedText(2))", "2 \(numberedText(3))", "3 mark 2",
            ]
        )
    }

    @Test func `an image is shown before what came after it`() throws {
        var settings = JournalHouse.small
        settings.snapshotFloorBytes = 1_000
        let house = JournalHouse(settings)
        house.open()
        _ = house.load(someSlot)
        var number = 0
        repeat { number += 1 } while house.append([numbered(number)]) == .success(.none)
        _ = house.snapshot(
            SlotContents(slot: someSlot, fence: Fence(number: 5), entries: [numbered(number)])
        )
        _ = house.append([numbered(number + 1)])
        house.end()
        let (lines, error) = try #require(dump(house))
        #expect(error == nil)
        #expect(lines.first == "1 image 7 5 \(number) 1")
        #expect(lines[1] == "2 end")
        #expect(lines.contains("\(number + 1) \(numberedText(number + 1))"))
        #expect(!lines.contains { $0.contains(numberedText(number)) })
    }

    @Test func `an empty directory is no damage`() {
        #expect(judged(JournalHouse()) == JournalInspector.Verdict())
    }
}
