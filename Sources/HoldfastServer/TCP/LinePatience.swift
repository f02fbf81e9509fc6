// Where names must be proved, whoever connects has a moment to do it: until then it is nobody, and its connection
// takes a place that somebody could have. A line that drips in byte by byte gains no time by that. Once a second the
// loop looks at those who have not said who they are; everybody else costs nothing here.

import HoldfastCoordinator
import HoldfastModel

/// The strangers among the clients of one loop.
final class LinePatience: Sendable {
    private let loop: any Loop
    private let strangers: LoopBound<[ConnectionID: Stranger]>
    /// Whether the name of a certificate proves who somebody is.
    private let isProof: @Sendable (String) -> Bool

    private struct Stranger {
        var client: LineClient
        var deadline: Instant
    }

    /// From the end of the handshake to a `hello` that is answered with yes.
    static let length = Interval.seconds(10)
    /// How often somebody may ask for something else, or be refused, before it.
    static let refusalsMax = 16

    init(loop: any Loop, isProof: @escaping @Sendable (String) -> Bool = { _ in false }) {
        self.loop = loop
        self.isProof = isProof
        strangers = LoopBound([:], on: loop)
    }

    func begin(_ client: LineClient) {
        let deadline = loop.reading.now + LinePatience.length
        strangers.value[client.id] = Stranger(client: client, deadline: deadline)
    }

    func end(_ id: ConnectionID) {
        guard !strangers.value.isEmpty else { return }
        strangers.value[id] = nil
        // A crowd that left must not keep its table.
        if strangers.value.isEmpty { strangers.value = [:] }
    }

    /// Looks until the task is cancelled.
    func watch() async {
        let alarm = loop.makeAlarm()
        repeat {
            let now = loop.reading.now
            let late = strangers.value.values.filter { $0.deadline <= now }
            for stranger in late.sorted(by: { $0.client.id.bits < $1.client.id.bits }) {
                guard stranger.client.stream.isEstablished else {
                    // The handshake has a patience of its own.
                    begin(stranger.client)
                    continue
                }
                end(stranger.client.id)
                // It may take its time for its first line.
                if let name = stranger.client.stream.peerName, isProof(name) { continue }
                stranger.client.takeGoodbye(.unauthenticated)
            }
            alarm.set(for: now + .seconds(1))
        } while await alarm.rings()
    }
}
