// The native API (HTTP §1): each route names an operation of the protocol, and the fields that it reads come from the
// path, the query and the body. What the protocol answers is the body; the status says in short how it went.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

/// The routes below `/v1`.
enum NativeRoutes {
    static let all =
        operations
        + checkMethods.flatMap { method in
            [
                Route(method, "/v1/check", isSafe: true) { await $0.check(by: .queryAndFields) },
                Route(method, "/v1/check/{path*}", isSafe: true) { await $0.check(by: .fields) },
            ]
        }

    /// A proxy may ask with the method of the request that it holds.
    static let checkMethods: [HTTPMethod] = [.get, .post, .put, .patch, .delete, .options]

    private static let operations = [
        Route(.post, "/v1/tickets") { await $0.askForTicket(.queue) },
        Route(.post, "/v1/locks") { await $0.askForTicket(.lock) },
        Route(.post, "/v1/steal") { await $0.askForTicket(.steal) },
        Route(.get, "/v1/tickets/{ticket}") { exchange in
            await exchange.answer(.status, path: [.ticket])
        },
        Route(.post, "/v1/tickets/{ticket}/acquire") { exchange in
            await exchange.answer(.acquire, path: [.ticket], waits: true)
        },
        Route(.post, "/v1/tickets/{ticket}/renew") { exchange in
            await exchange.answer(.renew, path: [.ticket])
        },
        Route(.delete, "/v1/tickets/{ticket}") { exchange in
            await exchange.answer(.release, path: [.ticket])
        },
        Route(.get, "/v1/resources") { await $0.answer(.resources) },
        Route(.get, "/v1/resources/{path...}") { exchange in
            await exchange.answer(.list, path: [.resource])
        },
        Route(.delete, "/v1/resources/{path...}") { exchange in
            await exchange.answer(.clear, path: [.resource])
        },
        Route(.get, "/v1/history/{path...}") { exchange in
            await exchange.answer(.history, path: [.resource])
        },
        Route(.get, "/v1/rights") { $0.tellRights() },
        Route(.get, "/v1/events") { await $0.events() },
    ]
}

extension Exchange {
    /// `wait` here and below: 30 s where none is given, at most 300 (HTTP §1).
    private static let waitDefault = Interval.seconds(30)
    private static let waitMax = Interval.seconds(300)

    /// Performs the operation and gives its answer with status 200.
    fileprivate func answer(
        _ name: OperationName,
        path fields: [FieldName] = [],
        waits: Bool = false
    ) async -> HTTPReply {
        do throws(Refusal) {
            let principal = try principal()
            var native = try decode(name, path: fields)
            if waits { try bound(&native.operation) }
            let answer = await connection.ask(native.operation, as: principal)
            if case .refused(let refusal) = answer { throw refusal }
            return native.reply(.ok, answer)
        } catch {
            return Problem.reply(error)
        }
    }

    fileprivate func askForTicket(_ name: OperationName) async -> HTTPReply {
        do throws(Refusal) {
            let principal = try principal()
            var native = try decode(name, path: [])
            try settle(&native.operation)
            try bound(&native.operation)
            let answer = await connection.ask(native.operation, as: principal)
            switch answer {
            case .refused(let refusal): throw refusal
            case .ticket(let ticket):
                return native.reply(ticket.status, answer)
                    .with("Location", "/v1/tickets/\(ticket.ticket.text)")
            default:
                preconditionFailure("\(name) was answered with something else")
            }
        } catch {
            return Problem.reply(error)
        }
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

    private func bound(_ operation: inout Operation) throws(Refusal) {
        func bounded(_ wait: Interval?) throws(Refusal) -> Interval {
            let wait = wait ?? Exchange.waitDefault
            guard wait <= Exchange.waitMax else {
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
}

extension TicketAnswer {
    fileprivate var status: HTTPStatus {
        if isExisting { return .ok }
        return if case .queued = standing { .accepted } else { .created }
    }
}
