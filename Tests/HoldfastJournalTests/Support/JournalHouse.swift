// A simulated machine with a platter, on which one process after another opens the journal. Everything happens inside
// the calls of the test: the loops run until nothing is left to do, and time passes only when the test lets it.

import HoldfastModel
import HoldfastSimulation
import Synchronization

@testable import HoldfastJournal

/// One machine and the processes that live on it.
final class JournalHouse {
    let platter = SimulatedPlatter()
    private(set) var world = VirtualWorld()
    private(set) var shards: [VirtualLoop] = []
    private(set) var journal: FileJournal
    private var life: Task<JournalError?, Never>?
    let settings: FileJournalSettings

    /// Small measures, so that a few entries fill a segment.
    static var small: FileJournalSettings {
        var settings = FileJournalSettings()
        settings.segmentBytes = 2_048
        settings.snapshotFloorBytes = .max / 4
        settings.frameBytes = 512
        return settings
    }

    init(_ settings: FileJournalSettings = JournalHouse.small) {
        self.settings = settings
        journal = JournalHouse.makeJournal(world, platter, settings)
        shards = [world.makeLoop(), world.makeLoop()]
    }

    private static func makeJournal(
        _ world: VirtualWorld,
        _ platter: SimulatedPlatter,
        _ settings: FileJournalSettings
    ) -> FileJournal {
        let loop = world.makeLoop()
        return FileJournal(on: loop, disk: platter.mount(on: loop), settings: settings)
    }

    // MARK: Processes

    /// Opens the journal of the process, and lets its writer run.
    @discardableResult
    func open() -> Result<FileJournalReport, JournalError> {
        let journal = journal
        let loop = journal.loop
        let result = perform(on: loop) { () async -> Result<FileJournalReport, JournalError> in
            do throws(JournalError) { return .success(try await journal.open(random: 42)) } catch {
                return .failure(error)
            }
        }
        guard let result else { return .failure(.failed("it never opened")) }
        if case .success = result {
            life = Task(executorPreference: loop) {
                do throws(JournalError) {
                    try await journal.run()
                    return nil
                } catch {
                    return error
                }
            }
            world.run()
        }
        return result
    }

    /// Ends the process as a server ends, and begins another.
    func stop() {
        end()
        beginProcess()
    }

    /// Ends the writer as a server ends it.
    func end() {
        life?.cancel()
        world.run()
    }

    /// Ends the process in the middle of whatever it does.
    func kill() {
        platter.kill()
        beginProcess()
    }

    func losePower(seed: UInt64) {
        var chance = SeededGenerator(seed: seed)
        platter.crash(&chance)
        beginProcess()
    }

    /// A new process; `skew` is what the wall clock was moved by meanwhile.
    func beginProcess(wallSkew microseconds: Int64 = 0) {
        life = nil
        world = VirtualWorld()
        world.advance(by: .seconds(1))
        world.jumpWall(by: microseconds)
        journal = JournalHouse.makeJournal(world, platter, settings)
        shards = [world.makeLoop(), world.makeLoop()]
    }

    // MARK: Calls

    func append(
        _ entries: [JournalEntry],
        from shard: Int = 0
    ) -> Result<JournalWish, JournalError>? {
        let pending = begin(entries, from: shard)
        world.run()
        return pending.value
    }

    /// The same for a batch that somebody else put together.
    func append(_ batch: Batch) -> Result<JournalWish, JournalError>? {
        let pending = begin(batch, on: shards[0])
        world.run()
        return pending.value
    }

    /// Hands a batch over, and lets nothing run yet.
    func begin(
        _ entries: [JournalEntry],
        from shard: Int = 0
    ) -> Pending<Result<JournalWish, JournalError>> {
        let loop = shards[shard]
        return begin(Batch(loop: loop.index, number: 1, entries: entries), on: loop)
    }

    private func begin(
        _ batch: Batch,
        on loop: VirtualLoop
    ) -> Pending<Result<JournalWish, JournalError>> {
        let journal = journal
        return start(on: loop) { () async -> Result<JournalWish, JournalError> in
            do throws(JournalError) { return .success(try await journal.append(batch)) } catch {
                return .failure(error)
            }
        }
    }

    func load(_ slot: Slot) -> Result<SlotContents, JournalError>? {
        let (journal, loop, reading) = (journal, shards[0], world.reading)
        return perform(on: loop) { () async -> Result<SlotContents, JournalError> in
            do throws(JournalError) {
                let contents = try await journal.load(slot, on: reading) { Owner(name: $0) }
                return .success(contents)
            } catch {
                return .failure(error)
            }
        }
    }

    func snapshot(_ contents: SlotContents) -> Result<Void, JournalError>? {
        let (journal, loop, reading) = (journal, shards[0], world.reading)
        return perform(on: loop) { () async -> Result<Void, JournalError> in
            do throws(JournalError) {
                return .success(try await journal.snapshot(contents, on: reading))
            } catch {
                return .failure(error)
            }
        }
    }

    /// What a body comes to on a shard's loop.
    func result<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value? {
        perform(on: shards[0], body)
    }

    /// A value that a task on a loop comes to.
    final class Pending<Value: Sendable>: Sendable {
        private let storage = Mutex<Value?>(nil)
        var value: Value? { storage.withLock { $0 } }
        fileprivate func set(_ value: Value) { storage.withLock { $0 = value } }
    }

    private func start<Value: Sendable>(
        on loop: any Loop,
        _ body: @escaping @Sendable () async -> Value
    ) -> Pending<Value> {
        let pending = Pending<Value>()
        Task(executorPreference: loop) { pending.set(await body()) }
        return pending
    }

    private func perform<Value: Sendable>(
        on loop: any Loop,
        _ body: @escaping @Sendable () async -> Value
    ) -> Value? {
        let pending = start(on: loop, body)
        world.run()
        return pending.value
    }
}

extension JournalHouse {
    /// What is there of a slot, as texts; the error where it cannot be read.
    func texts(of slot: Slot) -> [String] {
        switch load(slot) {
        case .success(let contents): contents.entries.map(text)
        case .failure(let error): ["\(error)"]
        case nil: ["nothing came"]
        }
    }

    /// Opens, and reads one slot.
    func recovered(_ slot: Slot) -> [String] {
        switch open() {
        case .success: texts(of: slot)
        case .failure(let error): ["\(error)"]
        }
    }
}
