// The codec of entries: what goes in comes out, the bytes of today are the bytes of tomorrow, and nothing that is read
// can stop the process.

import HoldfastCore
import HoldfastModel
import HoldfastSimulation
import Testing

@testable import HoldfastJournal

struct EntryCodecTests {
    private let slot = Slot(number: 7)
    private let base = Instant(nanoseconds: 5_000)

    private func bytes(of entries: [JournalEntry], tellingPath: Bool = false) -> [UInt8] {
        var encoder = EntryEncoder(base: base)
        for entry in entries { encoder.encode(entry, tellingPath: tellingPath) }
        return encoder.takePiece().entries
    }

    private func entries(
        in bytes: [UInt8],
        base: Instant = Instant(nanoseconds: 5_000)
    ) throws(CodecFlaw) -> [JournalEntry] {
        var decoder = EntryDecoder(slot: slot) { Owner(name: $0) }
        var reader = ByteReader(0..<bytes.count)
        var entries: [JournalEntry] = []
        while !reader.isAtEnd {
            entries.append(
                try decoder.next(
                    &reader,
                    bytes.span,
                    shift: ClockShift(nanoseconds: base.nanoseconds)
                )
            )
        }
        return entries
    }

    @Test(arguments: 0..<40)
    func `every entry is read back as it was written`(seed: Int) throws {
        var random = RandomEntries(seed: UInt64(seed))
        let written = random.entries(100)
        let read = try entries(in: bytes(of: written))
        #expect(read.map(text) == written.map(text))
    }

    @Test func `every kind of entry is among the random ones`() {
        var random = RandomEntries(seed: 1)
        var seen: Set<EntryTag> = []
        for entry in random.entries(2_000) {
            switch entry {
            case .resource(let entry): seen.insert(entry.record.tag)
            case .resourceForgotten: seen.insert(.resourceForgotten)
            case .session(.opened): seen.insert(.sessionOpened)
            case .session(.ended): seen.insert(.sessionEnded)
            }
        }
        #expect(seen == Set(EntryTag.allCases))
    }

    @Test func `instants move with the clock of the reader`() throws {
        let entry = JournalEntry.resource(
            ResourceEntry(
                slot: slot,
                resourceIndex: 1,
                path: path("a"),
                record: .kept(victim: 3, at: Instant(nanoseconds: 6_000))
            )
        )
        let read = try entries(
            in: bytes(of: [entry], tellingPath: true),
            base: Instant(nanoseconds: -100)
        )
        #expect(read.map(text).first?.contains("nanoseconds: 900)") == true)
    }

    @Test(arguments: 0..<20)
    func `no bytes stop the process`(seed: Int) {
        var random = RandomEntries(seed: UInt64(seed))
        let good = bytes(of: random.entries(10))
        var flaws = 0
        for cut in good.indices {
            var bad = good
            bad[cut] = UInt8(truncatingIfNeeded: random.chance.next())
            for bytes in [Array(good[..<cut]), bad] {
                do { _ = try entries(in: bytes) } catch { flaws += 1 }
            }
        }
        #expect(flaws > good.count / 2)
    }

    @Test func `an entry of a resource that nothing named is a flaw`() {
        let entry = JournalEntry.resource(
            ResourceEntry(
                slot: slot,
                resourceIndex: 1,
                path: path("a"),
                record: .opened
            )
        )
        #expect(throws: CodecFlaw("an entry of a resource that nothing named", at: 6)) {
            try entries(in: bytes(of: [entry]))
        }
    }

    @Test func `a resource's path is forgotten with it`() throws {
        let (index, path) = (UInt32(1), path("a"))
        let opened = JournalEntry.resource(
            ResourceEntry(slot: slot, resourceIndex: index, path: path, record: .opened)
        )
        let first = bytes(of: [opened], tellingPath: true)
        let forgotten = bytes(of: [.resourceForgotten(slot, resourceIndex: index)])
        let again = bytes(of: [opened])
        #expect(try entries(in: first + again).count == 2)
        #expect(throws: CodecFlaw.self) { try entries(in: first + forgotten + again) }
    }

    @Test func `the highest fence is that of any grant, also of one only counted`() throws {
        func entry(_ record: Record) -> JournalEntry {
            .resource(
                ResourceEntry(
                    slot: slot,
                    resourceIndex: 0,
                    path: path("a"),
                    record: record
                )
            )
        }
        var decoder = EntryDecoder(slot: slot) { Owner(name: $0) }
        let bytes = bytes(
            of: [
                entry(.granted(ticketIndex: 0, Fence(number: 5), at: .zero)),
                entry(.counted(number: 9, Fence(number: 8), at: .zero)),
                entry(.granted(ticketIndex: 1, Fence(number: 7), at: .zero)),
            ],
            tellingPath: true
        )
        var reader = ByteReader(0..<bytes.count)
        while !reader.isAtEnd {
            _ = try decoder.next(&reader, bytes.span, shift: ClockShift(nanoseconds: 0))
        }
        #expect(decoder.fence == Fence(number: 8))
    }

    @Test func `words and their numbers belong together`() {
        #expect(Ending.byCode.map(\.code) == Array(0..<8))
        #expect(Set(Ending.byCode) == Set(Ending.allCases))
        #expect(Notice.Kind.byCode.map(\.code) == Array(0..<13))
        #expect(Set(Notice.Kind.byCode) == Set(Notice.Kind.allCases))
    }
}
