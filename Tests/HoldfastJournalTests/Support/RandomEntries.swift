// Entries by chance: every kind, every optional field there and missing, numbers of every size.

import HoldfastCore
import HoldfastModel
import HoldfastSimulation

@testable import HoldfastJournal

/// A supply of entries of a few resources; the same for the same seed.
struct RandomEntries {
    var chance: SeededGenerator
    var slots: [Slot]
    private var known: [Slot: [UInt32: ResourcePath]] = [:]

    init(seed: UInt64, slots: [Slot] = [Slot(number: 7)]) {
        chance = SeededGenerator(seed: seed)
        self.slots = slots
    }

    mutating func entry() -> JournalEntry {
        let slot = slots[below(slots.count)]
        switch below(12) {
        case 0: return .session(session(slot))
        case 1:
            guard let index = anyKnown(slot) else { return made(slot) }
            known[slot]?[index] = nil
            return .resourceForgotten(slot, resourceIndex: index)
        case 2...5: return made(slot)
        default:
            guard let index = anyKnown(slot), let path = known[slot]?[index] else {
                return made(slot)
            }
            let entry = ResourceEntry(
                slot: slot,
                resourceIndex: index,
                path: path,
                record: record()
            )
            return .resource(entry)
        }
    }

    mutating func entries(_ count: Int) -> [JournalEntry] { (0..<count).map { _ in entry() } }

    // MARK: Parts

    private func sorted(_ slot: Slot) -> [UInt32] { (known[slot] ?? [:]).keys.sorted() }

    private mutating func anyKnown(_ slot: Slot) -> UInt32? {
        let indices = sorted(slot)
        return indices.isEmpty ? nil : indices[below(indices.count)]
    }

    private mutating func made(_ slot: Slot) -> JournalEntry {
        let index = UInt32(below(6))
        let path = known[slot]?[index] ?? newPath()
        known[slot, default: [:]][index] = path
        let record = Record.TicketRecord(
            id: TicketID(
                secretHigh: chance.next(),
                secretLow: UInt32(truncatingIfNeeded: chance.next()),
                slot: slot,
                resourceIndex: index,
                ticketIndex: number32()
            ),
            number: number(),
            owner: owner(),
            session: flip() ? SessionID(bits: chance.next()) : nil,
            request: request(path),
            steal: flip() ? Steal(grace: interval(), force: flip()) : nil,
            at: instant()
        )
        return .resource(
            ResourceEntry(
                slot: slot,
                resourceIndex: index,
                path: path,
                record: .made(record, grant: flip() ? fence() : nil)
            )
        )
    }

    private mutating func request(_ path: ResourcePath) -> TicketRequest {
        let modes: [Mode] = [
            .exclusive, .shared, .permit(count: number32(), of: number32()),
        ]
        let bindings: [Binding?] = [nil, .ticket, .session]
        let notifies: [Notify] = [.none, .state, .position]
        return TicketRequest(
            resource: path,
            lease: interval(),
            mode: modes[below(3)],
            maxWait: flip() ? interval() : nil,
            priority: UInt8(below(10)),
            ifMine: flip() ? .queue : .return,
            binding: bindings[below(3)],
            stealable: flip(),
            lockDelay: flip() ? .zero : interval(),
            pollWithin: flip() ? TicketRequest.pollWithinDefault : interval(),
            notify: notifies[below(3)],
            details: flip() ? details() : nil
        )
    }

    private mutating func details() -> TicketDetails {
        TicketDetails(
            key: flip() ? text("k", 128) : nil,
            holder: flip() ? text("h", 256) : nil,
            reason: flip() ? text("\u{301}", 100) : nil,
            meta: (0..<below(4)).map { MetaEntry(name: "n\($0)", value: text("v", 60)) }
        )
    }

    private mutating func record() -> Record {
        switch below(11) {
        case 0: .granted(ticketIndex: number32(), fence(), at: instant())
        case 1: .leaseLengthened(ticketIndex: number32(), interval())
        case 2:
            .losing(victim: number32(), stealer: number32(), grace: interval(), at: instant())
        case 3: .kept(victim: number32(), at: instant())
        case 4: .closed(interval())
        case 5: .opened
        case 6: .forgotten(ticketIndex: number32())
        case 7: .counted(number: number(), fence(), at: instant())
        case 8: .claimed(victim: number32(), stealer: number32(), grace: interval())
        case 9: .logged(historyEntry())
        default: .ended(end())
        }
    }

    private mutating func end() -> Record.EndRecord {
        Record.EndRecord(
            ticketIndex: number32(),
            ending: Ending.allCases[below(Ending.allCases.count)],
            wasHeld: flip(),
            owner: owner(),
            session: flip() ? SessionID(bits: chance.next()) : nil,
            by: flip() ? text("b", 20) : nil,
            reason: flip() ? text("r", 300) : nil,
            at: instant()
        )
    }

    private mutating func historyEntry() -> HistoryEntry {
        HistoryEntry(
            kind: Notice.Kind.allCases[below(Notice.Kind.allCases.count)],
            at: instant(),
            number: number(),
            owner: owner(),
            holder: flip() ? text("h", 10) : nil,
            fence: flip() ? fence() : nil,
            by: flip() ? "" : nil,
            reason: flip() ? text("r", 10) : nil
        )
    }

    private mutating func session(_ slot: Slot) -> SessionRecord {
        let id = SessionID(slot: slot, random: chance.next() >> 8)
        guard flip() else { return .ended(id) }
        return .opened(
            OpenedSession(id: id, secret: text("s", 30), owner: owner(), grace: interval())
        )
    }

    private mutating func newPath() -> ResourcePath {
        path("a/\(below(1_000))/\(text("é", 40))x")
    }

    // MARK: Values

    mutating func below(_ bound: Int) -> Int { Int(chance.next() % UInt64(bound)) }
    private mutating func flip() -> Bool { chance.next() & 1 == 1 }
    private mutating func owner() -> Owner { Owner(name: "owner-\(below(3))") }
    private mutating func number() -> UInt64 { chance.next() >> UInt64(below(64)) }
    private mutating func number32() -> UInt32 { UInt32(truncatingIfNeeded: number()) }
    private mutating func fence() -> Fence { Fence(number: number() >> 11) }
    private mutating func interval() -> Interval {
        Interval(nanoseconds: Int64(chance.next() >> UInt64(1 + below(63))))
    }
    private mutating func instant() -> Instant {
        Instant(nanoseconds: Int64(bitPattern: chance.next()) >> Int64(below(64)))
    }
    private mutating func text(_ unit: String, _ bytesMax: Int) -> String {
        String(repeating: unit, count: below(bytesMax / unit.utf8.count + 1))
    }
}
