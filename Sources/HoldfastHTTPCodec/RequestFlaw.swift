// What can be wrong with a request before anybody asks what it wants. Every flaw has a status and a sentence, so a
// refusal is always a complete response; after one the connection is closed, because where the next request would
// begin is anybody's guess, and guesses that two servers make differently are how requests are smuggled.

/// Why bytes are no request that this server takes.
package enum RequestFlaw: Error, Hashable, Sendable, CaseIterable {
    // The lines of the head.
    case bareLineFeed
    case bareCarriageReturn
    case controlCharacter
    case requestLine
    case target
    case version
    case foldedField
    case fieldName
    // What the fields say together.
    case hostMissing
    case hostRepeated
    case hostInvalid
    case lengthInvalid
    case lengthRepeated
    case lengthWithChunked
    case chunkedBeforeHTTP11
    case codingInvalid
    case codingUnknown
    case expectation
    // The body.
    case chunkSize
    case chunkEnd
    // Bounds.
    case methodTooLong
    case requestLineTooLong
    case headTooLarge
    case tooManyFields
    case bodyTooLarge

    package var status: HTTPStatus {
        switch self {
        case .bareLineFeed, .bareCarriageReturn, .controlCharacter, .requestLine, .target,
            .foldedField,
            .fieldName, .hostMissing, .hostRepeated, .hostInvalid, .lengthInvalid, .lengthRepeated,
            .lengthWithChunked, .chunkedBeforeHTTP11, .codingInvalid, .chunkSize, .chunkEnd:
            .badRequest
        case .version: .versionNotSupported
        case .codingUnknown, .methodTooLong: .notImplemented
        case .expectation: .expectationFailed
        case .requestLineTooLong: .targetTooLong
        case .headTooLarge, .tooManyFields: .fieldsTooLarge
        case .bodyTooLarge: .contentTooLarge
        }
    }

    package var explanation: String {
        switch self {
        case .bareLineFeed: "a line ends with CR LF, not with LF alone"
        case .bareCarriageReturn: "a CR stands only before the LF that ends a line"
        case .controlCharacter: "a head has no control characters"
        case .requestLine:
            "a request begins with a method, one space, a target, one space and HTTP/1.1"
        case .target:
            "the target is a path that begins with / or an http URL, in visible ASCII without #"
        case .version: "this server speaks HTTP/1.1"
        case .foldedField: "a field stands on one line; a line does not begin with white space"
        case .fieldName: "a field is a name, a colon right behind it, and a value"
        case .hostMissing: "a request names its Host"
        case .hostRepeated: "a request has one Host"
        case .hostInvalid: "Host is a name or an address, and perhaps a port"
        case .lengthInvalid:
            "Content-Length is a plain decimal number without sign, padding or list"
        case .lengthRepeated: "a request has one Content-Length"
        case .lengthWithChunked: "a body has a Content-Length or is chunked, not both"
        case .chunkedBeforeHTTP11: "HTTP/1.0 has no Transfer-Encoding"
        case .codingInvalid: "Transfer-Encoding is chunked, once"
        case .codingUnknown: "the only transfer coding taken is chunked"
        case .expectation: "the only expectation met is 100-continue"
        case .chunkSize: "a chunk begins with its size in hexadecimal digits"
        case .chunkEnd: "a chunk ends with CR LF right behind its bytes"
        case .methodTooLong: "no method of that name is known"
        case .requestLineTooLong: "the request line is too long"
        case .headTooLarge: "the head is too large"
        case .tooManyFields: "the head has too many fields"
        case .bodyTooLarge: "the body is too large"
        }
    }
}
