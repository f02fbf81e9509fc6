// What operators and their tools ask (HTTP §3): is it alive, is it ready, which version is it, how is it doing.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire
import Synchronization

/// The routes beside the APIs.
enum OperationalRoutes {
    static let all = [
        Route(.get, "/healthz") { _ in .text(.ok, "ok\n") },
        Route(.get, "/readyz") { $0.ready },
        Route(.get, "/version") { $0.version },
        Route(.get, "/metrics") { await $0.metrics() },
        Route(.get, "/openapi.json") { exchange in
            HTTPReply(.ok, type: HTTPReply.json, body: exchange.connection.service.openAPI)
        },
    ]
}

extension Exchange {
    /// A server that recovers listens and accepts nobody yet, so whoever gets an answer may ask.
    fileprivate var ready: HTTPReply {
        let census = connection.service.coordinator.setting.census
        let isDraining = census.isDraining.load(ordering: .relaxed) || connection.client.isStopping
        let reply = HTTPReply(isDraining ? .unavailable : .ok) { writer in
            writer.beginObject()
            writer.member("ready", !isDraining)
            writer.key("checks")
            writer.beginObject()
            writer.member("recovered", true)
            writer.member("accepting", !isDraining)
            writer.endObject()
            writer.endObject()
        }
        return isDraining ? reply.with("Retry-After", "1") : reply
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
