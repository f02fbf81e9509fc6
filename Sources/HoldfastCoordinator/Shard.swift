// A shard is a loop's share of the resources: the actor that finds the resource a request is about,
// asks who may, and lets the resource decide. It owns the tables; what its resources write to
// stands on the desk. Its body is three children on the loop: letters from other loops, the expiry
// clock, the journal's scribe.

import HoldfastCore
import HoldfastJournal
package import HoldfastModel
import Synchronization

/// The resources and sessions of one event loop.
package actor Shard {
    package nonisolated let home: ShardHome
    nonisolated let setting: Setting
    nonisolated let slots: [Slot]
    let journal: any Journal
    nonisolated let journalBell: Bell
    nonisolated let randomness: LoopBound<RandomBuffer>

    var table = ResourceTable()
    var sessions: [SessionID: Session] = [:]
    var sessionByHandle: [Session?] = []
    var freeSessionHandles: [UInt32] = []
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
        self.setting = setting
        self.slots = slots
        self.journal = journal
        journalBell = Bell(on: home.loop)
        randomness = LoopBound(random, on: home.loop)
        reading = home.loop.reading
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
        case .untold(let receipt):
            await receipt.resource.takeBack(receipt, at: loop.reading)
        case .connectionEnded(let connection, let places):
            await endWaits(of: connection, at: places)
        case .sessionEnded(let session):
            await endTickets(of: session)
        case .sessionResumed(let session, let connection):
            await resumeTickets(of: session, on: connection)
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
                home.desk.value.fail(error)
                setting.onJournalFailure(error)
            }
        }
    }

    private func keepBatches() async throws(JournalError) {
        while let batch = home.desk.value.closeBatch(at: loop.reading, loop: loop.index) {
            switch try await append(batch) {
            case .none: continue
            case .snapshots: try await snapshotSlots()
            }
        }
    }

    func append(_ batch: Batch) async throws(JournalError) -> JournalWish {
        let wish = try await journal.append(batch)
        home.desk.value.accepted(batch.number)
        return wish
    }

    /// Called by the loop at the end of every turn: closes the batch, tells what may be told.
    package nonisolated func endTurn() {
        if home.desk.value.hasOpenBatch { journalBell.ring() }
        setting.postOffice.deliver(home.desk.value.takeReleased(), from: loop.index)
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
            return home.desk.value.clock.rearm(notBefore: loop.heldUpUntil)
        }
        var count = 0
        while count < Shard.endingsPerTurn,
            let handle = home.desk.value.clock.takeDueResource(at: reading.now)
        {
            guard let resource = table.resource(handle: handle) else { continue }
            await step(resource, .timePassed(limit: Shard.endingsPerTurn - count))
            count += 1
        }
        await endDueSessions()
        home.desk.value.clock.rearm(notBefore: reading.now)
    }

    /// One event of one resource, which is forgotten when nothing is left to remember.
    func step(_ resource: Resource, _ event: Event) async {
        let isForgettable = await resource.step(event, at: reading)
        if isForgettable { await forget(resource) }
        while let handle = home.desk.value.history.takeOldest() {
            await table.resource(handle: handle)?.dropHistory()
        }
    }

    /// Looks again: the resource's own word is what counts, and nothing may come between it and the
    /// removal.
    func forget(_ resource: Resource) async {
        guard await resource.isForgettable, table.resource(at: resource.path) === resource else {
            return
        }
        await resource.dropHistory()
        home.desk.value.clock.disarm(resource.handle)
        home.desk.value.fileForgotten(resource)
        table.remove(resource)
        setting.census.resources.wrappingSubtract(1, ordering: .relaxed)
    }
}
