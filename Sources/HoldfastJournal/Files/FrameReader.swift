// Reads the frames of one file in their order, a window of it at a time. Where no frame follows it says so and leaves
// it to recovery whether that is the end, a torn end or damage; for that it can look whether anything readable behind
// says that what is missing was durable.

import HoldfastModel

/// A place in a file of frames.
struct FrameReader {
    let name: String
    let header: FileHeader
    let salt: UInt32
    /// Where the next frame begins.
    private(set) var offset = FileHeader.byteCount
    /// Of the last frame; of the header before the first.
    private(set) var chain: UInt32
    private(set) var nextSequence: UInt64

    private let file: any DiskFile
    private let windowBytes: Int
    private var window: [UInt8] = []
    private var windowStart = 0

    /// What stands where the next frame should.
    enum Next {
        case frame(Frame)
        /// Nothing that can be read.
        case none
    }

    /// Reads the header; nil with the flaw where there is none.
    static func open(
        _ name: JournalFileName,
        on disk: any Disk,
        windowBytes: Int = 4 << 20
    ) async throws(JournalError) -> Result<FrameReader, CodecFlaw> {
        let file = try await attempt("open", name.text) { () async throws(DiskError) in
            try await disk.open(name.text, creating: false)
        }
        let bytes = try await attempt("read", name.text) { () async throws(DiskError) in
            try await file.read(at: 0, count: FileHeader.byteCount)
        }
        do throws(CodecFlaw) {
            let (header, salt) = try FileHeader.decode(bytes.span)
            guard header.kind == name.kind, header.number == name.number else {
                throw CodecFlaw("the header is of \(header.kind) \(header.number)", at: 12)
            }
            return .success(FrameReader(name.text, header, salt, file, windowBytes))
        } catch {
            await file.close()
            return .failure(error)
        }
    }

    private init(
        _ name: String,
        _ header: FileHeader,
        _ salt: UInt32,
        _ file: any DiskFile,
        _ windowBytes: Int
    ) {
        self.name = name
        self.header = header
        self.salt = salt
        self.file = file
        self.windowBytes = windowBytes
        chain = salt
        nextSequence = header.firstSequence
    }

    func close() async { await file.close() }

    func size() async throws(JournalError) -> Int {
        try await attempt("size", name) { () async throws(DiskError) in try await file.size() }
    }

    /// The next frame of the chain, which is passed.
    mutating func next() async throws(JournalError) -> Next {
        var found = try await frame(fresh: false)
        // A server may be writing this very frame: what was read before is looked at once more.
        if found == nil { found = try await frame(fresh: true) }
        guard let frame = found else { return .none }
        offset += frame.byteCount
        chain = frame.head.checksum
        nextSequence += 1
        return .frame(frame)
    }

    private mutating func frame(fresh: Bool) async throws(JournalError) -> Frame? {
        if fresh { window = [] }
        try await fill(FrameHead.byteCount)
        guard let head = FrameHead(at: offset - windowStart, in: window.span),
            head.sequence == nextSequence, head.previous == chain
        else { return nil }
        try await fill(head.byteCount)
        let start = offset - windowStart
        guard head.isIntact(at: start, in: window.span, salt: salt) else { return nil }
        let first = start + FrameHead.byteCount
        let payload = window[first..<first + Int(head.payloadByteCount)]
        return Frame(head: head, offset: offset, payload: payload)
    }

    /// Sees to it that the window has `count` bytes from here on, if the file has them.
    private mutating func fill(_ count: Int) async throws(JournalError) {
        guard offset < windowStart || offset + count > windowStart + window.count else { return }
        windowStart = offset
        window = try await bytes(from: offset, count: max(count, windowBytes))
    }

    func bytes(from start: Int, count: Int) async throws(JournalError) -> [UInt8] {
        try await attempt("read", name) { () async throws(DiskError) in
            try await file.read(at: start, count: count)
        }
    }

    // MARK: Behind the last frame

    /// What lies behind the last frame that could be read.
    struct Rest: Sendable {
        /// Nothing but zeros.
        var isEmpty: Bool
        /// A frame behind it says that what is missing here was durable; where that frame begins.
        var witness: Int?
        var byteCount: Int
    }

    func rest() async throws(JournalError) -> Rest {
        let bytes = try await bytes(from: offset, count: try await size() - offset)
        // Without a way out of the middle, so that the processor looks at many bytes at once: what was reserved is
        // long.
        let span = bytes.span
        var all: UInt8 = 0
        for index in span.indices { all |= span[index] }
        let isEmpty = all == 0
        return Rest(
            isEmpty: isEmpty,
            witness: isEmpty ? nil : witness(in: span).map { $0 + offset },
            byteCount: bytes.count
        )
    }

    private func witness(in bytes: Span<UInt8>) -> Int? {
        var place = 0
        while place + FrameHead.byteCount <= bytes.count {
            // Most of what is reserved holds zeros, and no kind of frame has that number.
            if bytes[place + 12] != 0, let head = FrameHead(at: place, in: bytes),
                head.sequence >= nextSequence,
                head.durable >= nextSequence, head.durable < head.sequence,
                head.isIntact(at: place, in: bytes, salt: salt)
            {
                return place
            }
            place += 8
        }
        return nil
    }

    /// Writes part of the file again, as it was read, and makes it last.
    ///
    /// A process whose sync failed may have left bytes that can be read but are on no disk, and the kernel counts them
    /// as written.
    func rewrite(from start: Int) async throws(JournalError) {
        let bytes = try await bytes(from: start, count: offset - start)
        // A bit that flips on the way here would be on the disk for good.
        guard isEndOfChain(bytes.span) else {
            throw .damaged("\(name), offset \(start): it reads differently now")
        }
        try await attempt("write", name) { () async throws(DiskError) in
            try await file.write(bytes, at: start)
            try await file.sync()
        }
    }

    /// Whether these are the frames that were read last.
    private func isEndOfChain(_ bytes: Span<UInt8>) -> Bool {
        var (place, last) = (0, chain)
        while place < bytes.count {
            guard let head = FrameHead(at: place, in: bytes),
                place == 0 || head.previous == last,
                head.isIntact(at: place, in: bytes, salt: salt)
            else { return false }
            last = head.checksum
            place += head.byteCount
        }
        return last == chain
    }

    /// Gives back the room behind the last frame.
    func cut() async throws(JournalError) {
        guard try await size() > offset else { return }
        try await attempt("truncate", name) { () async throws(DiskError) in
            try await file.truncate(to: offset)
        }
    }
}

/// A call of the disk whose failure is one of the journal's.
func attempt<Value>(
    _ call: String,
    _ name: String,
    _ body: () async throws(DiskError) -> Value
) async throws(JournalError) -> Value {
    do throws(DiskError) {
        return try await body()
    } catch {
        throw JournalError(error, call, name)
    }
}

extension JournalError {
    init(_ error: DiskError, _ call: String, _ name: String) {
        switch error {
        case .full: self = .storageFull
        case .missing(let text), .denied(let text), .inUse(let text), .failed(let text):
            self = .failed("\(call) of \(name): \(text)")
        }
    }
}
