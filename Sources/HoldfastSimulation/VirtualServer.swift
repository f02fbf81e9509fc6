// The product in memory: the coordinator and the line protocol over virtual loops and pipes, with
// the clock in the test's hand. Every line a test sends here is decoded, decided, journaled and
// answered by the code that serves sockets.

package import HoldfastCoordinator
package import HoldfastJournal
package import HoldfastModel
package import HoldfastServer
import Synchronization

/// A server without a kernel.
package final class VirtualServer {
    package let world: VirtualWorld
    package let coordinator: Coordinator
    private let loops: [VirtualLoop]
    private let listeners: [VirtualListener]
    private let httpListeners: [VirtualListener]
    private let service: LineService
    private let leash: JournalLeash
    private let body: Body

    /// How the start went.
    package enum Recovery: Hashable, Sendable {
        case underWay
        /// With so many live tickets.
        case done(Int)
        case failed(JournalError)
    }

    package init(
        world: VirtualWorld = VirtualWorld(),
        loopCount: Int = 2,
        limits: Limits = Limits(),
        retain: Interval = .seconds(60),
        journal: any Journal = MemoryJournal(),
        drainTimeout: Interval = .seconds(10),
        seed: UInt64 = 1,
        checksInvariants: Bool = true,
        authority: (any Authority)? = nil,
        witness: (any Witness)? = nil,
        http: HTTPSetting = HTTPSetting()
    ) {
        self.world = world
        loops = (0..<loopCount).map { world.makeLoop($0) }
        let owners = OwnerDirectory()
        leash = JournalLeash(journal)
        var foundation = Coordinator.Foundation(
            node: "virtual",
            limits: limits,
            retain: retain,
            loops: loops,
            journal: leash,
            authority: authority ?? OpenAuthority(owners: owners),
            owners: owners,
            firstFence: Fence(number: UInt64(world.reading.wall.microseconds)),
            random: VirtualServer.randomness(seed: seed)
        )
        foundation.checksInvariants = checksInvariants
        foundation.witness = witness
        let stop = Locked(ServiceHint())
        foundation.onJournalFailure = { _ in stop.withLock { $0.service }?.stop(.journalFailed) }
        coordinator = Coordinator(on: foundation)
        listeners = loops.map { VirtualListener(on: $0) }
        httpListeners = loops.map { VirtualListener(on: $0) }
        service = LineService(
            coordinator: coordinator,
            sockets: listeners.map { [$0] },
            http: HTTPService(http, coordinator: coordinator),
            httpSockets: httpListeners.map { [$0] },
            drainTimeout: drainTimeout
        )
        let service = service
        stop.withLock { $0.service = service }
        body = Body(coordinator, service, on: loops[0])
        world.run()
    }

    package var start: Recovery { body.start }

    deinit { body.cancel() }

    /// One supply a loop, each with a seed of its own.
    static func randomness(seed: UInt64) -> @Sendable () -> RandomBuffer {
        let generator = Mutex(SeededGenerator(seed: seed))
        return {
            RandomBuffer { words in
                generator.withLock { generator in
                    for index in words.indices { words[index] = generator.next() }
                }
            }
        }
    }

    /// A new connection to the loop of that index.
    package func connect(
        toLoop index: Int = 0,
        capacity: Int = 1_048_576,
        replyCapacity: Int? = nil,
        readMax: Int = 65_536
    ) -> VirtualClient {
        let stream = listeners[index % listeners.count].connect(
            from: loops[index % loops.count],
            capacity: capacity,
            replyCapacity: replyCapacity,
            readMax: readMax
        )
        world.run()
        return VirtualClient(stream: stream, world: world)
    }

    /// The same for HTTP.
    package func connectHTTP(
        toLoop index: Int = 0,
        capacity: Int = 1_048_576,
        replyCapacity: Int? = nil,
        readMax: Int = 65_536
    ) -> VirtualClient {
        let stream = httpListeners[index % listeners.count].connect(
            from: loops[index % loops.count],
            capacity: capacity,
            replyCapacity: replyCapacity,
            readMax: readMax
        )
        world.run()
        return VirtualClient(stream: stream, world: world)
    }

    /// As SIGTERM does.
    package func stop() {
        service.stop()
        world.run()
    }

    /// As a reload does that these principals did not come through.
    package func dismissRefused(gone names: [String] = []) {
        let service = service
        _ = Task(executorPreference: loops[0]) { await service.dismissRefused(gone: names) }
        world.run()
    }

    /// As SIGKILL does: every connection breaks, nothing more is written, and nobody is told.
    ///
    /// The same world and journal serve the next server.
    package func kill() {
        leash.cut()
        for listener in listeners + httpListeners { listener.vanish() }
        body.cancel()
        world.runOut(loops)
    }

    /// Everybody was told goodbye, and nothing runs any more.
    package var isOver: Bool { body.isOver }
}

