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

    /// A call that somebody waits for, or is about to.
    ///
    /// Between asking and waiting the loop may run something else: any `await` may let it. So a call is
    /// expected from the moment it is made, and an answer that comes first is kept.
    enum Wait {
        case expected
        case parked(CheckedContinuation<Result<Outcome, HoldfastError>, Never>)
        case answered(Result<Outcome, HoldfastError>)
    }

    let connector: any Connector
    let address: ServerAddress
    let connectTimeout: Interval
    private let alarm: any Alarm
    let attemptAlarm: any Alarm
    /// Rings when the machine wants a connection, or is over.
    let wanted: Bell
    nonisolated let session = SessionDeadline()

    var machine: ClientMachine
    var stream: (any ByteStream)?
    var isFlushPlanned = false
    var isFull = false
    var waits: [CallID: Wait] = [:]
    var holds: [HoldID: HoldState] = [:]
    var feeds: [UInt64: EventFeed<LockEvent>] = [:]
    var watches: [WatchID: EventFeed<WatchEvent>] = [:]
    var lastFeed: UInt64 = 0
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

    var now: Instant { loop.reading.now }

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
    func settleUp() {
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
        case .tell(let event): for id in feeds.keys.sorted() { feeds[id]?.send(event) }
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
        for id in feeds.keys.sorted() { feeds[id]?.finish() }
        for watch in watches.values { watch.finish() }
        (feeds, watches) = ([:], [:])
        wanted.ring()
        for waiter in endWaiters { waiter.resume() }
        endWaiters = []
    }
}
