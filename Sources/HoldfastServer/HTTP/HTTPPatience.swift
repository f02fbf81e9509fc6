// Slow senders and idle connections (HTTP §4): once a second the clients of a loop are looked at, and whoever is past
// its deadline is told. One timer a loop instead of one a connection: ten thousand idle clients cost nothing in
// between.

import HoldfastCoordinator
import HoldfastModel

/// The deadlines of the HTTP clients of one loop.
final class HTTPPatience: Sendable {
    private let loop: any Loop
    private let clients: LoopBound<[ConnectionID: HTTPClient]>

    init(loop: any Loop) {
        self.loop = loop
        clients = LoopBound([:], on: loop)
    }

    func add(_ client: HTTPClient) { clients.value[client.id] = client }

    func forget(_ client: HTTPClient) {
        clients.value[client.id] = nil
        // Ten thousand connections that left must not keep their table.
        if clients.value.isEmpty { clients.value = [:] }
    }

    /// Those who wait for the start of the server.
    func rouse() {
        for client in clients.value.values.sorted(by: { $0.id.bits < $1.id.bits }) {
            client.rouseFromStart()
        }
    }

    /// Looks until the task is cancelled.
    func watch() async {
        let alarm = loop.makeAlarm()
        repeat {
            let now = loop.reading.now
            let late = clients.value.values.filter { $0.state.value.deadline <= now }
            for client in late.sorted(by: { $0.id.bits < $1.id.bits }) {
                client.closeIfLate(at: now)
            }
            alarm.set(for: now + .seconds(1))
        } while await alarm.rings()
    }
}
