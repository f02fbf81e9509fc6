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
                Route(method, "/v1/check", traits: .isSafe) { await $0.check(by: .queryAndFields) },
                Route(method, "/v1/check/{path*}", traits: .isSafe) { await $0.check(by: .fields) },
            ]
        }

    /// A proxy may ask with the method of the request that it holds.
    static let checkMethods: [HTTPMethod] = [.get, .post, .put, .patch, .delete, .options]

    private static let operations: [Route] = [
        Route(.post, "/v1/tickets", asks: .queue),
        Route(.post, "/v1/locks", asks: .lock),
        Route(.post, "/v1/steal", asks: .steal),
        Route(.get, "/v1/tickets/{ticket}", asks: .status, of: .ticket),
        Route(.post, "/v1/tickets/{ticket}/acquire", asks: .acquire, of: .ticket),
        Route(.post, "/v1/tickets/{ticket}/renew", asks: .renew, of: .ticket),
        Route(.delete, "/v1/tickets/{ticket}", asks: .release, of: .ticket),
        Route(.get, "/v1/resources", asks: .resources),
        Route(.get, "/v1/resources/{path...}", asks: .list, of: .resource),
        Route(.delete, "/v1/resources/{path...}", asks: .clear, of: .resource),
        Route(.get, "/v1/history/{path...}", asks: .history, of: .resource),
        Route(.get, "/v1/rights") { $0.tellRights() },
        Route(.get, "/v1/events") { await $0.events() },
    ]
}
