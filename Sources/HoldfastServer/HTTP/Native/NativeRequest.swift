// How a request of the native API becomes an operation: path, query and body are put together as one object of JSON,
// and the decoder of the line protocol reads that. So every field has one definition, one range and one message,
// whichever way it came.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

/// An operation that came over HTTP, and the fields that nobody reads.
struct NativeRequest: Sendable {
    var operation: Operation
    var ignored: [String]

    func reply(to answer: Answer) -> HTTPReply { .native(answer, ignored: ignored) }
}

extension Exchange {
    /// `fields` are what the parameters of the path stand for; `body` is read in place of what the client sent.
    func decode(
        _ name: OperationName,
        path fields: [FieldName],
        more: [(FieldName, String)] = [],
        readsQuery: Bool = true,
        body: [UInt8]? = nil
    ) throws(Refusal) -> NativeRequest {
        var given: [(name: String, value: String)] = []
        for (field, parameter) in zip(fields, parameters) { given.append((field.text, parameter)) }
        for (field, text) in more { given.append((field.text, text)) }
        if readsQuery, request.query != nil {
            guard let items = request.queryItems else {
                throw Refusal(.badRequest, "the query is not percent-encoded UTF-8 without NUL")
            }
            for item in items { given.append((item.name, item.value)) }
        }
        let (object, shift) = try object(given, before: body ?? request.body, for: name)
        let decoder = RequestDecoder(limits: connection.coordinatorLimits)
        switch decoder.decode(object.span, as: name) {
        case .request(let request):
            return NativeRequest(operation: request.operation, ignored: request.ignored)
        case .refused(let line):
            var refusal = line.refusal
            // A place in the body as the client sent it, or none.
            refusal.offset = refusal.offset.flatMap { $0 >= shift ? $0 - shift : nil }
            throw refusal
        }
    }

    /// The body with these members in front, and how far that moved it.
    private func object(
        _ given: [(name: String, value: String)],
        before body: [UInt8],
        for name: OperationName
    ) throws(Refusal) -> ([UInt8], shift: Int) {
        guard !given.isEmpty else { return (body.isEmpty ? Array("{}".utf8) : body, 0) }
        var object: [UInt8] = []
        object.reserveCapacity(128 + body.count)
        JSONWriter.append(to: &object) { writer in
            writer.beginObject()
            for (field, value) in given {
                writer.freeKey(field)
                writer.member(field, value, of: name)
            }
        }
        guard let brace = body.firstIndex(where: { !$0.isSpace }) else {
            return (object + [0x7d], object.count)
        }
        guard body[brace] == 0x7b else {
            throw Refusal(.badRequest, "the body must be a JSON object", offset: brace)
        }
        let rest = body[(brace + 1)...]
        if rest.first(where: { !$0.isSpace }) != 0x7d { object.append(0x2c) }
        return (object + rest, object.count - brace - 1)
    }
}

extension HTTPConnection {
    nonisolated var coordinatorLimits: Limits { service.coordinator.setting.limits }
}

extension JSONWriter {
    /// A value of a query: a number or a flag where the operation reads one, else a string.
    fileprivate mutating func member(_ field: String, _ text: String, of name: OperationName) {
        switch field {
        case "after" where name == .list, "limit", "wait", "fence", "lease", "permits", "of",
            "grace":
            guard let number = text.jsonNumber else { return value(text) }
            switch number {
            case .whole(let number): value(number)
            case .fraction(let number): value(number)
            }
        case "force", "off", "stealable":
            switch text {
            case "true": value(true)
            case "false": value(false)
            default: value(text)
            }
        default:
            value(text)
        }
    }
}

private enum QueryNumber {
    case whole(Int)
    case fraction(Double)
}

extension String {
    /// What JSON takes for a number; "+1", "0x1" and "inf" are none.
    fileprivate var jsonNumber: QueryNumber? {
        var reader = JSONReader()
        let bytes = utf8Span.span
        guard bytes.count > 0, (try? reader.number(bytes)) != nil, reader.offset == bytes.count
        else {
            return nil
        }
        if let whole = Int(self) { return .whole(whole) }
        return Double(self).flatMap { $0.isFinite ? .fraction($0) : nil }
    }
}

extension UInt8 {
    fileprivate var isSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }
}
