// What the shards of a server in memory still keep, read on their loops.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSimulation
import Synchronization

extension MemoryHouse {
    /// By loop.
    var leftovers: [Leftovers] {
        world.run()
        let found = Found()
        for shard in server.coordinator.map.shards {
            shard.loop.post { found.add(shard.assumeIsolated { $0.leftovers }) }
        }
        world.run()
        return found.all
    }

    /// Nothing is left of anybody who ever came.
    static let nothing = [Leftovers](repeating: Leftovers(), count: loopCount)
}

private final class Found: Sendable {
    private let found = Mutex<[Leftovers]>([])

    var all: [Leftovers] { found.withLock { $0 } }

    func add(_ leftovers: Leftovers) { found.withLock { $0.append(leftovers) } }
}
