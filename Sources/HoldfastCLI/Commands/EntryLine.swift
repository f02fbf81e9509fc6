// Entries of a journal as lines of JSON, for `holdfast journal dump`. The names are those of the protocol where it has
// one. What a session is resumed with is left out: a dump ends in tickets and chats.

import HoldfastCore
package import HoldfastJournal
import HoldfastModel
import HoldfastWire

/// Renders frames of a journal.
package enum EntryLine {
    /// A line for each entry of the frame, or one for the frame itself.
    package static func lines(of frame: JournalInspector.DumpedFrame) -> [String] {
        switch frame.content {
        case .entries(let entries): return entries.map { line(frame, of: $0) }
        case .mark(let sequence):
            return [line(frame, "mark") { $0.member("durable", sequence) }]
        case .end: return [line(frame, "end") { _ in }]
        case .image(let slot, let fence, let position, let entries):
            let head = line(frame, "image") { writer in
                writer.member("slot", UInt64(slot.number))
                writer.member("fence", fence.number)
                writer.member("position", position)
            }
            return [head] + entries.map { line(frame, of: $0) }
        }
    }

    private static func line(
        _ frame: JournalInspector.DumpedFrame,
        _ kind: String,
        _ body: (inout JSONWriter) -> Void
    ) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("file", frame.file)
        writer.member("offset", UInt64(frame.offset))
        writer.member("sequence", frame.sequence)
        writer.member("entry", kind)
        body(&writer)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func line(
        _ frame: JournalInspector.DumpedFrame,
        of entry: JournalEntry
    ) -> String {
        switch entry {
        case .resource(let entry):
            line(frame, kind(of: entry.record)) { writer in
                writer.member("slot", UInt64(entry.slot.number))
                writer.member("place", UInt64(entry.resourceIndex))
                writer.member("resource", entry.path.text)
                write(entry.record, to: &writer)
            }
        case .resourceForgotten(let slot, let index):
            line(frame, "resourceForgotten") { writer in
                writer.member("slot", UInt64(slot.number))
                writer.member("place", UInt64(index))
            }
        case .session(.opened(let session)):
            line(frame, "sessionOpened") { writer in
                writer.member("slot", UInt64(session.id.slot.number))
                writer.member("session", session.id.text)
                writer.member("owner", session.owner.name)
                writer.member("grace", session.grace)
            }
        case .session(.ended(let id)):
            line(frame, "sessionEnded") { writer in
                writer.member("slot", UInt64(id.slot.number))
                writer.member("session", id.text)
            }
        }
    }

    // MARK: Records

    private static func kind(of record: Record) -> String {
        switch record {
        case .made: "made"
        case .granted: "granted"
        case .ended: "ended"
        case .leaseLengthened: "leaseLengthened"
        case .losing: "losing"
        case .kept: "kept"
        case .closed: "closed"
        case .opened: "opened"
        case .forgotten: "forgotten"
        case .counted: "counted"
        case .claimed: "claimed"
        case .logged: "logged"
        }
    }

    private static func write(_ record: Record, to writer: inout JSONWriter) {
        switch record {
        case .made(let record, let grant): write(record, grant, to: &writer)
        case .granted(let ticket, let fence, let at):
            writer.member("ticketIndex", UInt64(ticket))
            writer.member("fence", fence.number)
            writer.member("at", at.wallTime)
        case .ended(let end): write(end, to: &writer)
        case .leaseLengthened(let ticket, let lease):
            writer.member("ticketIndex", UInt64(ticket))
            writer.member("lease", lease)
        case .losing(let victim, let stealer, let grace, let at):
            writeClaim(victim, stealer, grace, to: &writer)
            writer.member("at", at.wallTime)
        case .kept(let victim, let at):
            writer.member("victim", UInt64(victim))
            writer.member("at", at.wallTime)
        case .closed(let delay): writer.member("closedFor", delay)
        case .opened: break
        case .forgotten(let ticket): writer.member("ticketIndex", UInt64(ticket))
        case .counted(let number, let fence, let at):
            writer.member("number", number)
            writer.member("fence", fence.number)
            writer.member("at", at.wallTime)
        case .claimed(let victim, let stealer, let grace):
            writeClaim(victim, stealer, grace, to: &writer)
        case .logged(let entry): write(entry, to: &writer)
        }
    }

    private static func writeClaim(
        _ victim: UInt32,
        _ stealer: UInt32,
        _ grace: Interval,
        to writer: inout JSONWriter
    ) {
        writer.member("victim", UInt64(victim))
        writer.member("stealer", UInt64(stealer))
        writer.member("grace", grace)
    }

    private static func write(_ end: Record.EndRecord, to writer: inout JSONWriter) {
        writer.member("ticketIndex", UInt64(end.ticketIndex))
        writer.member("ended", end.ending.rawValue)
        writer.member("wasHeld", end.wasHeld)
        writer.member("owner", end.owner.name)
        if let session = end.session { writer.member("session", session.text) }
        if let by = end.by { writer.member("by", by) }
        if let reason = end.reason { writer.member("reason", reason) }
        writer.member("at", end.at.wallTime)
    }

    private static func write(_ entry: HistoryEntry, to writer: inout JSONWriter) {
        writer.member("event", entry.kind.rawValue)
        writer.member("number", entry.number)
        writer.member("owner", entry.owner.name)
        if let holder = entry.holder { writer.member("holder", holder) }
        if let fence = entry.fence { writer.member("fence", fence.number) }
        if let by = entry.by { writer.member("by", by) }
        if let reason = entry.reason { writer.member("reason", reason) }
        writer.member("at", entry.at.wallTime)
    }
}

extension Instant {
    /// Of an instant that counts from 1970.
    fileprivate var wallTime: WallTime { WallTime(microseconds: nanoseconds / 1_000) }
}
