// After a million locks were released the allocator keeps their pages. This gives them back once
// the crowd has left: not while it is busy, because asking the allocator walks all it has.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSystem
import Synchronization

/// Decides when it pays to give memory back: when most of a crowd has left and nobody new came for
/// a while.
struct MemoryKeeper {
    private var peak = 0
    private var last = 0
    /// What was still on its way when the crowd had left is given back at the next looks.
    private var looksOwed = 0
    private static let looksAfterCrowd = 10

    /// Below this many things a crowd is none.
    static let crowdMin = 10_000

    /// Looked at every few seconds with the number of things that are there.
    mutating func shouldGiveBack(count: Int) -> Bool {
        defer { last = count }
        peak = max(peak, count)
        if looksOwed > 0, count == last {
            looksOwed -= 1
            return true
        }
        guard peak >= MemoryKeeper.crowdMin, count * 2 <= peak, count == last else { return false }
        peak = count
        looksOwed = MemoryKeeper.looksAfterCrowd
        return true
    }
}

extension Coordinator {
    /// Everything that is there and takes memory.
    private var crowd: Int {
        get async {
            let census = setting.census
            var count =
                census.resources.load(ordering: .relaxed)
                + census.connections.load(ordering: .relaxed)
                + census.sessions.load(ordering: .relaxed)
            for shard in map.shards { count += await shard.crowd() }
            return count
        }
    }

    /// Looks after the memory of the process until the task is cancelled.
    ///
    /// On the loop.
    func keepMemory(on loop: any Loop) async {
        var keeper = MemoryKeeper()
        let alarm = loop.makeAlarm()
        repeat {
            if keeper.shouldGiveBack(count: await crowd) {
                setting.forgetOwners()
                ProcessMemory.giveBack()
            }
            alarm.set(for: loop.reading.now + .seconds(2))
        } while await alarm.rings()
    }
}
