// A shard is a loop's share of the resources: the actor that finds the resource a request is about,
// asks who may, and lets the resource decide. It owns the tables; what its resources write to
// stands on the desk. Its body is three children on the loop: letters from other loops, the expiry
// clock, the journal's scribe.

import HoldfastCore
import HoldfastJournal
package import HoldfastModel
import Synchronization

/// The resources and sessions of one event loop.
package actor Shard: LoopActor {
    package nonisolated let home: ShardHome
    /// The home's, one step nearer: every request comes here several times.
    nonisolated let desk: LoopBound<Desk>
    nonisolated let setting: Setting
    /// Nil also where it does not look at what shards decide.
    nonisolated let witness: (any Witness)?
    nonisolated let hasWitness: Bool
    nonisolated let slots: [Slot]
    nonisolated let loopIndex: LoopIndex
    nonisolated let postOffice: PostOffice
    let journal: any Journal
    nonisolated let journalBell: Bell
    nonisolated let randomness: LoopBound<RandomBuffer>

    #if DEBUG
    var table: ResourceTable
    #else
    // As the state of a resource is: only what runs on this actor reaches it.
    @exclusivity(unchecked)
    private var uncheckedTable: ResourceTable
    var table: ResourceTable {
        @inline(__always) _read { yield unsafe uncheckedTable }
        @inline(__always) _modify { yield unsafe &uncheckedTable }
    }
    #endif
    var sessions: [SessionID: Session] = [:]
    var sessionByHandle: [Session?] = []
    var freeSessionHandles: [UInt32] = []
    /// Rule 26's price: how many entries the last batch had, and how long it took to last.
    private var lastAppend = (count: 0, took: Interval.zero)
    /// Of the journal's wishes for images, the latest and the one that was last met.
    private var snapshotWish: UInt64 = 0
    private var snapshotDone: UInt64 = 0
    var round = RestingRound()
    /// Of the requests under way: read once per batch.
    var reading: ClockReading

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe home.executor }
    package nonisolated var loop: any Loop { home.loop }

    init(
        home: ShardHome,
        slots: [Slot],
        setting: Setting,
        journal: any Journal,
        random: RandomBuffer
    ) {
        self.home = home
        desk = home.desk
        self.setting = setting
        witness = setting.witness.flatMap { $0.sees ? $0 : nil }
        hasWitness = witness != nil
        self.slots = slots
        loopIndex = home.loop.index
        postOffice = setting.postOffice
        self.journal = journal
        journalBell = Bell(on: home.loop)
        randomness = LoopBound(random, on: home.loop)
        reading = home.loop.reading
        #if DEBUG
        table = ResourceTable(home: home, bounds: setting.bounds)
        #else
        unsafe uncheckedTable = ResourceTable(home: home, bounds: setting.bounds)
        #endif
    }

    /// The shard's life, until its task is cancelled.
    ///
    /// Runs on its loop.
    package func run() async {
        let loop = home.loop
        await withDiscardingTaskGroup { group in
            group.addTask(executorPreference: loop) { await self.readLetters() }
            group.addTask(executorPreference: loop) { await self.watchClock() }
            group.addTask(executorPreference: loop) { await self.keepJournal() }
        }
    }

    private func readLetters() async {
        while let letters = await home.mailbox.next() {
            for letter in letters { await open(letter) }
        }
    }

    private func open(_ letter: Mailbox.Letter) async {
        switch letter {
        case .requests(let requests):
            await perform(requests)
        case .plain(let letter):
            await perform(letter)
        case .untold(let receipt):
            takeBack(receipt)
        case .connectionEnded(let connection, let ends):
            end(ends, of: connection)
        case .sessionEnded(let session):
            endTickets(of: session)
        case .sessionResumed(let session, let connection):
            resumeTickets(of: session, on: connection)
        case .snapshots(let number):
            guard number > snapshotWish else { return }
            snapshotWish = number
            journalBell.ring()
        case .done(let continuation):
            continuation.resume()
        }
    }

    /// Hands closed batches to the journal, one after another; what is decided meanwhile waits for
    /// the next.
    private func keepJournal() async {
        while await journalBell.rings() {
            do throws(JournalError) {
                try await keepBatches()
            } catch {
                desk.value.fail(error)
                setting.onJournalFailure(error)
            }
        }
    }

    private func keepBatches() async throws(JournalError) {
        repeat {
            await gather()
            while let batch = desk.value.closeBatch(for: loop.index) {
                try await append(batch)
                await gather()
            }
            if snapshotWish > snapshotDone {
                snapshotDone = snapshotWish
                try await snapshotSlots()
            }
        } while desk.value.hasOpenBatch || snapshotWish > snapshotDone
    }

    func append(_ batch: Batch) async throws(JournalError) {
        let begun = loop.reading.now
        let wish = try await journal.append(batch)
        lastAppend = (batch.entryCount, loop.reading.now - begun)
        desk.value.metrics.noteAppend(of: batch.entryCount, took: lastAppend.took)
        for session in desk.value.accepted(batch.number) { setting.sessionEnded(session) }
        if case .snapshots(let number) = wish { setting.wishForSnapshots(number) }
    }

    /// Many clients that one batch answered come back one after another.
    ///
    /// A batch of the first few of them would let all the others wait for a whole sync: so the loop goes on turning,
    /// for a part of what a sync takes, until about as many are there again.
    private func gather() async {
        guard lastAppend.count >= Shard.crowdedBatch else { return }
        let deadline = loop.reading.now + Interval(nanoseconds: lastAppend.took.nanoseconds / 4)
        var turnsLeft = Shard.gatheringTurnsMax
        while desk.value.hasOpenBatch, desk.value.openCount * 2 < lastAppend.count,
            loop.reading.now < deadline, turnsLeft > 0
        {
            turnsLeft -= 1
            await loop.letOthersRun()
        }
    }

    /// Below so many entries nobody waits for others.
    private static let crowdedBatch = 16
    private static let gatheringTurnsMax = 64

    /// Called by the loop at the end of every turn: closes the batch, tells what may be told.
    package nonisolated func endTurn() {
        if desk.value.hasOpenBatch { journalBell.ring() }
        openGates()
        while !desk.value.outgoing.isEmpty {
            var released = desk.value.takeReleased()
            guard !released.isEmpty else { return }
            postOffice.deliver(&released, from: loopIndex)
            desk.value.reuse(released)
        }
    }
}

