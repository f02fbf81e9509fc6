// The bodies of entries: what stands behind slot, tag, place and path. Every body says beforehand how many bytes it has
// at most, so that room for it is looked for once and not once a field.

import HoldfastCore
import HoldfastModel

extension Record {
    /// Enough for the fields of fixed width and the numbers of the record that has most of them.
    private static let fieldsBytesMax = 192

    /// At most so many bytes are put for it.
    var bodyBytesMax: Int {
        switch self {
        case .made(let ticket, _): Record.fieldsBytesMax + ticket.textBytesMax
        case .ended(let end):
            Record.fieldsBytesMax + end.owner.name.putBytesMax + (end.by?.putBytesMax ?? 0)
                + (end.reason?.putBytesMax ?? 0)
        case .logged(let entry):
            Record.fieldsBytesMax + entry.owner.name.putBytesMax + (entry.holder?.putBytesMax ?? 0)
                + (entry.by?.putBytesMax ?? 0) + (entry.reason?.putBytesMax ?? 0)
        case .granted, .leaseLengthened, .losing, .kept, .closed, .opened, .forgotten, .counted,
            .claimed:
            Record.fieldsBytesMax
        }
    }

    /// When it happened, where that is told.
    var instant: Instant? {
        switch self {
        case .made(let ticket, _): ticket.at
        case .granted(_, _, let at), .losing(_, _, _, let at), .kept(_, let at),
            .counted(_, _, let at):
            at
        case .ended(let end): end.at
        case .logged(let entry): entry.at
        case .leaseLengthened, .closed, .opened, .forgotten, .claimed: nil
        }
    }

    /// Its instants are written as what passed since `base`.
    func put(
        to output: inout OutputSpan<UInt8>,
        after base: Instant,
        at resourceIndex: UInt32
    ) {
        switch self {
        case .made(let ticket, let grant):
            precondition(ticket.id.resourceIndex == resourceIndex, "a ticket out of place")
            ticket.put(grant, to: &output)
        case .granted(let ticket, let fence, _):
            output.put(ticket)
            output.put(fence.number)
        case .ended(let end): end.put(to: &output)
        case .leaseLengthened(let ticket, let lease):
            output.put(ticket)
            output.put(lease.nanoseconds)
        case .losing(let victim, let stealer, let grace, _),
            .claimed(let victim, let stealer, let grace):
            output.put(victim)
            output.put(stealer)
            output.put(grace.nanoseconds)
        case .kept(let victim, _): output.put(victim)
        case .closed(let delay): output.put(delay.nanoseconds)
        case .opened: break
        case .forgotten(let ticket): output.put(ticket)
        case .counted(let number, let fence, _):
            output.put(number)
            output.put(fence.number)
        case .logged(let entry): entry.put(to: &output)
        }
        if let instant { output.put(instant.nanoseconds &- base.nanoseconds) }
    }

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

// MARK: - Without their instants

extension Record.EndRecord {
    fileprivate func put(to output: inout OutputSpan<UInt8>) {
        var flags: FieldFlags = []
        if session != nil { flags.insert(.session) }
        if by != nil { flags.insert(.by) }
        if reason != nil { flags.insert(.reason) }
        if wasHeld { flags.insert(.wasHeld) }
        output.put(ticketIndex)
        output.append(ending.code)
        output.append(flags.rawValue)
        output.put(owner.name)
        if let session { output.put(fixed: session.bits) }
        if let by { output.put(by) }
        if let reason { output.put(reason) }
    }
}

extension HistoryEntry {
    fileprivate func put(to output: inout OutputSpan<UInt8>) {
        var flags: FieldFlags = []
        if holder != nil { flags.insert(.holder) }
        if fence != nil { flags.insert(.fence) }
        if by != nil { flags.insert(.by) }
        if reason != nil { flags.insert(.reason) }
        output.append(kind.code)
        output.append(flags.rawValue)
        output.put(number)
        output.put(owner.name)
        if let holder { output.put(holder) }
        if let fence { output.put(fence.number) }
        if let by { output.put(by) }
        if let reason { output.put(reason) }
    }
}

// MARK: - Sessions

extension SessionRecord {
    private static let fieldsBytesMax = 32

    /// At most so many bytes are put for it, its slot and tag among them.
    var bodyBytesMax: Int {
        switch self {
        case .opened(let session):
            SessionRecord.fieldsBytesMax + session.secret.putBytesMax
                + session.owner.name.putBytesMax
        case .ended: SessionRecord.fieldsBytesMax
        }
    }

    func put(to output: inout OutputSpan<UInt8>) {
        output.append(id.slot.number)
        switch self {
        case .opened(let session):
            output.append(EntryTag.sessionOpened.rawValue)
            output.put(fixed: session.id.bits)
            output.put(session.secret)
            output.put(session.owner.name)
            output.put(session.grace.nanoseconds)
        case .ended(let id):
            output.append(EntryTag.sessionEnded.rawValue)
            output.put(fixed: id.bits)
        }
    }
}
