// What the fields that frame a request say together (RFC 9112 §6): where its body ends, whether the connection goes on,
// whom it is for. Two fields that could be read in two ways are refused, even where both say the same.

/// How the body of a request comes.
enum BodyFraming: Hashable, Sendable {
    case none
    case length(Int)
    case chunked
}

/// The fields of one head that are not for the routes to read.
struct HeadFacts: Sendable {
    /// Of a target that is a whole URL.
    var targetHost: ByteRange?
    private(set) var expectsContinue = false
    private var host: ByteRange?
    private var length: Int?
    private var isChunked = false
    private var saysClose = false
    private var saysKeepAlive = false
    private var namesSomebody = false

    mutating func take(
        _ field: Request.Field,
        _ bytes: Span<UInt8>,
        _ limits: HTTPLimits
    ) throws(RequestFlaw) {
        // Most fields are told from these by their length alone.
        switch field.name.count {
        case 4 where bytes.isWord("host", in: field.name):
            guard host == nil else { throw .hostRepeated }
            guard HeadFacts.isHost(bytes.extracting(field.value.indices)) else {
                throw .hostInvalid
            }
            host = field.value
        case 14 where bytes.isWord("content-length", in: field.name):
            guard length == nil else { throw .lengthRepeated }
            length = try contentLength(field, bytes, limits)
        case 17 where bytes.isWord("transfer-encoding", in: field.name):
            try takeCodings(field.value, bytes)
        case 10 where bytes.isWord("connection", in: field.name):
            bytes.forEachElement(of: field.value) { option in
                if bytes.isWord("close", in: option) { saysClose = true }
                if bytes.isWord("keep-alive", in: option) { saysKeepAlive = true }
            }
        case 13 where bytes.isWord("authorization", in: field.name),
            6 where bytes.isWord("origin", in: field.name),
            14 where bytes.isWord("sec-fetch-site", in: field.name):
            namesSomebody = true
        case 6 where bytes.isWord("expect", in: field.name):
            guard bytes.isWord("100-continue", in: field.value) else { throw .expectation }
            expectsContinue = true
        default:
            return
        }
    }

    /// The head is complete.
    func settle(
        _ bytes: Span<UInt8>,
        _ request: inout Request,
        _ limits: HTTPLimits
    ) throws(RequestFlaw) -> BodyFraming {
        let isOld = request.minorVersion == 0
        guard isOld || host != nil else { throw .hostMissing }
        request.host = targetHost ?? host ?? .empty
        request.namesNobody = !namesSomebody
        request.isKeptAlive = !saysClose && (!isOld || saysKeepAlive)
        if isChunked {
            guard length == nil else { throw .lengthWithChunked }
            guard !isOld else { throw .chunkedBeforeHTTP11 }
            return .chunked
        }
        guard let length, length > 0 else { return .none }
        guard length <= limits.bodyBytes else { throw .bodyTooLarge }
        return .length(length)
    }

    /// Digits without a zero in front, behind at most one space.
    private func contentLength(
        _ field: Request.Field,
        _ bytes: Span<UInt8>,
        _ limits: HTTPLimits
    ) throws(RequestFlaw) -> Int {
        let (start, end) = (Int(field.value.start), Int(field.value.end))
        guard start - Int(field.name.end) <= 2, end - start >= 1, bytes[end] == 0x0d else {
            throw .lengthInvalid
        }
        var length = 0
        for index in start..<end {
            guard bytes[index].isDigit,
                length > 0 || end - start == 1 || index > start
                    || bytes[index] != 0x30
            else { throw .lengthInvalid }
            // What is far too large need not be known exactly.
            length = min(length * 10 + Int(bytes[index] - 0x30), 1 << 40)
        }
        return length
    }

    private mutating func takeCodings(
        _ value: ByteRange,
        _ bytes: Span<UInt8>
    ) throws(RequestFlaw) {
        var (hasOther, isTwice, count) = (false, isChunked, 0)
        bytes.forEachElement(of: value) { coding in
            count += 1
            guard bytes.isWord("chunked", in: coding) else {
                hasOther = true
                return
            }
            if isChunked { isTwice = true }
            isChunked = true
        }
        guard !hasOther else { throw .codingUnknown }
        guard count > 0, !isTwice else { throw .codingInvalid }
    }

    /// A name, an IPv4 address or an IPv6 one in brackets, and perhaps a port.
    static func isHost(_ text: Span<UInt8>) -> Bool {
        guard text.count > 0 else { return false }
        var index = 0
        if text[0] == 0x5b {
            index = 1
            while index < text.count, text[index].isAddressCharacter { index += 1 }
            guard index > 1, index < text.count, text[index] == 0x5d else { return false }
            index += 1
        } else {
            while index < text.count, text[index].isNameCharacter { index += 1 }
            guard index > 0 else { return false }
        }
        guard index < text.count else { return true }
        guard text[index] == 0x3a, text.count - index <= 6 else { return false }
        for digit in index + 1..<text.count where !text[digit].isDigit { return false }
        return true
    }
}

extension UInt8 {
    fileprivate var isAddressCharacter: Bool { hexValue != nil || self == 0x3a || self == 0x2e }

    fileprivate var isNameCharacter: Bool {
        isDigit || lowercased >= 0x61 && lowercased <= 0x7a || self == 0x2d || self == 0x2e
            || self == 0x5f
    }
}
