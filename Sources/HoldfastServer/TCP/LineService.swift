// The line protocol, and HTTP beside it, over whatever streams they are given: a listener a loop, one root group with a
// child for each. The server gives it sockets, tests and the simulator pipes. HTTP is spoken from the start, while what
// was stored is still read back: somebody must be able to say that the process lives and is not ready. The line
// protocol has no such words, so its clients are not let in before.

package import HoldfastCoordinator
package import HoldfastModel

/// Serves the line protocol, and HTTP where it is given, on every loop of a coordinator.
package final class LineService: Sendable {
    let listeners: [Listener]
    let registry: Registry
    private let http: HTTPService?

    /// `sockets` has a list for each loop, and so has `httpSockets`, at which `http` answers.
    package init(
        coordinator: Coordinator,
        sockets: [[any StreamListener]],
        http: HTTPService? = nil,
        httpSockets: [[any StreamListener]] = [],
        drainTimeout: Interval
    ) {
        registry = coordinator.registry
        self.http = http
        listeners = sockets.enumerated().map { index, sockets in
            Listener(
                index: index,
                coordinator: coordinator,
                sockets: sockets,
                http: http,
                httpSockets: index < httpSockets.count ? httpSockets[index] : [],
                drainTimeout: drainTimeout
            )
        }
    }

    /// Serves until `stop`, or until the task is cancelled, which is the same: returns when every
    /// connection was told goodbye or the drain timeout is over.
    ///
    /// `recover` reads back what was stored; where that gives false nobody is served. Whoever asks after `ready` was
    /// called finds the server ready.
    package func run(after recover: () async -> Bool, ready: () -> Void = {}) async {
        let isAskedEarly = listeners.contains(where: \.speaksHTTP)
        // Without HTTP nobody can be answered before that.
        if !isAskedEarly {
            guard await recover() else { return }
        }
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { keepers in
                await withDiscardingTaskGroup { connections in
                    for listener in listeners where listener.speaksHTTP {
                        keepers.addTask(executorPreference: listener.loop) {
                            await listener.keepConnections()
                        }
                        connections.addTask(executorPreference: listener.loop) {
                            await listener.serveHTTP()
                        }
                    }
                    if isAskedEarly {
                        guard await recover() else { return stop(.journalFailed) }
                    }
                    for listener in listeners {
                        keepers.addTask(executorPreference: listener.loop) {
                            await listener.keepShard()
                        }
                    }
                    http?.noteReady()
                    for listener in listeners {
                        connections.addTask(executorPreference: listener.loop) {
                            await listener.serve()
                        }
                    }
                    ready()
                }
                // Only now: until the last connection of any loop has ended every shard answers.
                keepers.cancelAll()
            }
        } onCancel: {
            stop()
        }
    }

    /// Any thread; again does nothing.
    package func stop(_ reason: StopReason = .asked) {
        for listener in listeners {
            listener.loop.post { listener.assumeIsolated { $0.stop(reason) } }
        }
    }
}

/// Why a service stops, and what clients are told of it.
package enum StopReason: Hashable, Sendable {
    case asked
    /// The journal failed: nothing can be granted any more (rule 28).
    case journalFailed

    var goodbye: Goodbye {
        switch self {
        case .asked: .draining
        case .journalFailed: .unavailable
        }
    }

    /// What waits are answered.
    var refusal: Refusal {
        switch self {
        case .asked:
            Refusal(.draining, "the server is stopping; ask again with the same key")
        case .journalFailed:
            Refusal(
                .unavailable,
                "the server cannot store what it decides; ask again with the same key"
            )
        }
    }
}
