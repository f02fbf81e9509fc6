// What all shards of a coordinator share: bounds, who may, the way to clients, and the few counts
// that a limit needs over all loops.

package import HoldfastCore
package import HoldfastJournal
package import HoldfastModel
package import Synchronization

/// Shared by the shards of one coordinator.
package final class Setting: Sendable {
    package let node: String
    package let limits: Limits
    package let bounds: LockState.Bounds
    package let authority: any Authority
    let owners: OwnerDirectory
    package let postOffice: PostOffice
    let homes: [ShardHome]
    package let census = Census()
    package let checksInvariants: Bool
    package let witness: (any Witness)?
    /// The server stops: nothing can be granted any more (rule 28).
    package let onJournalFailure: @Sendable (JournalError) -> Void

    init(
        node: String,
        homes: [ShardHome],
        limits: Limits,
        bounds: LockState.Bounds,
        authority: any Authority,
        owners: OwnerDirectory,
        postOffice: PostOffice,
        checksInvariants: Bool,
        witness: (any Witness)?,
        onJournalFailure: @escaping @Sendable (JournalError) -> Void
    ) {
        self.node = node
        self.homes = homes
        self.limits = limits
        self.bounds = bounds
        self.authority = authority
        self.owners = owners
        self.postOffice = postOffice
        self.checksInvariants = checksInvariants
        self.witness = witness
        self.onJournalFailure = onJournalFailure
    }

    /// Forgets the names of whom nobody needs any more.
    package func forgetOwners() { owners.sweep() }

    /// Tells every shard to give images of its slots.
    func wishForSnapshots(_ number: UInt64) {
        for home in homes { home.mailbox.post(.snapshots(number)) }
    }

    /// Tells every shard to end the tickets of a session.
    func sessionEnded(_ session: SessionID) {
        for home in homes { home.mailbox.post(.sessionEnded(session)) }
    }
}

/// Counts over all loops that a limit or a question needs at once.
package final class Census: Sendable {
    package let resources = Atomic<Int>(0)
    package let sessions = Atomic<Int>(0)
    package let connections = Atomic<Int>(0)
    package let addresses = AddressCensus()
    package let isDraining = Atomic<Bool>(false)
    /// A `MemoryLevel`.
    let memory = Atomic<UInt8>(MemoryLevel.enough.rawValue)
    /// What whoever drains the server wants people to know.
    package let drainReason = Locked<String?>(nil)
}

/// The way from a shard to the clients of every loop.
package final class PostOffice: Sendable {
    private let rosters: [Roster]

    package init(rosters: [Roster]) { self.rosters = rosters }

    /// Gives out what a turn decided: to clients of the same loop at once, to others one bundle a
    /// loop.
    ///
    /// Each is taken out and moved to its client, so that none is copied; the array stays, empty.
    func deliver(_ all: inout [Outgoing], from loop: LoopIndex) {
        var bundles: [[Outgoing]] = []
        // What was asked in one read is answered in one go: the client is looked up once.
        var client: (id: ConnectionID, client: (any ClientConnection)?) = (.none, nil)
        for index in all.indices {
            var outgoing = Outgoing.nothing
            swap(&outgoing, &all[index])
            let id = outgoing.client
            if outgoing.isNotice, let loops = outgoing.watchingLoops {
                _ = outgoing.deliverNotice(to: rosters[Int(loop.number)])
                for other in loops where other != loop { add(outgoing, for: other, to: &bundles) }
            } else if id.loop == loop {
                if client.id != id { client = (id, rosters[Int(loop.number)].client(id)) }
                outgoing.deliver(to: client.client)
            } else {
                add(outgoing, for: id.loop, to: &bundles)
            }
        }
        all.removeAll(keepingCapacity: true)
        for (index, bundle) in bundles.enumerated() where !bundle.isEmpty {
            let roster = rosters[index]
            roster.loop.post {
                for outgoing in bundle where !outgoing.deliverNotice(to: roster) {
                    outgoing.deliver(to: roster.client(outgoing.client))
                }
            }
        }
    }

    private func add(
        _ outgoing: consuming Outgoing,
        for loop: LoopIndex,
        to bundles: inout [[Outgoing]]
    ) {
        if bundles.isEmpty { bundles = Array(repeating: [], count: rosters.count) }
        bundles[Int(loop.number)].append(outgoing)
    }

    /// On its loop.
    func client(_ id: ConnectionID) -> (any ClientConnection)? {
        rosters[Int(id.loop.number)].client(id)
    }

    /// Lets `body` have the client, if it is still there, on its loop.
    func post(
        to id: ConnectionID,
        _ body: @escaping @Sendable ((any ClientConnection)?) -> Void
    ) {
        let roster = rosters[Int(id.loop.number)]
        roster.loop.post { body(roster.client(id)) }
    }

    /// On that loop.
    func clientCount(on loop: LoopIndex) -> Int { rosters[Int(loop.number)].count }

    /// Closes the connection that carried a session which another took up.
    package func sayGoodbye(_ reason: Goodbye, to connection: ConnectionID) {
        let roster = rosters[Int(connection.loop.number)]
        roster.loop.post { roster.client(connection)?.takeGoodbye(reason) }
    }
}
