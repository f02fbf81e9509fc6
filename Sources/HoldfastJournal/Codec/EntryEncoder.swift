// From entries to bytes. One entry is
//
//     length (3 bytes) │ slot │ tag │ body
//
// where the length counts what follows it, so that recovery can deal entries out to their slots without reading them.
// Instants are written as differences from the clock of the run's start: few bytes, and the reader needs one sum to
// bring them to the clock of another process.
//
// The path of a resource stands in the entry that makes a ticket there and in the first entry of a resource in a
// snapshot; everywhere else the number of its place does.

import HoldfastCore
import HoldfastModel

/// Writes entries of one run, one after another.
struct EntryEncoder: Sendable {
    private(set) var writer = ByteWriter()
    private var latest: Instant
    private let base: Instant

    /// An entry is never longer; its length has three bytes.
    static let entryBytesMax = 1 << 24 - 1
    static let lengthByteCount = 3

    /// `base` is the run's clock when it started.
    init(base: Instant) {
        self.base = base
        latest = base
    }

    var byteCount: Int { writer.bytes.count }

    /// An estimate saves what growing costs.
    mutating func reserve(byteCount: Int) { writer.bytes.reserveCapacity(byteCount) }

    /// The latest instant written since it was last emptied, from the run's beginning.
    var latestDifference: Int64 { latest.nanoseconds &- base.nanoseconds }

    /// What was written since this was last called.
    mutating func takeBytes() -> [UInt8] {
        defer {
            writer.bytes = []
            latest = base
        }
        return writer.bytes
    }

    /// Appends one entry; `tellingPath` where the reader may not know the resource yet.
    mutating func encode(_ entry: JournalEntry, tellingPath: Bool) {
        let start = writer.bytes.count
        writer.put24()
        writer.append(entry.slot.number)
        switch entry {
        case .resource(let entry): encode(entry, tellingPath: tellingPath)
        case .resourceForgotten(_, let index):
            writer.append(EntryTag.resourceForgotten.rawValue)
            writer.append(index)
        case .session(let record): encode(record)
        }
        let length = writer.bytes.count - start - EntryEncoder.lengthByteCount
        precondition(length <= EntryEncoder.entryBytesMax, "an entry of \(length) bytes")
        writer.put(UInt32(length), byteCount: EntryEncoder.lengthByteCount, at: start)
    }

    // MARK: Resources

    private mutating func encode(_ entry: ResourceEntry, tellingPath: Bool) {
        let tellsPath = tellingPath || entry.record.makesTicket
        writer.append(entry.record.tag.rawValue | (tellsPath ? EntryTag.pathBit : 0))
        writer.append(entry.resourceIndex)
        if tellsPath { writer.append(entry.path.text) }
        switch entry.record {
        case .made(let record, let grant):
            precondition(record.id.resourceIndex == entry.resourceIndex, "a ticket out of place")
            encode(record, grant)
        case .granted(let ticket, let fence, let at):
            writer.append(ticket)
            writer.append(fence.number)
            encode(at)
        case .ended(let end): encode(end)
        case .leaseLengthened(let ticket, let lease):
            writer.append(ticket)
            writer.append(lease.nanoseconds)
        case .losing(let victim, let stealer, let grace, let at):
            encodeClaim(victim, stealer, grace)
            encode(at)
        case .kept(let victim, let at):
            writer.append(victim)
            encode(at)
        case .closed(let delay): writer.append(delay.nanoseconds)
        case .opened: break
        case .forgotten(let ticket): writer.append(ticket)
        case .counted(let number, let fence, let at):
            writer.append(number)
            writer.append(fence.number)
            encode(at)
        case .claimed(let victim, let stealer, let grace): encodeClaim(victim, stealer, grace)
        case .logged(let entry): encode(entry)
        }
    }

    private mutating func encodeClaim(_ victim: UInt32, _ stealer: UInt32, _ grace: Interval) {
        writer.append(victim)
        writer.append(stealer)
        writer.append(grace.nanoseconds)
    }

    private mutating func encode(_ end: Record.EndRecord) {
        var flags: FieldFlags = []
        if end.session != nil { flags.insert(.session) }
        if end.by != nil { flags.insert(.by) }
        if end.reason != nil { flags.insert(.reason) }
        if end.wasHeld { flags.insert(.wasHeld) }
        writer.append(end.ticketIndex)
        writer.append(end.ending.code)
        writer.append(flags.rawValue)
        writer.append(end.owner.name)
        if let session = end.session { writer.append(fixed: session.bits) }
        if let by = end.by { writer.append(by) }
        if let reason = end.reason { writer.append(reason) }
        encode(end.at)
    }

    private mutating func encode(_ entry: HistoryEntry) {
        var flags: FieldFlags = []
        if entry.holder != nil { flags.insert(.holder) }
        if entry.fence != nil { flags.insert(.fence) }
        if entry.by != nil { flags.insert(.by) }
        if entry.reason != nil { flags.insert(.reason) }
        writer.append(entry.kind.code)
        writer.append(flags.rawValue)
        writer.append(entry.number)
        writer.append(entry.owner.name)
        if let holder = entry.holder { writer.append(holder) }
        if let fence = entry.fence { writer.append(fence.number) }
        if let by = entry.by { writer.append(by) }
        if let reason = entry.reason { writer.append(reason) }
        encode(entry.at)
    }

    // MARK: Sessions

    private mutating func encode(_ record: SessionRecord) {
        switch record {
        case .opened(let session):
            writer.append(EntryTag.sessionOpened.rawValue)
            writer.append(fixed: session.id.bits)
            writer.append(session.secret)
            writer.append(session.owner.name)
            writer.append(session.grace.nanoseconds)
        case .ended(let id):
            writer.append(EntryTag.sessionEnded.rawValue)
            writer.append(fixed: id.bits)
        }
    }

    // MARK: Parts

    private mutating func encode(_ instant: Instant) {
        latest = max(latest, instant)
        writer.append(instant.nanoseconds &- base.nanoseconds)
    }

    private mutating func encode(_ record: Record.TicketRecord, _ grant: Fence?) {
        EntryEncoder.encode(record, grant, to: &writer)
        encode(record.at)
    }
}

extension ByteWriter {
    /// Room for the length of an entry.
    fileprivate mutating func put24() {
        for _ in 0..<EntryEncoder.lengthByteCount { append(UInt8(0)) }
    }
}

extension Record {
    var makesTicket: Bool {
        if case .made = self { true } else { false }
    }

    var tag: EntryTag {
        switch self {
        case .made: .made
        case .granted: .granted
        case .ended: .ended
        case .leaseLengthened: .leaseLengthened
        case .losing: .losing
        case .kept: .kept
        case .closed: .closed
        case .opened: .opened
        case .forgotten: .forgotten
        case .counted: .counted
        case .claimed: .claimed
        case .logged: .logged
        }
    }
}
