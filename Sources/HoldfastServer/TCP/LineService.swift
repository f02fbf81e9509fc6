// The line protocol, and HTTP beside it, over whatever streams they are given: a listener a loop, one root group with a
// child for each. The server gives it sockets, tests and the simulator pipes.

package import HoldfastCoordinator
package import HoldfastModel

/// Serves the line protocol, and HTTP where it is given, on every loop of a coordinator.
package final class LineService: Sendable {
    let listeners: [Listener]
    let registry: Registry

    /// `sockets` has a list for each loop, and so has `httpSockets`, at which `http` answers.
    package init(
        coordinator: Coordinator,
        sockets: [[any StreamListener]],
        http: HTTPService? = nil,
        httpSockets: [[any StreamListener]] = [],
        drainTimeout: Interval
    ) {
        registry = coordinator.registry
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
    package func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { shards in
                for listener in listeners {
                    shards.addTask(executorPreference: listener.loop) { await listener.keepShard() }
                }
                await withDiscardingTaskGroup { connections in
                    for listener in listeners {
                        connections.addTask(executorPreference: listener.loop) {
                            await listener.serve()
                        }
                    }
                }
                // Only now: until the last connection of any loop has ended every shard answers.
                shards.cancelAll()
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
