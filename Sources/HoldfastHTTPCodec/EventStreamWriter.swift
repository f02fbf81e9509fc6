// Server-sent events: what a browser's event stream is made of (the HTML standard, §9.2). The bytes go out as pieces of
// a response that does not end.

/// Renders what a client of server-sent events gets (the HTML standard, §9.2).
package enum EventStreamWriter {
    /// Appends an event; `data` must be one line.
    package static func write(
        event: String,
        id: String?,
        data: [UInt8],
        into buffer: inout [UInt8]
    ) {
        buffer.append(contentsOf: "event: ".utf8)
        buffer.append(clean: event)
        if let id {
            buffer.append(contentsOf: "\nid: ".utf8)
            buffer.append(clean: id)
        }
        buffer.append(contentsOf: "\ndata: ".utf8)
        buffer.append(contentsOf: data)
        buffer.append(contentsOf: "\n\n".utf8)
    }

    /// Appends a comment, which keeps the connection from looking dead.
    package static func keepAlive(into buffer: inout [UInt8]) {
        buffer.append(contentsOf: ":\n\n".utf8)
    }

    /// Appends how long a client waits before it connects again, where it stands then, and a word to whoever reads the
    /// stream by eye; that is no event.
    package static func begin(
        retryMilliseconds: Int,
        id: String?,
        comment: String? = nil,
        into buffer: inout [UInt8]
    ) {
        buffer.append(contentsOf: "retry: ".utf8)
        buffer.appendDecimal(retryMilliseconds)
        if let id {
            buffer.append(contentsOf: "\nid: ".utf8)
            buffer.append(clean: id)
        }
        if let comment {
            buffer.append(contentsOf: "\n: ".utf8)
            buffer.append(clean: comment)
        }
        buffer.append(contentsOf: "\n\n".utf8)
    }
}
