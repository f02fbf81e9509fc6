// Rule 28, exhaustively: a small journal cut at every byte, and with every byte flipped. What comes back is a prefix of
// what was written, and where something acknowledged is missing it is said so.

import HoldfastModel
import HoldfastSimulation
import TestSupport
import Testing

@testable import HoldfastJournal

@Suite(.offThePool)
struct DamageTests {
    private let name = "segment-000000000001"

    /// Three batches; marks behind all but the last, or behind all.
    private func history(markingLast: Bool) -> [UInt8] {
        let house = JournalHouse()
        house.open()
        for number in 1...3 { _ = house.append([numbered(number)]) }
        if markingLast { house.end() }
        let bytes = house.platter.files[name] ?? []
        return Array(bytes[..<FileHeader.byteCount]) + frames(of: bytes).flatMap { $0 }
    }

    private func recovered(
        _ bytes: [UInt8]
    ) -> (texts: [String], notes: [String], error: JournalError?) {
        let house = JournalHouse()
        house.platter.files = [name: bytes]
        switch house.open() {
        case .success(let report): return (house.texts(of: someSlot), report.notes, nil)
        case .failure(let error): return ([], [], error)
        }
    }

    private func prefix(_ count: Int) -> [String] { (0..<count).map { numberedText($0 + 1) } }

    @Test func `a journal cut at any byte is recovered up to the last whole batch`() {
        let whole = history(markingLast: false)
        var counts: [Int] = []
        for cut in FileHeader.byteCount...whole.count {
            let (texts, notes, error) = recovered(Array(whole[..<cut]))
            #expect(error == nil)
            #expect(texts == prefix(texts.count))
            #expect(notes.count <= 1)
            counts.append(texts.count)
        }
        #expect(counts == counts.sorted())
        #expect(counts.first == 0)
        #expect(counts.last == 3)
    }

    @Test func `a header cut at any byte is damage`() {
        let whole = history(markingLast: false)
        for cut in 0..<FileHeader.byteCount {
            guard case .damaged(let text) = recovered(Array(whole[..<cut])).error else {
                Issue.record("cut at \(cut)")
                continue
            }
            #expect(text.hasPrefix("\(name), offset "))
        }
    }

    @Test func `any flipped byte of what is marked as durable is damage`() {
        let whole = history(markingLast: true)
        // The mark at the end says that the third batch is durable; nothing says so of the mark.
        let markStart = whole.count - FrameHead.byteCount
        for index in 0..<markStart {
            var bytes = whole
            bytes[index] ^= 0x40
            let (texts, _, error) = recovered(bytes)
            guard case .damaged(let text) = error else {
                Issue.record("flip at \(index): \(texts)")
                continue
            }
            #expect(text.hasPrefix("\(name), offset "))
        }
    }

    @Test func `any flipped byte of the last batch is damage or a torn end that is told`() {
        let whole = history(markingLast: false)
        for index in whole.indices {
            var bytes = whole
            bytes[index] ^= 0x01
            let (texts, notes, error) = recovered(bytes)
            if error != nil { continue }
            #expect(texts == prefix(2))
            #expect(notes.count == 1)
            #expect(notes.first?.hasPrefix("\(name), offset ") == true)
            #expect(notes.first?.contains("from sequence 3 on is dropped") == true)
        }
    }

    @Test func `a batch that is missing, doubled or out of order is damage`() {
        let whole = history(markingLast: true)
        let frames = frames(of: whole)
        let header = Array(whole[..<FileHeader.byteCount])
        let orders = [[0, 2, 3], [0, 0, 1, 2, 3], [1, 0, 2, 3], [0, 1, 3], [3], [1, 2, 3]]
        for order in orders {
            let (texts, _, error) = recovered(header + order.flatMap { frames[$0] })
            #expect(error != nil, "\(order): \(texts)")
        }
    }

    @Test func `frames of another journal are not taken for this one's`() throws {
        let whole = history(markingLast: true)
        var other = try FileHeader.decode(whole.span).0
        other.instance ^= 1
        let bytes = other.encoded.bytes + whole[FileHeader.byteCount...]
        let (texts, notes, error) = recovered(Array(bytes))
        #expect(error == nil)
        #expect(texts == [])
        #expect(notes.count == 1)
    }

    @Test func `a segment that is missing is damage`() {
        let house = JournalHouse()
        house.open()
        for number in 1...150 { _ = house.append([numbered(number)]) }
        house.end()
        let files = house.platter.files
        #expect(files.count > 3)
        for missing in files.keys.sorted().dropLast() {
            let other = JournalHouse()
            other.platter.files = files.filter { $0.key != missing }
            #expect(other.open() == .failure(.damaged("\(missing) is missing")))
        }
    }

    @Test func `any flipped byte of an earlier segment is damage`() {
        let house = JournalHouse()
        house.open()
        for number in 1...60 { _ = house.append([numbered(number)]) }
        house.end()
        let files = house.platter.files
        let bytes = files[name] ?? []
        for index in bytes.indices {
            let other = JournalHouse()
            other.platter.files = files
            other.platter.files[name]?[index] ^= 0x80
            #expect(other.open().isDamaged, "flip at \(index)")
        }
    }

    private func frames(of bytes: [UInt8]) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var offset = FileHeader.byteCount
        while let head = FrameHead(at: offset, in: bytes.span) {
            frames.append(Array(bytes[offset..<offset + head.byteCount]))
            offset += head.byteCount
        }
        return frames
    }
}

extension Result where Success == FileJournalReport, Failure == JournalError {
    var isDamaged: Bool { if case .failure(.damaged) = self { true } else { false } }
}
