// What is refused while memory is short: whatever would be kept. What keeps or ends a lock is never asked about it, and
// its owner may come back for that on a new connection for as long as there is room for one.

package import HoldfastModel
import Synchronization

/// How much memory there is for what is new.
package enum MemoryLevel: UInt8, Hashable, Sendable, Comparable {
    case enough
    /// None for tickets, sessions and watches.
    case short
    /// None for connections and pages either.
    case scarce

    package static func < (one: MemoryLevel, other: MemoryLevel) -> Bool {
        one.rawValue < other.rawValue
    }
}

extension Census {
    package var memoryLevel: MemoryLevel {
        get { MemoryLevel(rawValue: memory.load(ordering: .relaxed)) ?? .enough }
        set { memory.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Stands against everything new while memory is short; nil where there is enough.
    package var refusalForMemory: Refusal? {
        memoryLevel == .enough ? nil : Census.outOfMemory
    }

    static let outOfMemory = Refusal.exceeded(
        .memory,
        "the server is short of memory: nothing new is taken until there is more"
    )
}

extension Shard {
    package nonisolated var isShortOfMemory: Bool { setting.census.memoryLevel != .enough }
}
