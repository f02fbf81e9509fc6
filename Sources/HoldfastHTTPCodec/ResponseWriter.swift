// Writes responses straight into the buffer that goes out (RFC 9112 §§4, 6, 7): every one with its length, or in
// chunks where nobody knows how long it will be. Values are cleaned of control characters here, so that no text of a
// client can end a field and begin another.

/// A field of a response.
package struct ResponseField: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What all responses of a connection have in common.
package struct ResponseFrame: Sendable {
    package var date: HTTPDate
    /// The connection is closed behind this response.
    package var closes: Bool
    /// The request was HEAD: everything but the body is told.
    package var isHead: Bool
    /// The client speaks HTTP/1.0: it must be told that the connection goes on, and takes no chunks.
    package var isOld: Bool

    package init(date: HTTPDate, closes: Bool = false, isHead: Bool = false, isOld: Bool = false) {
        self.date = date
        self.closes = closes
        self.isHead = isHead
        self.isOld = isOld
    }
}

/// Renders the responses of one connection.
package enum ResponseWriter {
    /// Appends a whole response; without a body, the head of one that would come in pieces.
    package static func write(
        _ status: HTTPStatus,
        _ frame: ResponseFrame,
        type: String? = nil,
        fields: [ResponseField] = [],
        body: [UInt8]? = [],
        into buffer: inout [UInt8]
    ) {
        guard let body else {
            return beginStream(status, frame, type: type, fields: fields, into: &buffer)
        }
        beginHead(status, frame, type: type, fields: fields, into: &buffer)
        if !status.hasNoBody {
            buffer.append(contentsOf: Fixed.length)
            buffer.appendDecimal(body.count)
            buffer.endLine()
        }
        buffer.endLine()
        if !frame.isHead, !status.hasNoBody { buffer.append(contentsOf: body) }
    }

    /// Appends the head of a response whose body comes in pieces.
    package static func beginStream(
        _ status: HTTPStatus,
        _ frame: ResponseFrame,
        type: String?,
        fields: [ResponseField] = [],
        into buffer: inout [UInt8]
    ) {
        beginHead(status, frame, type: type, fields: fields, into: &buffer)
        if !frame.isOld { buffer.append(field: "Transfer-Encoding", "chunked") }
        buffer.endLine()
    }

    /// Appends a piece of such a body, which `body` writes.
    ///
    /// An empty piece would end it, and is none.
    package static func piece(
        _ frame: ResponseFrame,
        into buffer: inout [UInt8],
        _ body: (inout [UInt8]) -> Void
    ) {
        guard !frame.isOld else { return body(&buffer) }
        let start = buffer.count
        // Eight digits are written when the size is known.
        buffer.append(contentsOf: "00000000\r\n".utf8)
        let bodyStart = buffer.count
        body(&buffer)
        var count = buffer.count - bodyStart
        guard count > 0 else { return buffer.removeLast(bodyStart - start) }
        for place in (start..<start + 8).reversed() {
            buffer[place] = UInt8(truncatingIfNeeded: count & 15).hexDigit
            count >>= 4
        }
        buffer.endLine()
    }

    /// Appends the end of such a body.
    package static func endStream(_ frame: ResponseFrame, into buffer: inout [UInt8]) {
        if !frame.isOld { buffer.append(contentsOf: "0\r\n\r\n".utf8) }
    }

    /// Appends the word that the body of a request may come.
    package static func writeContinue(into buffer: inout [UInt8]) {
        buffer.append(contentsOf: "HTTP/1.1 100 Continue\r\n\r\n".utf8)
    }

    private static func beginHead(
        _ status: HTTPStatus,
        _ frame: ResponseFrame,
        type: String?,
        fields: [ResponseField],
        into buffer: inout [UInt8]
    ) {
        buffer.append(contentsOf: Fixed.beginning(of: status))
        buffer.append(contentsOf: frame.date.text)
        if let type {
            buffer.append(contentsOf: Fixed.type)
            buffer.append(clean: type)
        }
        // No browser guesses a type, and no cache shows how a lock stood, unless a route says that one may.
        let saysItself = fields.contains { $0.name == "Cache-Control" }
        buffer.append(contentsOf: saysItself ? Fixed.unguessed : Fixed.unguessedAndUnstored)
        for field in fields { buffer.append(field: field.name, field.value) }
        if frame.closes {
            buffer.append(field: "Connection", "close")
        } else if frame.isOld {
            buffer.append(field: "Connection", "keep-alive")
        }
    }
}

/// What most responses have in common, as bytes: to append a text takes longer.
enum Fixed {
    static let type = Array("\r\nContent-Type: ".utf8)
    static let unguessed = Array("\r\nX-Content-Type-Options: nosniff\r\n".utf8)
    static let unguessedAndUnstored = unguessed + Array("Cache-Control: no-store\r\n".utf8)
    static let length = Array("Content-Length: ".utf8)
    /// Between the date and the fields of a body of JSON.
    static let plain = type + Array("application/json".utf8) + unguessedAndUnstored
    /// Three digits are written when it is known, before the ends of a line and of the head.
    static let lengthOfThree = length + Array("000\r\n\r\n".utf8)
    static let placeBehindLength = 4

    /// Up to the date.
    static func beginning(of status: HTTPStatus) -> [UInt8] {
        let index = Int(status.number) - numbers.lowerBound
        return beginnings.indices.contains(index) ? beginnings[index] : rendered(status)
    }

    private static let numbers = 200..<506
    private static let beginnings = numbers.map { rendered(HTTPStatus(UInt16($0))) }

    private static func rendered(_ status: HTTPStatus) -> [UInt8] {
        Array("HTTP/1.1 \(status.number) \(status.phrase)\r\nDate: ".utf8)
    }
}

extension [UInt8] {
    fileprivate mutating func endLine() {
        append(0x0d)
        append(0x0a)
    }

    fileprivate mutating func append(field name: String, _ value: String) {
        append(clean: name)
        append(contentsOf: ": ".utf8)
        append(clean: value)
        endLine()
    }

    /// A control character becomes a space.
    mutating func append(clean text: String) {
        let start = count
        append(contentsOf: text.utf8)
        for index in start..<count where self[index] < 0x20 || self[index] == 0x7f {
            self[index] = 0x20
        }
    }
}

extension UInt8 {
    fileprivate var hexDigit: UInt8 { self < 10 ? 0x30 + self : 0x61 + self - 10 }
}
