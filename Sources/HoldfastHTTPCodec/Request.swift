// A request as it was read: the bytes of its head, where things stand in them, and its body with the chunks put
// together. It is filled by a RequestReader and used again for the next request of the connection.

/// One request.
package struct Request: Sendable {
    /// The head, from the request line to the empty line.
    package internal(set) var bytes: [UInt8] = []
    package internal(set) var method = HTTPMethod.other
    package internal(set) var methodRange = ByteRange.empty
    /// The path as it came, percent-encoded; `*` for a request to the server as a whole.
    package internal(set) var path = ByteRange.empty
    /// Behind the question mark.
    package internal(set) var query: ByteRange?
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and everything above it.
    package internal(set) var minorVersion: UInt8 = 1
    package internal(set) var fields: [Field] = []
    package internal(set) var body: [UInt8] = []
    /// The client takes another response on this connection.
    package internal(set) var isKeptAlive = true
    /// No field says who asks, or which page lets a browser ask.
    package internal(set) var namesNobody = true
    /// Of the Host field, or of the target where that names one; empty only in HTTP/1.0.
    package internal(set) var host = ByteRange.empty

    /// Where a field of the head stands.
    package struct Field: Hashable, Sendable {
        package var name: ByteRange
        package var value: ByteRange
    }

    package init() {}

    /// Where the value of the first field of this name stands; `name` is in lower case.
    package func value(of name: String) -> ByteRange? {
        let head = bytes.span
        return fields.first { head.isWord(name, in: $0.name) }?.value
    }

    /// The value of the first field of this name.
    package func text(of name: String) -> String? {
        value(of: name).flatMap { bytes.span.text(of: $0) }
    }

    package func count(of name: String) -> Int {
        let head = bytes.span
        return fields.count { head.isWord(name, in: $0.name) }
    }

    package func text(in range: ByteRange) -> String? { bytes.span.text(of: range) }

    /// Whether exactly these bytes stand there; an at sign at their beginning may be written as `%40`, as many clients
    /// do that encode a path.
    package func reads(_ word: [UInt8], at range: ByteRange) -> Bool {
        guard range.count == word.count else {
            guard word.first == 0x40, range.count == word.count + 2 else { return false }
            let (sign, rest) = (Int(range.start), Int(range.start) + 3)
            return bytes[sign..<rest].elementsEqual("%40".utf8)
                && bytes[rest..<Int(range.end)].elementsEqual(word.dropFirst())
        }
        let (head, start) = (bytes.span, Int(range.start))
        for index in word.indices where head[start + index] != word[index] { return false }
        return true
    }

    /// Large requests are rare: what they needed is given back.
    mutating func removeAll() {
        let (small, few) = (bytes.capacity <= Request.keptBytesMax, fields.capacity <= 32)
        bytes.removeAll(keepingCapacity: small)
        fields.removeAll(keepingCapacity: few)
        // To empty what is empty takes as long as to empty what is full.
        if !body.isEmpty { body.removeAll(keepingCapacity: body.capacity <= Request.keptBytesMax) }
        (method, methodRange) = (.other, .empty)
        (path, query, host) = (.empty, nil, .empty)
        (minorVersion, isKeptAlive, namesNobody) = (1, true, true)
    }

    static let keptBytesMax = 2_048
}

/// The methods that some route has.
package enum HTTPMethod: String, Hashable, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
    /// Of Terraform's state backend.
    case lock = "LOCK"
    case unlock = "UNLOCK"
    /// Any other.
    case other = ""

    /// Methods are told apart by case (RFC 9110 §9.1).
    init(_ bytes: Span<UInt8>) {
        let method = HTTPMethod.candidate(bytes)
        let name = method.rawValue.utf8Span.span
        var isSame = name.count == bytes.count
        for index in name.indices where isSame { isSame = name[index] == bytes[index] }
        self = isSame ? method : .other
    }

    /// The only one that it can be, by its length and first letter.
    private static func candidate(_ bytes: Span<UInt8>) -> HTTPMethod {
        guard bytes.count > 0 else { return .other }
        return switch (bytes.count, bytes[0]) {
        case (3, 0x47): .get
        case (3, 0x50): .put
        case (4, 0x48): .head
        case (4, 0x50): .post
        case (4, 0x4c): .lock
        case (5, 0x50): .patch
        case (6, 0x44): .delete
        case (6, 0x55): .unlock
        case (7, 0x4f): .options
        default: .other
        }
    }

    /// It asks and changes nothing.
    package var isSafe: Bool {
        switch self {
        case .get, .head, .options: true
        case .post, .put, .patch, .delete, .lock, .unlock, .other: false
        }
    }
}
