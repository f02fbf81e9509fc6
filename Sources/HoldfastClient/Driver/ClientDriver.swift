// Drives the machine over a real loop: the only place of the client where anything waits. It is an actor
// on the loop, so that bytes, calls and alarms meet here in turns and never at the same time. Everything
// that is decided, the machine decides; the driver reads the clock, moves bytes and wakes callers.

import HoldfastModel
import Synchronization

/// The connection of one client, and whoever waits for something from it.
actor ClientDriver {
    nonisolated let loop: any Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// What a call came to.
    enum Outcome: Sendable {
        case reply(Reply)
        case held(HoldState)
    }

    /// Between asking and waiting the loop may run something else: any `await` may let it. So a call is
    /// expected from the moment it is made, and an answer that comes first is kept.
    private enum Wait {
        case expected
        case parked(CheckedContinuation<Result<Outcome, HoldfastError>, Never>)
        case answered(Result<Outcome, HoldfastError>)
    }

    private let connector: any Connector
    private let address: ServerAddress
    private let connectTimeout: Interval
    private let alarm: any Alarm
    private let attemptAlarm: any Alarm
    /// Rings when the machine wants a connection, or is over.
    private let wanted: Bell
    nonisolated let session = SessionDeadline()

    var machine: ClientMachine
    private var stream: (any ByteStream)?
    private var isFlushPlanned = false
    private var isFull = false
    private var waits: [CallID: Wait] = [:]
    private var holds: [HoldID: HoldState] = [:]
    private var feeds: [UInt64: EventFeed<LockEvent>] = [:]
    private var watches: [WatchID: EventFeed<WatchEvent>] = [:]
    private var lastFeed: UInt64 = 0
    private var endWaiters: [CheckedContinuation<Void, Never>] = []

    init(
        address: ServerAddress,
        settings: ClientSettings,
        connectTimeout: Interval,
        in environment: ClientEnvironment
    ) {
        self.address = address
        self.connectTimeout = connectTimeout
        loop = environment.loop
        connector = environment.connector
        alarm = environment.loop.makeAlarm()
        attemptAlarm = environment.loop.makeAlarm()
        wanted = Bell(on: environment.loop)
        machine = ClientMachine(settings: settings, random: environment.random)
    }

    private var now: Instant { loop.reading.now }

    // MARK: Life

    /// Serves the client until it is closed; a cancelled task closes it.
    func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask(executorPreference: loop) { await self.keepTime() }
                await keepConnected()
                group.cancelAll()
            }
        } onCancel: {
            requestClose()
        }
    }

    /// Closes without waiting.
    nonisolated func requestClose() {
        loop.post { self.assumeIsolated { $0.beginClosing() } }
    }

    /// Says `bye` and returns when that is done.
    func close() async {
        beginClosing()
        await withCheckedContinuation { continuation in
            if machine.isOver { continuation.resume() } else { endWaiters.append(continuation) }
        }
    }

    private func beginClosing() {
        machine.close(at: now)
        settleUp()
    }

    private func keepTime() async {
        while await alarm.rings() {
            // The clock is read after waking: the alarm alone proves nothing (rule 13).
            machine.wake(at: now)
            settleUp()
        }
    }

    // MARK: Orders of the machine

    /// Carries out what the machine decided; called after everything that was told to it.
    private func settleUp() {
        for action in machine.takeActions() { carryOut(action) }
        if !machine.outbound.isEmpty { planFlush() }
        alarm.set(for: machine.nextWake)
    }

    private func carryOut(_ action: Action) {
        switch action {
        case .connect: wanted.ring()
        case .disconnect: hangUp()
        case .settle(let call, let result): settle(call, result)
        case .trust(let hold, let until): holds[hold]?.extend(until: until)
        case .trustSession(let until): session.set(until)
        case .lose(let hold, let loss): holds.removeValue(forKey: hold)?.lose(loss)
        case .tell(let event): for id in feeds.keys { feeds[id]?.send(event) }
        case .tellWatch(let watch, let event): watches[watch]?.send(event)
        case .finish: finish()
        }
    }

    private func settle(_ call: CallID, _ result: Result<Settled, HoldfastError>) {
        let outcome = result.map { settled in
            switch settled {
            case .reply(let reply): Outcome.reply(reply)
            case .held(let held): Outcome.held(keep(held))
            }
        }
        switch waits[call] {
        case .expected: waits[call] = .answered(outcome)
        case .parked(let continuation):
            waits[call] = nil
            continuation.resume(returning: outcome)
        case .answered, nil: break
        }
    }

    private func keep(_ held: HeldLock) -> HoldState {
        let state = HoldState(held, session: held.isBound ? session : nil)
        holds[held.hold] = state
        return state
    }

    private func finish() {
        for feed in feeds.values { feed.finish() }
        for watch in watches.values { watch.finish() }
        (feeds, watches) = ([:], [:])
        wanted.ring()
        for waiter in endWaiters { waiter.resume() }
        endWaiters = []
    }

    // MARK: Connection

    private func keepConnected() async {
        while !machine.isOver, await wanted.rings(), !machine.isOver {
            guard let stream = await reach() else { continue }
            await listen(to: stream)
        }
    }

    /// One attempt, bounded in time.
    private func reach() async -> (any ByteStream)? {
        let result = await attempt()
        switch result {
        case .success(let stream):
            self.stream = stream
            isFull = false
            machine.connected(at: now)
            settleUp()
            return stream
        case .failure(let error):
            machine.connectFailed(Self.describe(error, address), at: now)
            settleUp()
            return nil
        }
    }

    private func attempt() async -> Result<any ByteStream, ConnectError> {
        attemptAlarm.set(for: now + connectTimeout)
        return await withTaskGroup(
            of: Result<any ByteStream, ConnectError>?.self,
            returning: Result<any ByteStream, ConnectError>.self
        ) { [connector, address, loop, attemptAlarm] group in
            group.addTask(executorPreference: loop) {
                do throws(ConnectError) {
                    return .success(try await connector.connect(to: address, on: loop))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask(executorPreference: loop) {
                await attemptAlarm.rings() ? .failure(.timedOut) : nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            // A connection that came too late is not kept.
            while let late = await group.next() {
                if case .success(let stream)? = late { stream.close() }
            }
            return first ?? .failure(.cancelled)
        }
    }

    private static func describe(_ error: ConnectError, _ address: ServerAddress) -> String {
        let server = "\(address.host):\(address.port)"
        return switch error {
        case .unknownHost(let host): "no address for \(host)"
        case .refused(let target): "\(target) refused the connection"
        case .timedOut: "\(server) does not answer"
        case .cancelled: "\(server): given up"
        case .failed(let number): "\(server): error \(number)"
        }
    }

    /// Ends the connection, or the attempt.
    private func hangUp() {
        attemptAlarm.set(for: .zero)
        stream?.close()
        stream = nil
    }

    private func listen(to stream: any ByteStream) async {
        while self.stream === stream {
            await stream.readable()
            readAll(of: stream)
        }
    }

    private func readAll(of stream: any ByteStream) {
        do {
            while self.stream === stream {
                let now = now
                let outcome = try stream.read { bytes in machine.received(bytes, at: now) }
                settleUp()
                switch outcome {
                case .bytes: continue
                case .wouldBlock: return
                case .endOfInput: drop(stream, "the server closed the connection")
                }
            }
        } catch {
            drop(stream, "the connection broke")
        }
    }

    private func drop(_ stream: any ByteStream, _ why: String) {
        guard self.stream === stream else { return }
        hangUp()
        machine.disconnected(why, at: now)
        settleUp()
    }

    // MARK: Writing

    /// All requests of a turn leave in one write.
    private func planFlush() {
        guard !isFlushPlanned, !isFull else { return }
        isFlushPlanned = true
        loop.post { self.assumeIsolated { $0.flush() } }
    }

    private func flush() {
        isFlushPlanned = false
        guard let stream, !isFull else { return }
        do {
            while !machine.outbound.isEmpty {
                let count = try stream.write(machine.outbound.span)
                guard count > 0 else { return waitForRoom(in: stream) }
                machine.outbound.removeFirst(count)
            }
        } catch {
            drop(stream, "the connection broke")
        }
    }

    private func waitForRoom(in stream: any ByteStream) {
        isFull = true
        stream.whenWritable { self.assumeIsolated { $0.roomAgain(in: stream) } }
    }

    private func roomAgain(in stream: any ByteStream) {
        guard self.stream === stream else { return }
        isFull = false
        flush()
    }

    // MARK: Calls

    /// Asks, and waits for what comes of it.
    ///
    /// A call that is shielded goes on in a cancelled task.
    func perform(
        _ request: Request,
        for purpose: Call.Purpose = .caller,
        isShielded: Bool = false
    ) async -> Result<Outcome, HoldfastError> {
        let call = expect(machine.submit(request, for: purpose, at: now))
        return await outcome(of: call, isShielded: isShielded)
    }

    func renew(
        _ hold: HoldID,
        lease: Interval?
    ) async -> Result<Outcome, HoldfastError>? {
        guard let call = machine.renew(hold, lease: lease, at: now) else { return nil }
        return await outcome(of: expect(call), isShielded: false)
    }

    /// Nil where the lock is kept no more.
    func release(
        _ hold: HoldID,
        reason: String?
    ) async -> Result<Outcome, HoldfastError>? {
        guard let call = machine.release(hold, reason: reason, at: now) else { return nil }
        holds.removeValue(forKey: hold)?.end()
        return await outcome(of: expect(call), isShielded: true)
    }

    /// Gives back a lock whose handle nobody has any more.
    nonisolated func forget(_ hold: HoldID) {
        loop.post { self.assumeIsolated { $0.releaseUnattended(hold) } }
    }

    private func releaseUnattended(_ hold: HoldID) {
        guard machine.release(hold, reason: nil, at: now) != nil else { return }
        holds.removeValue(forKey: hold)?.end()
        settleUp()
    }

    /// Says that somebody will wait for the call, in the same breath in which it was made.
    private func expect(_ call: CallID) -> CallID {
        waits[call] = .expected
        settleUp()
        return call
    }

    private func outcome(
        of call: CallID,
        isShielded: Bool
    ) async -> Result<Outcome, HoldfastError> {
        guard !isShielded else { return await park(call) }
        return await withTaskCancellationHandler {
            await park(call)
        } onCancel: {
            // On the cancelling thread, maybe before the wait is registered: it only posts.
            loop.post { self.assumeIsolated { $0.cancel(call) } }
        }
    }

    private func park(_ call: CallID) async -> Result<Outcome, HoldfastError> {
        await withCheckedContinuation { continuation in
            if case .answered(let outcome)? = waits[call] {
                waits[call] = nil
                continuation.resume(returning: outcome)
            } else {
                waits[call] = .parked(continuation)
            }
        }
    }

    private func cancel(_ call: CallID) {
        machine.cancel(call, at: now)
        settleUp()
    }

    // MARK: Events

    /// Events of this client's tickets from now on.
    func events(bufferedUpTo limit: Int) -> EventStream<LockEvent> {
        lastFeed += 1
        let id = lastFeed
        let (stream, feed) = EventFeed<LockEvent>.make(limit: limit) {
            .gap(missed: $0)
        } onEnd: {
            [loop, weak self] in
            loop.post { self?.assumeIsolated { $0.feeds[id] = nil } }
        }
        if machine.isOver { feed.finish() } else { feeds[id] = feed }
        return stream
    }

    func watch(
        _ topic: WatchTopic,
        bufferedUpTo limit: Int
    ) async -> (EventStream<WatchEvent>, Result<Outcome, HoldfastError>) {
        let (watch, call) = machine.watch(topic, at: now)
        let (stream, feed) = EventFeed<WatchEvent>.make(limit: limit) {
            .gap(missed: $0)
        } onEnd: {
            [loop, weak self] in
            loop.post { self?.assumeIsolated { $0.unwatch(watch) } }
        }
        // Before the answer: the first event may come with it.
        watches[watch] = feed
        return (stream, await outcome(of: expect(call), isShielded: false))
    }

    private func unwatch(_ watch: WatchID) {
        watches[watch] = nil
        machine.unwatch(watch, at: now)
        settleUp()
    }
}
