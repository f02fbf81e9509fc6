// What a route answers: a status, fields and a body, with no thought for how they are written.

import HoldfastHTTPCodec
import HoldfastWire

/// A response before it is rendered.
struct HTTPReply: Sendable {
    var status: HTTPStatus
    var type: String?
    var fields: [ResponseField] = []
    var body: [UInt8] = []
    /// The body of the same request without HEAD would come in pieces: it has no length.
    var isStream = false

    init(_ status: HTTPStatus, type: String? = nil, body: [UInt8] = []) {
        self.status = status
        self.type = type
        self.body = body
    }

    /// A body of JSON that `write` writes.
    init(_ status: HTTPStatus, json write: (inout JSONWriter) -> Void) {
        self.init(status, type: HTTPReply.json)
        JSONWriter.append(to: &body, write)
    }

    static func text(_ status: HTTPStatus, _ text: String) -> HTTPReply {
        HTTPReply(status, type: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// Of HEAD, where GET would begin a stream.
    static func stream(type: String) -> HTTPReply {
        var reply = HTTPReply(.ok, type: type)
        reply.isStream = true
        return reply
    }

    func with(_ name: String, _ value: String?) -> HTTPReply {
        guard let value else { return self }
        var reply = self
        reply.fields.append(ResponseField(name, value))
        return reply
    }

    static let json = "application/json"
    static let problem = "application/problem+json"
}
