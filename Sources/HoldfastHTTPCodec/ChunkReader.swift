// Puts a chunked body together (RFC 9112 §7.1). Sizes are plain hexadecimal digits, extensions are passed over within a
// bound, trailers are held to the rules for fields and then dropped: nothing here reads any.

/// The place in a chunked body.
struct ChunkReader: Sendable {
    private let limits: HTTPLimits
    private var state = State.size
    private var trailerBytes = 0
    private var trailerCount = 0

    /// How far it is.
    ///
    /// `size`: before the line that begins a chunk.
    /// `bytes`: within a chunk, so many are missing; leaves for `size` with the CR LF behind them.
    /// `trailers`: behind the last chunk; leaves for `over` with the empty line.
    private enum State: Hashable {
        case size
        case bytes(Int)
        case trailers
        case over
    }

    init(limits: HTTPLimits) { self.limits = limits }

    /// Reads on from `start` and moves it behind what was read; true when the body is complete.
    mutating func read(
        _ bytes: Span<UInt8>,
        from start: inout Int,
        into body: inout [UInt8]
    ) throws(RequestFlaw) -> Bool {
        while true {
            switch state {
            case .size:
                guard let end = try lineEnd(bytes, from: start, limit: limits.chunkLineBytes) else {
                    return false
                }
                let size = try size(bytes.extracting(start..<end))
                guard size <= limits.bodyBytes - body.count else { throw .bodyTooLarge }
                start = end + 2
                state = size == 0 ? .trailers : .bytes(size)
            case .bytes(let missing):
                let count = min(missing, bytes.count - start)
                for index in start..<start + count { body.append(bytes[index]) }
                start += count
                state = .bytes(missing - count)
                guard missing == count else { return false }
                guard try passChunkEnd(bytes, from: &start) else { return false }
                state = .size
            case .trailers:
                guard try passTrailers(bytes, from: &start) else { return false }
                state = .over
                return true
            case .over:
                preconditionFailure("a body was read on behind its end")
            }
        }
    }

    private func passChunkEnd(
        _ bytes: Span<UInt8>,
        from start: inout Int
    ) throws(RequestFlaw) -> Bool {
        if start < bytes.count, bytes[start] != 0x0d { throw .chunkEnd }
        guard start + 1 < bytes.count else { return false }
        guard bytes[start + 1] == 0x0a else { throw .chunkEnd }
        start += 2
        return true
    }

    /// The size before the extensions.
    private func size(_ line: Span<UInt8>) throws(RequestFlaw) -> Int {
        var (size, index) = (0, 0)
        while index < line.count, let digit = line[index].hexValue {
            // What is far too large need not be known exactly.
            size = min(size << 4 | Int(digit), 1 << 40)
            index += 1
        }
        guard index > 0, index <= ChunkReader.digitsMax else { throw .chunkSize }
        guard index == line.count || line[index] == 0x3b else { throw .chunkSize }
        return size
    }

    private static let digitsMax = 16

    /// The CR of the line that begins at `start`; nil where more bytes are needed.
    private func lineEnd(
        _ bytes: Span<UInt8>,
        from start: Int,
        limit: Int
    ) throws(RequestFlaw) -> Int? {
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x0d {
                guard index + 1 < bytes.count else { return nil }
                guard bytes[index + 1] == 0x0a else { throw .chunkSize }
                return index
            }
            guard byte >= 0x20 || byte == 0x09, byte != 0x7f, index - start < limit else {
                throw .chunkSize
            }
            index += 1
        }
        return nil
    }
}

// MARK: - Trailers

extension ChunkReader {
    private mutating func passTrailers(
        _ bytes: Span<UInt8>,
        from start: inout Int
    ) throws(RequestFlaw) -> Bool {
        while true {
            var index = start
            while index < bytes.count, bytes[index] != 0x0d {
                guard trailerBytes + index - start < limits.headBytes else { throw .headTooLarge }
                guard bytes[index] != 0x0a else { throw .bareLineFeed }
                guard bytes[index] >= 0x20 || bytes[index] == 0x09, bytes[index] != 0x7f else {
                    throw .controlCharacter
                }
                index += 1
            }
            guard index + 1 < bytes.count else { return false }
            guard bytes[index + 1] == 0x0a else { throw .bareCarriageReturn }
            let line = bytes.extracting(start..<index)
            trailerBytes += index + 2 - start
            start = index + 2
            guard line.count > 0 else { return true }
            try checkTrailer(line)
        }
    }

    private mutating func checkTrailer(_ line: Span<UInt8>) throws(RequestFlaw) {
        guard !line[0].isBlank else { throw .foldedField }
        var index = 0
        while index < line.count, line[index].isTokenCharacter { index += 1 }
        guard index > 0, index < line.count, line[index] == 0x3a else { throw .fieldName }
        trailerCount += 1
        guard trailerCount <= limits.fieldCount else { throw .tooManyFields }
    }
}
