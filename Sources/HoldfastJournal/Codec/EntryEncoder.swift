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
    var writer = ByteWriter()
    var latest: Instant
    let base: Instant

    /// An entry is never longer; its length has three bytes.
    static let entryBytesMax = 1 << 24 - 1
    static let lengthByteCount = 3
    /// What stands before the body: length, slot, tag, the number of the place.
    static let headBytesMax = lengthByteCount + 2 + ByteWriter.numberBytesMax

    /// `base` is the run's clock when it started.
    init(base: Instant) {
        self.base = base
        latest = base
    }

    var byteCount: Int { writer.bytes.count }

    /// An estimate saves what growing costs.
    mutating func reserve(byteCount: Int) { writer.bytes.reserveCapacity(byteCount) }

    /// What was written since this was last called.
    mutating func takePiece() -> BatchPiece {
        defer {
            writer.bytes = []
            latest = base
        }
        return BatchPiece(latest: latest.nanoseconds &- base.nanoseconds, entries: writer.bytes)
    }

    /// Appends one entry; `tellingPath` where the reader may not know the resource yet.
    mutating func encode(_ entry: JournalEntry, tellingPath: Bool) {
        switch entry {
        case .resource(let entry):
            encode(
                entry.record,
                at: entry.resourceIndex,
                of: entry.path,
                in: entry.slot,
                tellingPath: tellingPath
            )
        case .resourceForgotten(let slot, let index):
            append(upTo: 0) { output in
                output.append(slot.number)
                output.append(EntryTag.resourceForgotten.rawValue)
                output.put(index)
            }
        case .session(let record):
            append(upTo: record.bodyBytesMax) { record.put(to: &$0) }
        }
    }

    /// The same for a record of the resource at this place: who has no entry need not make one.
    mutating func encode(
        _ record: Record,
        at resourceIndex: UInt32,
        of path: ResourcePath,
        in slot: Slot,
        tellingPath: Bool = false
    ) {
        let tellsPath = tellingPath || record.makesTicket
        if let instant = record.instant { latest = max(latest, instant) }
        let bytesMax = record.bodyBytesMax + (tellsPath ? path.text.putBytesMax : 0)
        let (tag, base) = (record.tag.rawValue | (tellsPath ? EntryTag.pathBit : 0), base)
        append(upTo: bytesMax) { output in
            output.append(slot.number)
            output.append(tag)
            output.put(resourceIndex)
            if tellsPath { output.put(path.text) }
            record.put(to: &output, after: base, at: resourceIndex)
        }
    }

    /// Room for the length first, which is known last.
    @inline(__always)
    private mutating func append(
        upTo bodyBytesMax: Int,
        _ body: (inout OutputSpan<UInt8>) -> Void
    ) {
        let start = writer.bytes.count
        writer.append(upTo: EntryEncoder.headBytesMax + bodyBytesMax) { output in
            for _ in 0..<EntryEncoder.lengthByteCount { output.append(0) }
            body(&output)
        }
        let length = writer.bytes.count - start - EntryEncoder.lengthByteCount
        precondition(length <= EntryEncoder.entryBytesMax, "an entry of \(length) bytes")
        writer.put(UInt32(length), byteCount: EntryEncoder.lengthByteCount, at: start)
    }
}

/// Entries as the bytes of one frame.
package struct BatchPiece: Sendable {
    /// The latest instant in them, from the run's beginning.
    let latest: Int64
    let entries: [UInt8]
}
