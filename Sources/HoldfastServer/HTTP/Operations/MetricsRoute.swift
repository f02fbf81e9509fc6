// `GET /metrics`: what Prometheus scrapes (HTTP §3). Whoever asks may read everything, or the operator opened it.

import HoldfastCoordinator
import HoldfastCore
import HoldfastHTTPCodec
import HoldfastModel

extension Exchange {
    func metrics() async -> HTTPReply {
        do throws(Refusal) {
            try checkMayReadAll()
        } catch {
            return Problem.reply(error)
        }
        let service = connection.service
        let text = MetricsText(
            await service.coordinator.registry.measures(),
            http: await service.figures(),
            memory: service.memory()
        )
        return HTTPReply(
            .ok,
            type: "text/plain; version=0.0.4; charset=utf-8",
            body: Array(text.text.utf8)
        )
    }

    /// The counts concern every resource there is.
    private func checkMayReadAll() throws(Refusal) {
        guard !connection.service.setting.areMetricsOpen else { return }
        let principal = try principal()
        let authority = connection.service.coordinator.setting.authority
        guard authority.rightsOnEverything(of: principal).contains(.read) else {
            throw .missing(.read)
        }
    }
}
