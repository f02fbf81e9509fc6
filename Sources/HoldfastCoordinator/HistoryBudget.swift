// The history of one resource is bounded by its own rules; all of them together are bounded here. What a live or
// remembered ticket tells by itself costs nothing; counted is what resources keep of tickets they forgot.
// When there is too much, the resource whose log is oldest loses it.

import HoldfastModel

/// Counts the kept history of one loop's resources, and says whose must go.
struct HistoryBudget: Sendable {
    private let limit: Int
    private(set) var count = 0
    /// Resources in the order in which they began to keep something; some have forgotten since.
    private var keepers: [UInt32] = []
    private var firstKeeper = 0

    init(limit: Int) { self.limit = limit }

    /// The resource keeps more or less than before.
    mutating func note(_ handle: UInt32, before: Int, after: Int) {
        count += after - before
        if before == 0, after > 0 { keepers.append(handle) }
        if count == 0 {
            keepers = []
            firstKeeper = 0
        }
    }

    /// Whose history must go; nil while there is room.
    mutating func takeOldest() -> UInt32? {
        guard count > limit, firstKeeper < keepers.count else { return nil }
        defer {
            firstKeeper += 1
            if firstKeeper * 2 > keepers.count {
                keepers.removeFirst(firstKeeper)
                firstKeeper = 0
            }
        }
        return keepers[firstKeeper]
    }
}
