// The fields of answers that the OpenAPI document tells of. Which answer has which follows from its status, and from
// whether its operation is about one ticket.

import HoldfastHTTPCodec
import HoldfastWire

extension DescribedOperation {
    /// A field that an answer may have beside its body.
    enum Header: String, Sendable, CaseIterable {
        case location = "Location"
        case retryAfter = "Retry-After"
        case authenticate = "WWW-Authenticate"
        case allow = "Allow"
        case ticket = "Holdfast-Ticket"
        case fence = "Holdfast-Fence"
        case position = "Holdfast-Position"

        private var summary: String {
            switch self {
            case .location: "Where the ticket is."
            case .retryAfter: "When to come again, in seconds."
            case .authenticate: "How to say who asks."
            case .allow: "What the path does answer."
            case .ticket: "The ticket behind it, for its owner."
            case .fence: "The fence of the grant."
            case .position: "The place in the queue, from 1."
            }
        }

        private var schema: String {
            switch self {
            case .location, .authenticate, .allow, .ticket: #"{"type":"string"}"#
            case .retryAfter, .fence, .position: #"{"type":"integer","minimum":1}"#
            }
        }

        /// Those of which one of the operations tells.
        static func told(of operations: [DescribedOperation]) -> [Header] {
            let told = Set(operations.flatMap(\.headers))
            return allCases.filter(told.contains)
        }

        func write(to writer: inout JSONWriter) {
            writer.beginObject()
            writer.member("description", summary)
            writer.key("schema")
            writer.value(JSONValue(document: schema))
            writer.endObject()
        }
    }

    private var headers: [Header] {
        responses.flatMap { headers(of: $0.status) } + headersOfOthers
    }

    /// Of answers whose status is not told by itself.
    var headersOfOthers: [Header] { [.retryAfter, .authenticate, .allow] }

    func headers(of status: HTTPStatus) -> [Header] {
        var headers: [Header] = []
        switch status {
        case .ok, .created, .accepted:
            if makesTicket { headers.append(.location) }
            if tellsTicket { headers += [.ticket, .fence, .position] }
        case .locked:
            headers.append(.fence)
        case .conflict:
            // Of the APIs of other systems: their answer has no room for it.
            if tellsTicket { headers += [.retryAfter, .fence] }
        case .unauthorized:
            headers += tag.isProfile ? [.retryAfter, .authenticate] : [.authenticate]
        case .tooManyRequests, .unavailable:
            headers.append(.retryAfter)
        default:
            if tag.isProfile { headers.append(.retryAfter) }
        }
        return headers
    }

    /// The requests of the native API that answer with a ticket.
    private var makesTicket: Bool { tag == .native && ["queue", "lock", "steal"].contains(id) }
}

extension DescribedOperation.Tag {
    fileprivate var isProfile: Bool { self != .native && self != .operations }
}

extension [DescribedOperation.Header] {
    /// Nothing where there is none.
    func write(to writer: inout JSONWriter) {
        guard !isEmpty else { return }
        writer.key("headers")
        writer.beginObject()
        for header in self {
            writer.freeKey(header.rawValue)
            writer.beginObject()
            writer.member("$ref", "#/components/headers/" + header.rawValue)
            writer.endObject()
        }
        writer.endObject()
    }
}
