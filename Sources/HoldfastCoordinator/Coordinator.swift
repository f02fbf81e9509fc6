// The coordinator puts the actors together over given loops, a journal and an authority. It knows
// neither sockets nor files: the server assembles it over kernel loops, tests and the simulator
// over seeded ones.

import HoldfastCore
package import HoldfastJournal
package import HoldfastModel

/// All shards of this process, and the way to them.
package final class Coordinator: Sendable {
    package let map: ShardMap
    package let rosters: [Roster]
    package let registry: Registry
    package let setting: Setting

    /// What a coordinator stands on.
    package struct Foundation: Sendable {
        package var node: String
        package var limits: Limits
        package var retain: Interval
        package var loops: [any Loop]
        package var journal: any Journal
        package var authority: any Authority
        /// Rule 18: fences of every slot start above this.
        package var firstFence: Fence
        /// One supply of randomness per loop.
        package var random: @Sendable () -> RandomBuffer
        package var checksInvariants = false
        package var onJournalFailure: @Sendable (JournalError) -> Void = { _ in }

        package init(
            node: String,
            limits: Limits,
            retain: Interval,
            loops: [any Loop],
            journal: any Journal,
            authority: any Authority,
            firstFence: Fence,
            random: @escaping @Sendable () -> RandomBuffer
        ) {
            self.node = node
            self.limits = limits
            self.retain = retain
            self.loops = loops
            self.journal = journal
            self.authority = authority
            self.firstFence = firstFence
            self.random = random
        }
    }

    package init(on foundation: Foundation) {
        let rosters = foundation.loops.map(Roster.init)
        let homes = foundation.loops.map {
            ShardHome(
                loop: $0,
                firstFence: foundation.firstFence,
                historyMax: foundation.limits.historyTotal / foundation.loops.count,
                checksInvariants: foundation.checksInvariants
            )
        }
        let setting = Setting(
            node: foundation.node,
            homes: homes,
            limits: foundation.limits,
            bounds: LockState.Bounds(foundation.limits, retain: foundation.retain),
            authority: foundation.authority,
            postOffice: PostOffice(rosters: rosters),
            checksInvariants: foundation.checksInvariants,
            onJournalFailure: foundation.onJournalFailure
        )
        let shards = homes.enumerated().map { index, home in
            Shard(
                home: home,
                slots: (0..<Slot.count).filter { $0 % homes.count == index }
                    .map { Slot(number: UInt8($0)) },
                setting: setting,
                journal: foundation.journal,
                random: foundation.random()
            )
        }
        self.rosters = rosters
        self.setting = setting
        map = ShardMap(shards: shards)
        registry = Registry(map: map, setting: setting)
        for shard in shards { shard.home.loop.atEndOfTurn { shard.endTurn() } }
    }
}

extension LockState.Bounds {
    fileprivate init(_ limits: Limits, retain: Interval) {
        self.init()
        self.retain = retain
        retained = limits.retained
        history = limits.history
        queue = limits.queue
    }
}
