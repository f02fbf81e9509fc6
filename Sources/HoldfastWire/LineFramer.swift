// Cuts a stream of bytes into lines (PROTOCOL §1). Lines that lie wholly in the bytes just read are shown
// where they are; only what is cut off at the end of a read is copied and kept until the rest comes. An
// idle framer keeps nothing, and one that is fed an endless line keeps no more than the limit and two
// bytes. Rejected: a ring buffer per connection, because ten thousand idle connections would each own one.

/// What the framer shows to its consumer.
package enum LinePiece: Hashable, Sendable {
    /// A complete line, without its end.
    case line
    /// More bytes than a line may have, shown as far as they are known; the stream cannot go on.
    case tooLong
    /// Bytes after the last line end when the input ended.
    case unfinished
}

/// What the consumer says to each piece.
package enum LineFlow: Hashable, Sendable {
    case goOn
    /// This piece was taken; show no more until `resume`.
    case pause
}

/// Finds the lines in what a connection receives, one framer per connection.
///
/// `open`: shows lines as they come.
/// `paused`: holds complete lines that were not shown; leaves for `open` with `resume`.
/// `over`: a line was too long or the input ended; everything further is dropped.
package struct LineFramer: Sendable {
    package enum State: Hashable, Sendable {
        case open
        case paused
        case over
    }

    package private(set) var state = State.open
    package let limit: Int

    /// Bytes not shown yet, from `keptStart` on.
    private var kept: [UInt8] = []
    private var keptStart = 0

    package init(limit: Int) { self.limit = limit }

    /// How many bytes wait here: an unfinished line, and what a pause left over.
    package var keptByteCount: Int { kept.count - keptStart }

    /// The next byte begins a line that would be shown at once: whoever knows it may take it without the framer.
    package var isBetweenLines: Bool { state == .open && keptByteCount == 0 }

    /// Shows nothing until `resume`, as if the last line had been answered so.
    package mutating func pause() {
        if state == .open { state = .paused }
    }

    /// Shows every line that is complete now; keeps what is left.
    ///
    /// Bytes fed while paused are kept behind those that wait.
    package mutating func feed(
        _ bytes: Span<UInt8>,
        _ body: (LinePiece, Span<UInt8>) -> LineFlow
    ) {
        guard state != .over, bytes.count > 0 else { return }
        guard state == .open else { return keep(bytes, from: 0) }
        guard var start = finishKeptLine(with: bytes, body) else { return }
        while state == .open, let end = bytes.firstLineEnd(from: start) {
            show(bytes.extracting(start..<end), body)
            start = end + 1
        }
        settle(rest: bytes, from: start, body)
    }

    /// Goes on after a pause.
    package mutating func resume(_ body: (LinePiece, Span<UInt8>) -> LineFlow) {
        guard state == .paused else { return }
        state = .open
        var (bytes, start) = ([UInt8](), keptStart)
        swap(&bytes, &kept)
        keptStart = 0
        while state == .open, let end = bytes.span.firstLineEnd(from: start) {
            show(bytes.span.extracting(start..<end), body)
            start = end + 1
        }
        guard state == .paused else { return settle(rest: bytes.span, from: start, body) }
        // Paused again: the bytes stay where they are, so that a long pause-and-go costs no copies.
        swap(&bytes, &kept)
        keptStart = start
        if keptByteCount == 0 { forget() }
    }

    /// The input ended: shows the lines that still wait and then what has no end.
    ///
    /// If the consumer pauses meanwhile, call it again when it can go on.
    package mutating func finish(_ body: (LinePiece, Span<UInt8>) -> LineFlow) {
        resume(body)
        guard state == .open else { return }
        state = .over
        if keptByteCount > 0 { _ = body(.unfinished, kept.span.extracting(keptStart..<kept.count)) }
        forget()
    }

    /// Completes the line that was cut off; answers where the next one starts, nil if there is none to show.
    private mutating func finishKeptLine(
        with bytes: Span<UInt8>,
        _ body: (LinePiece, Span<UInt8>) -> LineFlow
    ) -> Int? {
        guard keptByteCount > 0 else { return 0 }
        guard let end = bytes.firstLineEnd(from: 0) else {
            settle(rest: bytes, from: 0, body)
            return nil
        }
        // A line that is too long is known without copying what made it so.
        let taken = min(end, limit + 2 - keptByteCount)
        keep(bytes.extracting(0..<taken), from: 0)
        var line: [UInt8] = []
        swap(&line, &kept)
        let start = keptStart
        forget()
        show(line.span.extracting(start..<line.count), body)
        return end + 1
    }

    /// Keeps what follows the last line shown, or ends the stream if it is too long to become one.
    private mutating func settle(
        rest bytes: Span<UInt8>,
        from start: Int,
        _ body: (LinePiece, Span<UInt8>) -> LineFlow
    ) {
        guard state != .over else { return forget() }
        guard state == .open else { return keep(bytes, from: start) }
        let room = limit + 2 - keptByteCount
        keep(bytes.extracting(0..<min(bytes.count, start + room)), from: start)
        // One byte above the limit may still be the `\r` of a line end.
        let mayBecomeLine =
            keptByteCount <= limit
            || keptByteCount == limit + 1 && kept[kept.count - 1] == 0x0d
        guard !mayBecomeLine else { return }
        var line: [UInt8] = []
        swap(&line, &kept)
        stop(showing: line.span.extracting(keptStart..<keptStart + limit), body)
        forget()
    }

    private mutating func show(
        _ bytes: Span<UInt8>,
        _ body: (LinePiece, Span<UInt8>) -> LineFlow
    ) {
        let endsWithReturn = bytes.count > 0 && bytes[bytes.count - 1] == 0x0d
        let count = endsWithReturn ? bytes.count - 1 : bytes.count
        guard count > 0 else { return }
        guard count <= limit else { return stop(showing: bytes.extracting(0..<limit), body) }
        if body(.line, bytes.extracting(0..<count)) == .pause { state = .paused }
    }

    private mutating func stop(
        showing bytes: Span<UInt8>,
        _ body: (LinePiece, Span<UInt8>) -> LineFlow
    ) {
        state = .over
        _ = body(.tooLong, bytes)
    }

    private mutating func keep(_ bytes: Span<UInt8>, from start: Int) {
        guard start < bytes.count else { return }
        kept.removeFirst(keptStart)
        keptStart = 0
        // Reserving for every byte of a line that drips in would copy it every time.
        if kept.isEmpty { kept.reserveCapacity(bytes.count - start) }
        for index in start..<bytes.count { kept.append(bytes[index]) }
    }

    private mutating func forget() {
        kept = []
        keptStart = 0
    }
}

extension Span<UInt8> {
    /// The index of the next `\n`, nil where there is none.
    fileprivate func firstLineEnd(from start: Int) -> Int? {
        var index = start
        while index &+ 8 <= count {
            let found = EightBytes(self, at: index).countBeforeLineFeed
            if found < 8 { return index &+ found }
            index &+= 8
        }
        while index < count {
            if self[index] == 0x0a { return index }
            index += 1
        }
        return nil
    }
}
