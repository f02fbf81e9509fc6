// Reads a head line by line, in place, as soon as a line is complete. What is wrong is found in the order of the bytes,
// so it is the same however the bytes are split: a wrong byte within a line before what is wrong with the line, a line
// before the next. Strict where leniency is how requests are smuggled (HTTP §4): a line ends with CR LF and nothing
// else, a field has no space before its colon and no continuation.

/// The place in a head, and what was learned of it so far.
struct HeadScanner: Sendable {
    private let limits: HTTPLimits
    /// Of the line under way and of the next byte to look at, from where the request begins.
    private var lineStart = 0
    private var index = 0
    private var isInRequestLine = true
    private var facts = HeadFacts()

    init(limits: HTTPLimits) { self.limits = limits }

    /// Whether a byte of a request was seen.
    var hasBegun: Bool { index > 0 }

    /// How the body of the request comes, once its head is complete.
    struct Outcome {
        var byteCount: Int
        var framing: BodyFraming
        var expectsContinue: Bool
    }

    /// Reads on; nil where the head is not complete yet.
    ///
    /// `bytes` begin with the request and have grown since the last call.
    mutating func scan(
        _ bytes: Span<UInt8>,
        into request: inout Request
    ) throws(RequestFlaw) -> Outcome? {
        while try findLineEnd(bytes) {
            let line = ByteRange(lineStart, index)
            index += 2
            lineStart = index
            if isInRequestLine {
                // One empty line before a request is passed over (RFC 9112 §2.2).
                if line.isEmpty, line.start == 0 { continue }
                isInRequestLine = false
                try takeRequestLine(line, bytes, into: &request)
            } else if line.isEmpty {
                let framing = try facts.settle(bytes, &request, limits)
                let expects = facts.expectsContinue && framing != .none && request.minorVersion > 0
                return Outcome(byteCount: index, framing: framing, expectsContinue: expects)
            } else {
                try takeField(line, bytes, into: &request)
            }
        }
        return nil
    }

    /// Moves to the CR of a complete line; false where more bytes are needed.
    private mutating func findLineEnd(_ bytes: Span<UInt8>) throws(RequestFlaw) -> Bool {
        let end = min(bytes.count, limits.headBytes)
        let textEnd = isInRequestLine ? min(end, lineStart + limits.requestLineBytes) : end
        while true {
            var place = index
            while place < textEnd, bytes[place].isText { place += 1 }
            index = place
            guard index < end else { return try isLate(bytes) }
            switch bytes[index] {
            case 0x0d:
                guard index + 1 < end else { return try isLate(bytes) }
                guard bytes[index + 1] == 0x0a else { throw .bareCarriageReturn }
                return true
            case 0x0a: throw .bareLineFeed
            case 0x09: index += 1
            case let byte where byte.isText: throw .requestLineTooLong
            default: throw .controlCharacter
            }
        }
    }

    /// Only more bytes help, if there may be more.
    private func isLate(_ bytes: Span<UInt8>) throws(RequestFlaw) -> Bool {
        guard bytes.count < limits.headBytes else { throw .headTooLarge }
        return false
    }
}

// MARK: - Lines

extension HeadScanner {
    private mutating func takeRequestLine(
        _ line: ByteRange,
        _ bytes: Span<UInt8>,
        into request: inout Request
    ) throws(RequestFlaw) {
        guard let method = token(from: Int(line.start), to: 0x20, in: line, bytes) else {
            throw .requestLine
        }
        guard method.count <= HTTPLimits.methodBytesMax else { throw .methodTooLong }
        let targetStart = Int(method.end) + 1
        var targetEnd = targetStart
        while targetEnd < Int(line.end), bytes[targetEnd] != 0x20 { targetEnd += 1 }
        guard targetEnd > targetStart, targetEnd < Int(line.end) else { throw .requestLine }
        request.minorVersion = try minorVersion(ByteRange(targetEnd + 1, Int(line.end)), bytes)
        request.methodRange = method
        request.method = HTTPMethod(bytes.extracting(method.indices))
        let target = try RequestTarget(ByteRange(targetStart, targetEnd), bytes, request.method)
        (request.path, request.query) = (target.path, target.query)
        facts.targetHost = target.host
    }

    /// The token that begins here and that this byte ends.
    private func token(
        from start: Int,
        to end: UInt8,
        in line: ByteRange,
        _ bytes: Span<UInt8>
    ) -> ByteRange? {
        var index = start
        while index < Int(line.end), bytes[index].isTokenCharacter { index += 1 }
        guard index > start, index < Int(line.end), bytes[index] == end else { return nil }
        return ByteRange(start, index)
    }

    private func minorVersion(
        _ range: ByteRange,
        _ bytes: Span<UInt8>
    ) throws(RequestFlaw) -> UInt8 {
        let version = bytes.extracting(range.indices)
        let name = "HTTP/".utf8Span.span
        guard version.count == 8, version[5].isDigit, version[6] == 0x2e, version[7].isDigit else {
            throw .requestLine
        }
        for index in name.indices where version[index] != name[index] { throw .requestLine }
        guard version[5] == 0x31 else { throw .version }
        return min(version[7] - 0x30, 1)
    }

    private mutating func takeField(
        _ line: ByteRange,
        _ bytes: Span<UInt8>,
        into request: inout Request
    ) throws(RequestFlaw) {
        let field = try field(line, bytes)
        guard request.fields.count < limits.fieldCount else { throw .tooManyFields }
        request.fields.append(field)
        try facts.take(field, bytes, limits)
    }

    private func field(
        _ line: ByteRange,
        _ bytes: Span<UInt8>
    ) throws(RequestFlaw) -> Request.Field {
        guard !bytes[Int(line.start)].isBlank else { throw .foldedField }
        guard let name = token(from: Int(line.start), to: 0x3a, in: line, bytes) else {
            throw .fieldName
        }
        let value = bytes.trimmed(ByteRange(Int(name.end) + 1, Int(line.end)))
        return Request.Field(name: name, value: value)
    }
}
