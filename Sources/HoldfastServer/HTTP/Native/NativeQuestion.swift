// From a request of the native API to the operation that it asks, and from that one's answer to the response: what HTTP
// has of its own, a wait that ends and no session, is settled here.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

/// An operation that a route asks, and the fields of it that the path has.
struct NativeQuestion: Sendable {
    let name: OperationName
    let fields: [FieldName]

    func request(of exchange: Exchange) throws(Refusal) -> NativeRequest {
        var request = try exchange.decode(name, path: fields)
        try settle(&request.operation)
        try bound(&request.operation)
        return request
    }

    /// A connection of HTTP is neither a session nor a place for events.
    private func settle(_ operation: inout Operation) throws(Refusal) {
        func settled(_ request: TicketRequest) throws(Refusal) -> TicketRequest {
            guard request.binding != .session else {
                let message = "over HTTP a ticket is not bound to a session"
                throw Refusal(.badRequest, message, field: "bind")
            }
            var request = request
            request.notify = .none
            return request
        }
        switch operation {
        case .queue(let request): operation = .queue(try settled(request))
        case .lock(let request, let wait): operation = .lock(try settled(request), wait: wait)
        case .steal(let request, let steal): operation = .steal(try settled(request), steal)
        default: return
        }
    }

    /// `wait` is 30 s where none is given, at most 300 (HTTP §1).
    private func bound(_ operation: inout Operation) throws(Refusal) {
        func bounded(_ wait: Interval?) throws(Refusal) -> Interval {
            let wait = wait ?? NativeQuestion.waitDefault
            guard wait <= NativeQuestion.waitMax else {
                throw Refusal(.badRequest, "over HTTP wait is at most 300", field: "wait")
            }
            return wait
        }
        switch operation {
        case .lock(let request, let wait): operation = .lock(request, wait: try bounded(wait))
        case .acquire(let reference, let wait):
            operation = .acquire(reference, wait: try bounded(wait))
        default: return
        }
    }

    static let waitDefault = Interval.seconds(30)
    static let waitMax = Interval.seconds(300)
}

extension HTTPReply {
    /// What the answer of an operation is over HTTP; `ignored` names the fields of the request that nobody reads.
    static func native(_ answer: Answer, ignored: [String] = []) -> HTTPReply {
        switch answer {
        case .refused(let refusal): Problem.reply(refusal)
        case .ticket(let ticket):
            told(ticket.status, answer, ignored)
                .with("Location", "/v1/tickets/\(ticket.ticket.text)")
        default: told(.ok, answer, ignored)
        }
    }

    private static func told(
        _ status: HTTPStatus,
        _ answer: Answer,
        _ ignored: [String]
    ) -> HTTPReply {
        var reply = HTTPReply(status, type: HTTPReply.json)
        // Enough for most answers: a buffer that grows is copied each time.
        reply.body.reserveCapacity(256)
        ReplyWriter.writeBody(answer, ignored: ignored, into: &reply.body)
        return reply
    }
}

extension TicketAnswer {
    fileprivate var status: HTTPStatus {
        if isExisting { return .ok }
        return if case .queued = standing { .accepted } else { .created }
    }
}
