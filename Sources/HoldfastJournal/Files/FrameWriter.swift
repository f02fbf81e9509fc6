// Writes one file of frames: the header first, then frames one behind the other, in as few writes as the caller asks
// for. After an error the writer is of no more use; its owner stops.

import HoldfastModel

/// A file that grows by frames.
final class FrameWriter {
    let name: JournalFileName
    /// Of the last frame, or of the header.
    private(set) var chain: UInt32
    private let salt: UInt32
    private let file: any DiskFile
    private let disk: any Disk
    /// Where what is not written yet will stand.
    private var offset = FileHeader.byteCount
    private var waiting = ByteWriter()
    private let reservedByteCount: Int

    /// How long the file is, with what waits.
    var byteCount: Int { offset + waiting.bytes.count }
    var waitingByteCount: Int { waiting.bytes.count }

    /// Makes the file under a name that says that it is not complete, with room for `reserving` bytes.
    init(
        _ header: FileHeader,
        on disk: any Disk,
        reserving: Int
    ) async throws(JournalError) {
        let name = JournalFileName(header.kind, header.number)
        let (bytes, salt) = header.encoded
        file = try await attempt("create", name.text) { () async throws(DiskError) in
            let file = try await disk.open(name.unfinishedText, creating: true)
            if reserving > 0 { try await file.reserve(reserving) }
            try await file.write(bytes, at: 0)
            return file
        }
        self.name = name
        self.disk = disk
        self.salt = salt
        chain = salt
        reservedByteCount = reserving
    }

    /// Appends a frame to what waits to be written; its payload comes in two parts, the second is the long one.
    func append(
        _ kind: Frame.Kind,
        _ beginning: [UInt8] = [],
        _ entries: [UInt8] = [],
        sequence: UInt64,
        durable: UInt64
    ) {
        let head = FrameHead(
            payloadByteCount: UInt32(beginning.count + entries.count),
            previous: chain,
            kind: kind,
            sequence: sequence,
            durable: durable
        )
        chain = waiting.append(head, beginning, entries, salt: salt)
    }

    /// Writes what waits.
    func flush() async throws(JournalError) {
        guard !waiting.bytes.isEmpty else { return }
        let bytes = waiting.bytes
        try await attempt("write", name.text) { () async throws(DiskError) in
            try await file.write(bytes, at: offset)
        }
        offset += bytes.count
        waiting.bytes.removeAll(keepingCapacity: bytes.count <= FrameWriter.keptCapacity)
    }

    private static let keptCapacity = 1 << 20

    func sync() async throws(JournalError) {
        try await attempt("sync", name.text) { () async throws(DiskError) in
            try await file.sync()
        }
    }

    /// Gives the file its name; everything flushed is durable before, the name after.
    func publish() async throws(JournalError) {
        try await sync()
        try await attempt("rename", name.text) { () async throws(DiskError) in
            try await disk.rename(name.unfinishedText, to: name.text)
            try await disk.syncDirectory()
        }
    }

    /// Gives back the room that nothing was written to, and lets go of the file.
    func close() async throws(JournalError) {
        if offset < reservedByteCount {
            try await attempt("truncate", name.text) { () async throws(DiskError) in
                try await file.truncate(to: offset)
            }
        }
        await file.close()
    }

    /// Removes a file that was not published.
    func discard() async throws(JournalError) {
        await file.close()
        try await attempt("remove", name.unfinishedText) { () async throws(DiskError) in
            try await disk.remove(name.unfinishedText)
        }
    }
}
