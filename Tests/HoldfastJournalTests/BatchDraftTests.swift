// A draft of bytes against the entries that it stands for: the same bytes, cut at the same places, one batch after the
// other.

import HoldfastCore
import HoldfastModel
import Testing

@testable import HoldfastJournal

struct BatchDraftTests {
    private let base = Instant(nanoseconds: 5_000)
    private let loop = LoopIndex(number: 2)

    /// Records as a shard files them, anything else as it is.
    private func file(_ entries: [JournalEntry], in draft: inout BatchDraft) {
        for entry in entries {
            guard case .resource(let entry) = entry else {
                draft.append(entry)
                continue
            }
            draft.append(entry.record, at: entry.resourceIndex, of: entry.path, in: entry.slot)
        }
    }

    private func bytes(of entries: [JournalEntry]) -> BatchPiece {
        var encoder = EntryEncoder(base: base)
        for entry in entries { encoder.encode(entry, tellingPath: false) }
        return encoder.takePiece()
    }

    @Test(arguments: 0..<20)
    func `a draft of bytes holds what its entries are as bytes, batch after batch`(seed: Int) {
        var random = RandomEntries(seed: UInt64(seed))
        var draft = BatchDraft(base: base, pieceBytes: 1 << 20)
        for number in UInt64(1)...3 {
            let entries = random.entries(1 + random.below(60))
            file(entries, in: &draft)
            #expect(draft.count == entries.count)
            let batch = draft.close(number: number, loop: loop)
            #expect((batch.number, batch.loop) == (number, loop))
            #expect(batch.entries.isEmpty)
            #expect(batch.entryCount == entries.count)
            #expect(batch.pieces.map(\.entries) == [bytes(of: entries).entries])
            #expect(batch.pieces.map(\.latest) == [bytes(of: entries).latest])
            #expect(draft.isEmpty)
        }
    }

    @Test(arguments: [Notify.none, .state, .position])
    func `what went the short way has the bytes of the records that say the same`(notify: Notify) {
        let owners = ["a", "zoë", String(repeating: "o", count: 200)].map(Owner.init(name:))
        let paths = ["p", "deploy/prod", String(repeating: "p", count: 512)].map(path)
        var plain = BatchDraft(base: base, pieceBytes: 1 << 20)
        var general = BatchDraft(base: base, pieceBytes: 1 << 20)
        var entries = BatchDraft()
        for (number, index) in [0, 1, 127, 128, 70_000, UInt32.max].enumerated() {
            let (owner, path) = (owners[number % 3], paths[number % 3])
            let slot = Slot(number: UInt8(number * 40))
            let ticket = TicketID(
                secretHigh: .max - UInt64(index),
                secretLow: index,
                slot: slot,
                resourceIndex: index,
                ticketIndex: index / 2
            )
            let terms = PlainTerms(lease: Interval(nanoseconds: 1_500_000_001), notify: notify)
            let grant = PlainGrant(
                ticket: ticket,
                fence: Fence(number: UInt64(index) << 20),
                number: UInt64(index) + 1,
                // Also before the run began: a clock that was set back.
                at: Instant(nanoseconds: 4_000 + Int64(index) * 3)
            )
            let release = PlainRelease(
                ticketIndex: index / 2,
                at: Instant(nanoseconds: 4_001 + Int64(index) * 5),
                time: .seconds(1),
                forgotten: number.isMultiple(of: 2) ? index / 3 : nil
            )
            plain.append(grant, terms, to: owner, of: path, in: slot)
            plain.append(release, by: owner, at: index, of: path, in: slot)
            entries.append(grant, terms, to: owner, of: path, in: slot)
            entries.append(release, by: owner, at: index, of: path, in: slot)
            let records =
                [grant.record(of: path, terms, to: owner), release.record(by: owner)]
                + (release.recordOfForgotten.map { [$0] } ?? [])
            for record in records { general.append(record, at: index, of: path, in: slot) }
        }
        #expect((plain.count, entries.count) == (general.count, general.count))
        let (short, long) = (
            plain.close(number: 1, loop: loop), general.close(number: 1, loop: loop)
        )
        #expect(short.pieces.map(\.entries) == long.pieces.map(\.entries))
        #expect(short.pieces.map(\.latest) == long.pieces.map(\.latest))
        let kept = entries.close(number: 1, loop: loop).entries
        #expect(bytes(of: kept).entries == long.pieces.flatMap(\.entries))
    }

