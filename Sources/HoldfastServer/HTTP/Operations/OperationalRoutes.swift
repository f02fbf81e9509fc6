// What operators and their tools ask (HTTP §3): is it alive, is it ready, which version is it, how is it doing.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire
import Synchronization

/// The routes beside the APIs.
enum OperationalRoutes {
    static let all = [
        Route(.get, "/healthz", traits: .isOfProcess) { _ in .text(.ok, "ok\n") },
        Route(.get, "/readyz", traits: .isOfProcess) { $0.ready },
        Route(.get, "/version", traits: .isOfProcess) { $0.version },
        Route(.get, "/metrics") { await $0.metrics() },
        Route(.get, "/openapi.json", traits: .isOfProcess) { exchange in
            HTTPReply(.ok, type: HTTPReply.json, body: exchange.connection.service.openAPI)
        },
    ]
}

extension Exchange {
    fileprivate var ready: HTTPReply {
        let (service, client) = (connection.service, connection.client)
        let isRecovered = service.isReady(on: client.loop.index)
        let isDraining = service.coordinator.setting.census.isDraining.load(ordering: .relaxed)
        let isAccepting = isRecovered && !isDraining && !client.isStopping
        let reply = HTTPReply(isAccepting ? .ok : .unavailable) { writer in
            writer.beginObject()
            writer.member("ready", isAccepting)
            writer.key("checks")
            writer.beginObject()
            writer.member("recovered", isRecovered)
            writer.member("accepting", isAccepting)
            writer.endObject()
            writer.endObject()
        }
        return isAccepting ? reply : reply.with("Retry-After", "1")
    }

    fileprivate var version: HTTPReply {
        HTTPReply(.ok) { writer in
            writer.beginObject()
            writer.member("server", ServerName.text)
            writer.member("version", ServerName.version)
            writer.member("protocol", 1)
            writer.member("node", connection.service.coordinator.setting.node)
            writer.endObject()
        }
    }
}
