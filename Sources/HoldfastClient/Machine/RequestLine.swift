// A request as the line that is sent (PROTOCOL §1): `id` and `op` first, then its fields in order.

import HoldfastModel
import HoldfastWire

/// Writes requests.
enum RequestLine {
    static func bytes(of request: Request, id: UInt64) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("id", id)
        writer.member("op", request.operation)
        for field in request.fields { write(field, to: &writer) }
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }

    private static func write(_ field: Request.Field, to writer: inout JSONWriter) {
        writer.freeKey(field.name)
        switch field.value {
        case .text(let text): writer.value(text)
        case .number(let number): writer.value(number)
        case .seconds(let interval): writer.value(interval)
        case .flag(let flag): writer.value(flag)
        case .json(let json): writer.value(json)
        case .object(let fields):
            writer.beginObject()
            for field in fields { write(field, to: &writer) }
            writer.endObject()
        }
    }
}