    private func path(_ text: String) -> ResourcePath {
        guard let path = ResourcePath(text) else { preconditionFailure("\(text) is no path") }
        return path
    }

    @Test func `a part ends with the entry that fills it`() {
        var random = RandomEntries(seed: 3)
        let entries = random.entries(40)
        var draft = BatchDraft(base: base, pieceBytes: 256)
        file(entries, in: &draft)
        let pieces = draft.close(number: 1, loop: loop).pieces
        #expect(pieces.flatMap(\.entries) == bytes(of: entries).entries)
        #expect(pieces.count > 3)
        #expect(pieces.dropLast().allSatisfy { $0.entries.count >= 256 })
        #expect(Set(pieces.map(\.latest)).count > 1, "each part has an instant of its own")
    }

    @Test func `a draft of entries keeps them as they are`() {
        var random = RandomEntries(seed: 4)
        let entries = random.entries(30)
        var draft = BatchDraft()
        file(entries, in: &draft)
        let batch = draft.close(number: 1, loop: loop)
        #expect(batch.entries.map(text) == entries.map(text))
        #expect(batch.pieces.isEmpty)
        #expect(batch.entryCount == 30)
        #expect(draft.close(number: 2, loop: loop).entries.isEmpty)
    }

    /// What a process reads back after another was handed this.
    private func readBack(_ batch: (FileJournal) -> Batch) throws -> [String] {
        let house = JournalHouse()
        house.open()
        #expect(house.append(batch(house.journal)) == .success(.none))
        house.stop()
        house.open()
        return try #require(try house.load(Slot(number: 7))?.get()).entries.map(text)
    }

    @Test func `bytes for a file journal read back as entries for it do`() throws {
        var random = RandomEntries(seed: 5)
        let entries = random.entries(50)
        let ofBytes = try readBack { journal in
            var draft = journal.draft
            file(entries, in: &draft)
            let batch = draft.close(number: 1, loop: loop)
            #expect(batch.entries.isEmpty)
            return batch
        }
        let ofEntries = try readBack { _ in Batch(loop: loop, number: 1, entries: entries) }
        #expect(ofBytes == ofEntries)
        #expect(ofBytes.count == 50)
    }

    /// To put more bytes than were said is the end of the process.
    @Test func `every body has room for the longest of its numbers`() {
        let most = Interval(nanoseconds: .min)
        let at = Instant(nanoseconds: .min)
        let request = TicketRequest(
            resource: path("a"),
            lease: most,
            mode: .permit(count: .max, of: .max),
            maxWait: most,
            priority: .max,
            binding: .session,
            stealable: true,
            lockDelay: most,
            pollWithin: most,
            notify: .position,
            details: TicketDetails(key: "", holder: "", reason: "", meta: [])
        )
        let ticket = Record.TicketRecord(
            id: TicketID(
                secretHigh: .max,
                secretLow: .max,
                slot: Slot(number: 255),
                resourceIndex: .max,
                ticketIndex: .max
            ),
            number: .max,
            owner: Owner(name: ""),
            session: SessionID(bits: .max),
            request: request,
            steal: Steal(grace: most, force: true),
            at: at
        )
        let end = Record.EndRecord(
            ticketIndex: .max,
            ending: .cleared,
            wasHeld: true,
            owner: Owner(name: ""),
            session: SessionID(bits: .max),
            by: "",
            reason: "",
            at: at
        )
        let line = HistoryEntry(
            kind: .cleared,
            at: at,
            number: .max,
            owner: Owner(name: ""),
            holder: "",
            fence: Fence(number: .max),
            by: "",
            reason: ""
        )
        let records: [Record] = [
            .made(ticket, grant: Fence(number: .max)), .ended(end), .logged(line),
            .losing(victim: .max, stealer: .max, grace: most, at: at),
            .counted(number: .max, Fence(number: .max), at: at),
        ]
        for record in records {
            var encoder = EntryEncoder(base: Instant(nanoseconds: 1))
            encoder.encode(record, at: .max, of: path("a"), in: Slot(number: 255))
            #expect(encoder.byteCount > 20)
            #expect(encoder.byteCount <= record.bodyBytesMax + path("a").text.putBytesMax)
        }
    }
}
