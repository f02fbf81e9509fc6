// What surrounds RunPlan while a command runs: one actor on the loop, so that facts arrive one after
// another and an order is carried out before the next fact is looked at.

import Glibc
import HoldfastClient
import HoldfastModel
import HoldfastSystem

actor RunShell {
    nonisolated let world: World
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        world.loop.asUnownedSerialExecutor()
    }

    private let client: HoldfastClient
    private let alarm: any Alarm
    private let line: WaitingLine
    /// The wait for the lock is to be given up.
    private var cancelled: Bell
    /// The server is to be asked where the lease stands.
    private var confirming: Bell
    /// The lock is to be given back.
    private var releasing: Bell
    private let ended: Bell

    private var plan: RunPlan
    private var handle: LockHandle?
    private var command: ChildProcess?
    private var foreground = Foreground()
    private let startedAt: Instant
    private var asksAgain = false
    private var code: ExitCode?
    private var guardDeadline: Instant?

    private static let guardSlack = Interval.milliseconds(20)

    init(world: World, plan: RunPlan, client: HoldfastClient) {
        self.world = world
        self.plan = plan
        self.client = client
        alarm = world.loop.makeAlarm()
        line = WaitingLine(for: plan.settings.resource, on: world)
        cancelled = Bell(on: world.loop)
        confirming = Bell(on: world.loop)
        releasing = Bell(on: world.loop)
        ended = Bell(on: world.loop)
        startedAt = world.now
    }

    /// Waits for the end and says how it ended.
    func outcome() async -> ExitCode {
        while code == nil, await ended.rings() {}
        return code ?? .refused
    }

    // MARK: Facts

    /// Tells the plan a fact and carries out what follows from it.
    private func tell(_ input: RunInput) {
        var inputs = [input]
        while !inputs.isEmpty, code == nil {
            // What the SDK has learned since counts before anything else is looked at.
            if let handle, handle.loss == nil {
                carryOut(.trusted(until: handle.safeUntil), &inputs)
            }
            carryOut(inputs.removeFirst(), &inputs)
        }
        alarm.set(for: plan.nextDeadline)
        setGuardDeadline(plan.guardDeadline)
    }

    /// A little later than this process would act: the guard is for when it cannot.
    private func setGuardDeadline(_ deadline: Instant?) {
        guard let command, deadline != guardDeadline, code == nil else { return }
        guardDeadline = deadline
        command.setDeadline(deadline.map { $0 + RunShell.guardSlack })
    }

    private func carryOut(_ input: RunInput, _ inputs: inout [RunInput]) {
        for order in plan.handle(input, at: world.now) {
            if let consequence = carryOut(order) { inputs.append(consequence) }
        }
    }

    /// Rings when the plan has something to do.
    func keepTime() async {
        alarm.set(for: plan.nextDeadline)
        while await alarm.rings() { tell(.timePassed) }
    }

    /// Keeps the time of a wait moving on.
    func showWaiting() async { await line.keepTime() }

    func takeSignals(from signals: Signals) async {
        while let signal = await signals.next() {
            switch signal {
            case .child: lookAtCommand()
            case .proceed:
                followForeground()
                tell(.signal(signal.number))
            default: tell(.signal(signal.number))
            }
        }
    }

    private func lookAtCommand() {
        while let command, code == nil, let change = command.change() {
            switch change {
            case .ended(let exit, let bySignal):
                foreground.takeBack(from: command.group)
                if bySignal { foreground.restoreSettings() }
                tell(.exited(exit))
            case .stopped(let number): stopped(by: number, command)
            case .continued: break
            }
        }
    }

    /// `fg` in the shell gives the terminal to this process; the command had it and gets it again.
    private func followForeground() {
        guard let command, plan.phase == .running, foreground.isGiven else { return }
        foreground.give(to: command.group)
    }

    private func stopped(by number: Int32, _ command: ChildProcess) {
        // It wants the terminal that this process could give: no reason to stop.
        if [SIGTTIN, SIGTTOU].contains(number), foreground.isOurs {
            foreground.give(to: command.group)
            return command.signal(SIGCONT)
        }
        tell(.stopped)
    }

    // MARK: The lock

    /// Waits for the lock, then looks after it until it is lost.
    func takeLock() async {
        repeat {
            asksAgain = false
            await line.set(isWaiting: true)
            // A bell whose waiter was cancelled rings for nobody any more.
            cancelled = Bell(on: world.loop)
            confirming = Bell(on: world.loop)
            releasing = Bell(on: world.loop)
            let result = await waitForLock()
            await line.set(isWaiting: false)
            switch result {
            case .success(let handle):
                self.handle = handle
                tell(.granted(trustedUntil: handle.safeUntil))
                await lookAfter(handle)
            case .failure(.lockLost(let loss)) where loss.isChance: tell(.missed)
            case .failure(let error):
                let code = ClientFailure.exitCode(of: error)
                tell(.notGranted(code, RunShell.text(of: error, world)))
            }
        } while asksAgain
    }

    /// The lock, or why there is none; ended early when the plan gives up.
    private func waitForLock() async -> Result<LockHandle, HoldfastError> {
        typealias Answer = Result<LockHandle, HoldfastError>?
        let end = world.settings[Options.wait].map { startedAt + $0 }
        return await withTaskGroup(of: Answer.self) { [client, world, cancelled] group in
            group.addTask(executorPreference: world.loop) {
                do throws(HoldfastError) {
                    return .success(try await RunRequest.lock(through: client, world, until: end))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask(executorPreference: world.loop) {
                _ = await cancelled.rings()
                return nil
            }
            var result: Answer = nil
            while let found = await group.next() {
                result = found ?? result
                group.cancelAll()
            }
            return result ?? .failure(.cancelled)
        }
    }

    private func lookAfter(_ handle: LockHandle) async {
        await withTaskGroup(of: Bool.self) { [world, confirming, releasing] group in
            group.addTask(executorPreference: world.loop) {
                if let loss = await handle.waitUntilLost() { await self.lost(loss, handle) }
                return await self.asksAgain
            }
            group.addTask(executorPreference: world.loop) {
                while await confirming.rings() { await self.confirm(handle) }
                return false
            }
            group.addTask(executorPreference: world.loop) {
                if await releasing.rings() { await self.release(handle) }
                return false
            }
            while let isOver = await group.next() { if isOver { group.cancelAll() } }
        }
    }

    private func lost(_ loss: LockLoss, _ handle: LockHandle) {
        // The SDK's end of trust is a deadline of the plan's own once the command runs.
        let isOwn = loss.cause == .unconfirmed && command != nil
        tell(isOwn ? .timePassed : .lost(loss.description))
    }

    private func confirm(_ handle: LockHandle) async {
        // What goes wrong here is told by `waitUntilLost`, or the plan's clock decides.
        if (try? await handle.renew()) != nil { tell(.confirmed) }
    }

    private func release(_ handle: LockHandle) async {
        do throws(HoldfastError) {
            _ = try await handle.release()
            tell(.released)
        } catch {
            tell(.notReleased(RunShell.text(of: error, world)))
        }
    }

    private static func text(of error: HoldfastError, _ world: World) -> String {
        switch error {
        case .conflict(let contention), .timedOut(let contention): "\(contention)"
        default: ClientFailure.text(of: error, server: world.server)
        }
    }

    func takeEvents() async {
        guard let events = try? await client.events() else { return }
        for await event in events {
            switch event {
            case .queued(_, _, let place), .position(_, let place):
                let place = QueuePlace(position: place.position, queueLength: place.queueLength)
                tell(.queued(place))
            case .losing(_, _, let grace, let by, let reason):
                tell(
                    .losing(
                        grace: Interval(seconds: grace / .seconds(1)),
                        by: harmless(by),
                        reason: reason.map(harmless)
                    )
                )
            case .kept: tell(.kept)
            case .acquired, .lost, .gap: break
            }
        }
    }

    // MARK: Orders

    /// Does one thing; the answer is a fact that follows at once.
    private func carryOut(_ order: RunOrder) -> RunInput? {
        switch order {
        case .cancel: cancelled.ring()
        case .askAgain:
            handle = nil
            asksAgain = true
        case .start: return start()
        case .signalGroup(let number): command?.signal(number)
        case .stopSelf: return stopSelf()
        case .confirm: confirming.ring()
        case .resumeCommand: resumeCommand()
        case .probeGroup: return command?.hasProcesses == true ? nil : .groupEnded
        case .release: releasing.ring()
        case .show(let place): line.assumeIsolated { $0.moved(to: place) }
        case .say(let text): world.tell(text)
        case .exit(let code): finish(code)
        }
        return nil
    }

    private func start() -> RunInput {
        guard let handle else { return .notStarted(.refused, "there is no lock") }
        var variables = world.environment
        variables["HOLDFAST_TICKET"] = handle.ticket.text
        variables["HOLDFAST_FENCE"] = String(handle.fence)
        variables["HOLDFAST_RESOURCE"] = world.settings.positional(0)
        do throws(ChildProcess.StartFailure) {
            command = try ChildProcess.start(
                world.settings.tail,
                environment: variables,
                terminal: foreground.giveAtStart(),
                ignoresHangUp: RunSignals.ignoresHangUp,
                deadline: plan.guardDeadline.map { $0 + RunShell.guardSlack }
            )
            return .started
        } catch {
            foreground.reclaim()
            switch error {
            case .notFound(let text): return .notStarted(.notFound, text)
            case .notExecutable(let text): return .notStarted(.notExecutable, text)
            case .system(let text): return .notStarted(.refused, text)
            }
        }
    }

    private func stopSelf() -> RunInput {
        let wholeGroup = foreground.isGiven
        if let command { foreground.takeBack(from: command.group) }
        world.console.show(status: nil)
        setGuardDeadline(nil)
        ChildProcess.stopSelf(wholeGroup: wholeGroup)
        return .continued
    }

    private func resumeCommand() {
        guard let command else { return }
        foreground.give(to: command.group)
        command.signal(SIGCONT)
    }

    private func finish(_ code: ExitCode) {
        if let command {
            foreground.takeBack(from: command.group)
            command.dismissGuard()
        }
        self.code = code
        ended.ring()
    }
}

extension LockLoss {
    /// Whether it happened for want of attention, not because somebody wanted it so.
    fileprivate var isChance: Bool {
        switch cause {
        case .expired, .abandoned, .sessionEnded, .forgotten, .unconfirmed, .sessionTaken: true
        case .timedOut, .stolen, .cleared, .released, .cancelled, .closed: false
        }
    }
}
