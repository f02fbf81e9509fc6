// Requests as lines, for clients.

package import HoldfastModel

/// Renders requests.
package enum RequestWriter {
    /// Appends a request line; `fields` adds the fields of the operation.
    package static func write(
        _ operation: OperationName,
        id: RequestID,
        into buffer: inout [UInt8],
        fields: (inout JSONWriter) -> Void = { _ in }
    ) {
        JSONWriter.append(to: &buffer) { writer in
            writer.beginObject()
            writer.member("id", id)
            writer.member("op", operation.text)
            fields(&writer)
            writer.endObject()
            writer.endLine()
        }
    }
}