extension VirtualServer {
    /// What every shard keeps.
    package func leftovers() -> [Leftovers] {
        VirtualServer.leftovers(of: coordinator) { world.run() }
    }

    /// The same of any server whose loops `run` turns.
    static func leftovers(of coordinator: Coordinator, run: () -> Void) -> [Leftovers] {
        let found = Locked<[Leftovers]>([])
        for shard in coordinator.map.shards {
            VirtualServer.ask(on: shard.loop) {
                let leftovers = await shard.leftovers
                found.withLock { $0.append(leftovers) }
            }
        }
        run()
        return found.withLock { $0 }
    }

    /// The root of everything that runs in one server: reads back, then serves until it is stopped.
    final class Body: Sendable {
        private let state = Locked(State())
        private let task: Task<Void, Never>

        private struct State {
            var start = Recovery.underWay
            var isOver = false
        }

        init(
            _ coordinator: Coordinator,
            _ service: LineService,
            on loop: VirtualLoop,
            files: VirtualJournalThread? = nil,
            onJournalFailure: @escaping @Sendable (JournalError) -> Void = { _ in }
        ) {
            let state = state
            task = Task(executorPreference: loop) {
                do throws(JournalError) {
                    try await files?.open()
                    await withDiscardingTaskGroup { group in
                        if let files {
                            group.addTask(executorPreference: files.loop) {
                                await files.run(onFailure: onJournalFailure)
                            }
                        }
                        await Body.recoverAndServe(coordinator, service, state)
                        group.cancelAll()
                    }
                } catch {
                    state.withLock { $0.start = .failed(error) }
                }
                state.withLock { $0.isOver = true }
            }
        }

        private static func recoverAndServe(
            _ coordinator: Coordinator,
            _ service: LineService,
            _ state: Locked<State>
        ) async {
            await service.run {
                do throws(JournalError) {
                    let count = try await coordinator.recover()
                    state.withLock { $0.start = .done(count) }
                    return true
                } catch {
                    state.withLock { $0.start = .failed(error) }
                    return false
                }
            }
        }

        var start: Recovery { state.withLock { $0.start } }
        var isOver: Bool { state.withLock { $0.isOver } }
        func cancel() { task.cancel() }
    }

    /// Runs a question, or a client's program, on a loop of the world.
    @discardableResult
    static func ask(
        on loop: any Loop,
        _ body: @escaping @Sendable () async -> Void
    ) -> Task<Void, Never> {
        Task(executorPreference: loop) { await body() }
    }
}

/// What stops when the journal fails; the coordinator knows the way to it, and does not keep it.
struct ServiceHint {
    weak var service: LineService?
}

/// A client that a test speaks through: lines in, lines out.
package final class VirtualClient {
    package let stream: VirtualStream
    private let world: VirtualWorld
    private var received: [UInt8] = []

    init(stream: VirtualStream, world: VirtualWorld) {
        self.stream = stream
        self.world = world
    }

    /// Sends lines without letting anybody answer yet.
    package func post(_ lines: String...) {
        for line in lines { post(bytes: Array((line + "\n").utf8)) }
    }

    package func post(bytes: [UInt8]) { _ = try? stream.write(bytes.span) }

    /// Sends one line and gives every line that came until nothing more happens.
    @discardableResult
    package func send(_ line: String) -> [String] {
        post(line)
        return lines()
    }

    /// What came since the last call.
    package func lines() -> [String] {
        world.run()
        while case .bytes = try? stream.read({ bytes in
            for index in bytes.indices { received.append(bytes[index]) }
        }) { world.run() }
        guard let end = received.lastIndex(of: 0x0a) else { return [] }
        let text = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end + 1)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Whether the server closed its side and everything was read.
    package var isAtEnd: Bool {
        world.run()
        var outcome: ReadOutcome?
        outcome = try? stream.read { bytes in
            for index in bytes.indices { received.append(bytes[index]) }
        }
        return outcome == .endOfInput || outcome == nil
    }

    /// Every byte that came since the last call, lines or not.
    package func bytes() -> [UInt8] {
        world.run()
        while case .bytes = try? stream.read({ bytes in
            for index in bytes.indices { received.append(bytes[index]) }
        }) { world.run() }
        defer { received = [] }
        return received
    }

    package func finishWriting() {
        stream.finishWriting()
        world.run()
    }

    package func close() {
        stream.close()
        world.run()
    }

    /// As a client that was killed: both directions break, and nothing runs yet.
    package func vanish() { stream.reset() }
}
