// What an API of another system asks about its locks: those of a part of the tree, of one owner, of one slot. A walk
// over all resources, in slices as the others, that builds and sorts nothing but what was asked for: among a million
// resources the locks of one owner are few. A table of owners and their locks was rejected: it would cost every ticket
// of everybody memory, for an API that most servers never hear.

import HoldfastCore
package import HoldfastModel

/// Which resources that somebody holds.
package struct HoldingsQuestion: Sendable {
    package var prefix: ResourcePath
    /// Only what this owner holds first.
    package var owner: Owner?
    /// Only what lies in this slot.
    package var slot: Slot?

    package init(under prefix: ResourcePath, owner: Owner? = nil, slot: Slot? = nil) {
        (self.prefix, self.owner, self.slot) = (prefix, owner, slot)
    }
}

extension ShardMap {
    /// What `shown` makes of each of them with its longest holder, in no order; it judges who may see them, too.
    ///
    /// Called on the loop of the resource.
    package func holdings<Shown: Sendable>(
        _ question: HoldingsQuestion,
        as shown: @Sendable (ResourceSummary) -> Shown?
    ) async -> [Shown] {
        var found: [Shown] = []
        for shard in question.slot.map({ [self[$0]] }) ?? shards {
            found += await shard.holdings(question, as: shown)
        }
        return found
    }
}

extension Shard {
    fileprivate func holdings<Shown: Sendable>(
        _ question: HoldingsQuestion,
        as shown: @Sendable (ResourceSummary) -> Shown?
    ) async -> [Shown] {
        var found: [Shown] = []
        await inSlices { slice in
            let held = table.summaries(slice, at: loop.reading, heldBy: question.owner) {
                question.asks(for: $0)
            }
            found += held.lazy.filter { $0.holder != nil }.compactMap(shown)
        }
        // Rule 26.
        await settle()
        return found
    }
}

extension HoldingsQuestion {
    fileprivate func asks(for path: ResourcePath) -> Bool {
        if let slot, slot != Slot(of: path) { return false }
        return path.lies(under: prefix)
    }
}
