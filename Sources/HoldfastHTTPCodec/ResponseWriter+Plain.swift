// The response that nearly all traffic gets, written in one go: a body of JSON, on a connection that goes on, with one
// field of its own at most. The bytes are those that the general writer would put down; it has to be given the body
// and the fields as values first, which together take longer than all the rest of a request.

extension ResponseWriter {
    /// Appends a response to a request of HTTP/1.1.
    ///
    /// `field` appends a whole field with its line's end, or nothing; `body` appends the body.
    package static func writePlainly(
        _ status: HTTPStatus,
        at date: HTTPDate,
        into buffer: inout [UInt8],
        field: (inout [UInt8]) -> Void = { _ in },
        body: (inout [UInt8]) -> Void
    ) {
        buffer.append(contentsOf: Fixed.beginning(of: status))
        buffer.append(contentsOf: date.text)
        buffer.append(contentsOf: Fixed.plain)
        field(&buffer)
        buffer.append(contentsOf: Fixed.lengthOfThree)
        let start = buffer.count
        body(&buffer)
        buffer.setLength(buffer.count - start, before: start)
    }
}

extension [UInt8] {
    /// Puts the length of a body into the place of three digits that was left for it.
    fileprivate mutating func setLength(_ length: Int, before start: Int) {
        let end = start - Fixed.placeBehindLength
        guard length < 1_000 else {
            replaceSubrange(end - 3..<end, with: String(length).utf8)
            return
        }
        self[end - 3] = UInt8(truncatingIfNeeded: 0x30 + length / 100)
        self[end - 2] = UInt8(truncatingIfNeeded: 0x30 + length / 10 % 10)
        self[end - 1] = UInt8(truncatingIfNeeded: 0x30 + length % 10)
        // A zero in front would be no error, but not what the general writer says.
        if length < 100 { removeSubrange(end - 3..<end - (length < 10 ? 1 : 2)) }
    }
}
