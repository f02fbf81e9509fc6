// From the bytes of a connection to its requests, one after another, however the bytes come. The connection pulls: it
// takes the next request when the one before is answered, so what is pipelined waits here as bytes, answers keep their
// order by themselves, and the storage of one request serves all of them. Rejected: showing requests to a callback, as
// the line framer does, because a request of HTTP can wait for minutes and the ones behind it must not be begun.

/// Cuts the bytes of one connection into requests.
///
/// One connection's, and never copied, not even to be asked something.
package struct RequestReader: ~Copyable {
    /// The request that `next` found; the next call of `next` overwrites it.
    package private(set) var request = Request()

    /// Shows the same without a copy.
    package func withRequest<Result>(_ body: (borrowing Request) -> Result) -> Result {
        body(request)
    }

    private let limits: HTTPLimits
    private var waiting: [UInt8] = []
    /// Where in `waiting` the bytes begin that are not read yet.
    private var start = 0
    private var state: State

    /// Which part is read.
    ///
    /// `head`: within a head, or before it.
    /// `body`: the head was read; so many bytes are missing.
    /// `chunks`: the same with a body in chunks.
    /// `over`: a flaw was found, nothing is read any more.
    private enum State: Sendable {
        case head(HeadScanner)
        case body(Int)
        case chunks(ChunkReader)
        case over(RequestFlaw)
    }

    /// What a look at the bytes gave.
    package enum Step: Hashable, Sendable {
        /// More bytes must come; leaves where it stands.
        case needsBytes
        /// The same, and the client waits for the word that it may send the body. Said once.
        case needsContinue
        /// `request` is complete.
        case request
        /// Refuse and close.
        case refused(RequestFlaw)
    }

    package init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        state = .head(HeadScanner(limits: limits))
    }

    /// Bytes that are here and not read yet, those of later requests too.
    package var waitingByteCount: Int { waiting.count - start }

    /// A part of the next request is here.
    package var hasBegun: Bool {
        switch state {
        case .head: waitingByteCount > 0
        case .body, .chunks: true
        case .over: false
        }
    }

    package mutating func feed(_ bytes: Span<UInt8>) {
        if case .over = state { return }
        if start == waiting.count {
            waiting.removeAll(keepingCapacity: waiting.capacity <= Request.keptBytesMax)
            start = 0
        } else if start >= 4_096, start * 2 >= waiting.count {
            waiting.removeFirst(start)
            start = 0
        }
        // Safe: the bytes are copied while they are lent. One by one it takes longer than all the rest of a request.
        unsafe bytes.withUnsafeBufferPointer { unsafe waiting.append(contentsOf: $0) }
    }

    /// Reads on to the end of the next request.
    package mutating func next() -> Step {
        do throws(RequestFlaw) {
            return try advance()
        } catch {
            state = .over(error)
            waiting = []
            start = 0
            return .refused(error)
        }
    }

    private mutating func advance() throws(RequestFlaw) -> Step {
        switch state {
        case .head(let scanner):
            return try readHead(scanner)
        case .body(let count):
            return readBody(count)
        case .chunks(let reader):
            return try readChunks(reader)
        case .over(let flaw):
            throw flaw
        }
    }

    private mutating func readHead(_ scanner: HeadScanner) throws(RequestFlaw) -> Step {
        var scanner = scanner
        if !scanner.hasBegun { request.removeAll() }
        let (here, begin) = (waiting, start)
        let bytes = here.span.extracting(begin..<here.count)
        let outcome: HeadScanner.Outcome?
        do throws(RequestFlaw) {
            outcome = try scanner.scan(bytes, into: &request)
        } catch {
            // Whoever refuses it may want to know whose path it is.
            request.bytes.append(contentsOf: here[begin...].prefix(limits.headBytes))
            throw error
        }
        guard let head = outcome else {
            state = .head(scanner)
            return .needsBytes
        }
        request.bytes.reserveCapacity(head.byteCount)
        request.bytes.append(contentsOf: here[begin..<begin + head.byteCount])
        start += head.byteCount
        return try beginBody(head)
    }

    private mutating func beginBody(_ head: HeadScanner.Outcome) throws(RequestFlaw) -> Step {
        let step: Step
        switch head.framing {
        case .none:
            return finish()
        case .length(let count):
            step = readBody(count)
        case .chunked:
            step = try readChunks(ChunkReader(limits: limits))
        }
        // A client that sent some of the body waits for no word.
        let waits = head.expectsContinue && step == .needsBytes && waitingByteCount == 0
        return waits && request.body.isEmpty ? .needsContinue : step
    }

    private mutating func readBody(_ count: Int) -> Step {
        guard waitingByteCount >= count else {
            state = .body(count)
            return .needsBytes
        }
        request.body.reserveCapacity(count)
        request.body.append(contentsOf: waiting[start..<start + count])
        start += count
        return finish()
    }

    private mutating func readChunks(_ reader: ChunkReader) throws(RequestFlaw) -> Step {
        var reader = reader
        let here = waiting
        let isComplete = try reader.read(here.span, from: &start, into: &request.body)
        guard !isComplete else { return finish() }
        state = .chunks(reader)
        return .needsBytes
    }

    private mutating func finish() -> Step {
        state = .head(HeadScanner(limits: limits))
        return .request
    }
}
