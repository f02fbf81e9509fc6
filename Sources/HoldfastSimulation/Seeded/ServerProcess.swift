// A server in a seeded world: the coordinator and the line protocol over loops, a network and a journal of that
// world. It can be killed at any instant; what it leaves is the journal's.

package import HoldfastCoordinator
package import HoldfastJournal
package import HoldfastModel
import HoldfastServer

/// Where a server keeps what it decides.
package enum ServerStore: Sendable {
    /// In a journal that outlives it.
    case journal(any Journal)
    /// In the product's own journal, on the disk of this machine.
    case files(SimulatedPlatter, FileJournalSettings)
}

/// One life of the server.
package final class ServerProcess: @unchecked Sendable {
    package let coordinator: Coordinator
    package let loops: [VirtualLoop]
    package let listeners: [LinkListener]
    private let service: LineService
    private let leash: JournalLeash
    private let files: VirtualJournalThread?
    private let failure = Locked<JournalError?>(nil)
    private let body: VirtualServer.Body
    private let world: SeededWorld

    package init(
        in world: SeededWorld,
        loopCount: Int,
        limits: Limits,
        retain: Interval,
        store: ServerStore,
        mutation: Mutation? = nil
    ) {
        self.world = world
        loops = (0..<loopCount).map { world.makeLoop($0) }
        switch store {
        case .journal(let journal):
            files = nil
            leash = JournalLeash(journal)
        case .files(let platter, let settings):
            let files = VirtualJournalThread(
                on: world.makeLoop(loopCount),
                platter,
                settings,
                instance: world.random.next()
            )
            self.files = files
            leash = JournalLeash(files.journal)
        }
        let owners = OwnerDirectory()
        let service = Locked(ServiceHint())
        var foundation = Coordinator.Foundation(
            node: "simulated",
            limits: limits,
            retain: retain,
            loops: loops,
            journal: leash,
            authority: OpenAuthority(owners: owners),
            owners: owners,
            firstFence: Fence(number: UInt64(world.clock.reading.wall.microseconds)),
            random: VirtualServer.randomness(seed: world.random.next())
        )
        // The invariants of the core would end the process where they are broken on purpose.
        foundation.checksInvariants = mutation == nil
        foundation.mutation = mutation
        let onFailure: @Sendable (JournalError) -> Void = { [failure] error in
            failure.withLock { $0 = $0 ?? error }
            service.withLock { $0.service }?.stop(.journalFailed)
        }
        foundation.onJournalFailure = onFailure
        coordinator = Coordinator(on: foundation)
        listeners = loops.map { LinkListener(on: $0) }
        self.service = LineService(
            coordinator: coordinator,
            sockets: listeners.map { [$0] },
            drainTimeout: .seconds(2)
        )
        service.withLock { [service = self.service] in $0.service = service }
        body = VirtualServer.Body(
            coordinator,
            self.service,
            on: loops[0],
            files: files,
            onJournalFailure: onFailure
        )
    }

    /// All that stands still when the process does.
    package var threads: [VirtualLoop] { loops + (files.map { [$0.loop] } ?? []) }

    /// Rule 28: it grants nothing any more, and ends by itself.
    package var journalFailure: JournalError? { failure.withLock { $0 } }

    package var start: VirtualServer.Recovery { body.start }

    /// It stopped by itself, or because it was asked.
    package var isOver: Bool { body.isOver }

    /// As SIGTERM does.
    package func stop() { service.stop() }

    /// As SIGKILL does.
    package func kill() {
        leash.cut()
        for listener in listeners { listener.vanish() }
        body.cancel()
        world.remove(threads)
    }

    /// What every shard keeps.
    package func leftovers() -> [Leftovers] {
        VirtualServer.leftovers(of: coordinator) { _ = world.settle() }
    }
}
