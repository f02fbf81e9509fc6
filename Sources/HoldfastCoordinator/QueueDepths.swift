// How long the longest queue of a loop is, at any moment: how many resources have a queue of each length, kept as
// queues grow and shrink. Rejected: a walk over all resources at every scrape, which costs most where most is going on.

/// Resources by the length of their queue; those without one are not counted.
struct QueueDepths: Hashable, Sendable {
    /// At index n those with a queue of n.
    private var resourceCounts: [Int] = []
    private(set) var deepest = 0

    mutating func change(from before: Int, to after: Int) {
        if after > 0 {
            while resourceCounts.count <= after { resourceCounts.append(0) }
            resourceCounts[after] += 1
            deepest = max(deepest, after)
        }
        guard before > 0 else { return }
        resourceCounts[before] -= 1
        // Each step down was paid for by a ticket that stood here.
        while deepest > 0, resourceCounts[deepest] == 0 { deepest -= 1 }
        // The memory of a crowd leaves after it.
        if deepest == 0, resourceCounts.count > QueueDepths.keptMax { resourceCounts = [] }
    }

    private static let keptMax = 1_024
}