// MARK: - Gates

extension Shard {
    /// The client has lines that leave when this batch is durable.
    ///
    /// On its loop, which is the client's.
    package nonisolated func add(_ client: ConnectionID, behind batch: UInt64) {
        desk.value.add(client, behind: batch)
    }

    private nonisolated func openGates() {
        guard desk.value.gatedCount > 0 else { return }
        let refusal = desk.value.failure?.refusal
        while let (id, batch) = desk.value.takeGated() {
            guard let client = postOffice.client(id) else { continue }
            client.openGates(upTo: batch)
            if let refusal { client.shutGates(refusal) }
        }
    }
}

// MARK: - Time

extension Shard {
    /// Rule 11: at most this many endings a turn, then others are served.
    private static let endingsPerTurn = 1_000

    private func watchClock() async {
        while await home.alarm.rings() { await endWhatIsDue() }
    }

    private func endWhatIsDue() async {
        reading = loop.reading
        // Rule 11: a loop that woke late gives what waited in sockets time to be read first.
        guard reading.now >= loop.heldUpUntil else {
            return desk.value.clock.rearm(notBefore: loop.heldUpUntil)
        }
        var count = 0
        while count < Shard.endingsPerTurn,
            let handle = desk.value.clock.takeDueResource(at: reading.now)
        {
            guard let resource = table.resource(handle: handle) else { continue }
            step(resource, .timePassed(limit: Shard.endingsPerTurn - count))
            count += 1
        }
        await endDueSessions()
        await goRound()
        desk.value.clock.rearm(notBefore: reading.now)
    }

    /// One event of one resource, which is forgotten when nothing is left to remember.
    func step(_ resource: Resource, _ event: consuming Event) {
        if resource.stepOnSameLoop(event, at: reading) || isSpared(resource) {
            forget(resource)
        } else {
            beginRound()
        }
        dropOldHistory()
    }

    func dropOldHistory() {
        while let handle = desk.value.history.takeOldest() {
            table.resource(handle: handle)?.onSameLoop(()) { resource, _ in
                resource.dropHistory()
            }
        }
    }

    /// While memory is short a resource whose last ticket has ended is forgotten at once, and not after a while.
    @inline(__always)
    private func isSpared(_ resource: Resource) -> Bool {
        isShortOfMemory && resource.onSameLoop(()) { $0.forgetFinished($1) }
    }

    private func takeBack(_ receipt: Receipt) {
        receipt.resource.onSameLoop((receipt, loop.reading)) { $0.takeBack($1.0, at: $1.1) }
    }

    /// A late event may step a resource that was forgotten before: only what stands in the table is taken out of it.
    func forget(_ resource: Resource) {
        guard table.resource(handle: resource.handle) === resource else { return }
        resource.onSameLoop(()) { resource, _ in resource.dropHistory() }
        desk.value.clock.disarm(resource.handle)
        desk.value.fileForgotten(resource)
        table.remove(resource)
        setting.census.resources.wrappingSubtract(1, ordering: .relaxed)
    }
}
