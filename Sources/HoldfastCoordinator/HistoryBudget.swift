// The history of one resource is bounded by its own rules; all of them together are bounded here. What a live or
// remembered ticket tells by itself costs nothing; counted is what resources keep of tickets they forgot.
// When there is too much, the resource whose log is oldest loses it.

import HoldfastModel

/// Counts the kept history of one loop's resources, and says whose must go.
struct HistoryBudget: Sendable {
    private let limit: Int
    private(set) var count = 0
    /// Resources in the order in which they began to keep something; some have forgotten since.
    private var keepers: [Keeper] = []
    private var firstKeeper = 0
    /// Which of its places there is that of a resource that keeps something now.
    private var current: [UInt32: UInt64] = [:]
    private var lastNumber: UInt64 = 0

    private struct Keeper {
        var handle: UInt32
        var number: UInt64
    }

    private static let staleMax = 1_024

    init(limit: Int) { self.limit = limit }

    /// Places in the order, for whoever looks that it stays bounded.
    var placeCount: Int { keepers.count }

    /// The resource keeps more or less than before.
    mutating func note(_ handle: UInt32, before: Int, after: Int) {
        count += after - before
        if before == 0, after > 0 { begin(handle) }
        if before > 0, after == 0 { current[handle] = nil }
        if count == 0 {
            keepers = []
            firstKeeper = 0
            current = [:]
        }
    }

    private mutating func begin(_ handle: UInt32) {
        lastNumber += 1
        current[handle] = lastNumber
        keepers.append(Keeper(handle: handle, number: lastNumber))
        // Resources come and go for years while some other always keeps something.
        guard keepers.count > 2 * current.count + HistoryBudget.staleMax else { return }
        keepers.removeAll { current[$0.handle] != $0.number }
        firstKeeper = 0
    }

    /// Takes out the one whose history must go; nil while there is room.
    mutating func takeOldest() -> UInt32? {
        guard count > limit else { return nil }
        while firstKeeper < keepers.count {
            let keeper = keepers[firstKeeper]
            firstKeeper += 1
            if current[keeper.handle] == keeper.number { return keeper.handle }
        }
        return nil
    }
}
