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
        /// Where the owners of tickets that are read back come from: the authority's own.
        package var owners: OwnerDirectory
        /// Rule 18: fences of every slot start above this.
        package var firstFence: Fence
        /// One supply of randomness per loop.
        package var random: @Sendable () -> RandomBuffer
        package var checksInvariants = false
        /// Who is told what somebody may have to answer for.
        package var witness: (any Witness)?
        /// A deliberate bug, for tests of tests.
        package var mutation: Mutation?
        package var onJournalFailure: @Sendable (JournalError) -> Void = { _ in }

        package init(
            node: String,
            limits: Limits,
            retain: Interval,
            loops: [any Loop],
            journal: any Journal,
            authority: any Authority,
            owners: OwnerDirectory,
            firstFence: Fence,
            random: @escaping @Sendable () -> RandomBuffer
        ) {
            self.node = node
            self.limits = limits
            self.retain = retain
            self.loops = loops
            self.journal = journal
            self.authority = authority
            self.owners = owners
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
                undurableMax: foundation.limits.undurableRecords,
                keepsRecords: foundation.journal.keepsRecords,
                draft: foundation.journal.draft,
                checksInvariants: foundation.checksInvariants,
                mutation: foundation.mutation
            )
        }
        var bounds = LockState.Bounds(foundation.limits, retain: foundation.retain)
        bounds.mutation = foundation.mutation
        let setting = Setting(
            node: foundation.node,
            homes: homes,
            limits: foundation.limits,
            bounds: bounds,
            authority: foundation.authority,
            owners: foundation.owners,
            postOffice: PostOffice(rosters: rosters),
            checksInvariants: foundation.checksInvariants,
            witness: foundation.witness,
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

    /// Reads back what the journal kept, and lets it begin again: from then on the server is ready.
    ///
    /// Gives the number of live tickets. Comes before anything else is asked of the shards.
    package func recover() async throws(JournalError) -> Int {
        let failure = await withTaskGroup(of: JournalError?.self) { group in
            for shard in map.shards {
                group.addTask(executorPreference: shard.home.loop) {
                    do throws(JournalError) {
                        try await shard.recover()
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
        if let failure { throw failure }
        var count = 0
        for shard in map.shards { count += await shard.restart() }
        for shard in map.shards {
            await shard.endTicketsOfEndedSessions { await map[$0.slot].has($0) }
        }
        return count
    }
}

extension LockState.Bounds {
    fileprivate init(_ limits: Limits, retain: Interval) {
        self.init()
        self.retain = retain
        retained = limits.retained
        history = limits.history
        queue = limits.queue
        claims = limits.claims
    }
}
