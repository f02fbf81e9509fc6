// `holdfast run`: the thin shell around RunPlan. It carries facts in (from the SDK, the child, the
// signals, the clock) and orders out; it decides nothing.
//
// Everything happens on one loop, whose thread lives as long as the process: the kernel ends the child
// when the thread that started it ends.

import Glibc
import HoldfastClient
import HoldfastModel
import HoldfastSystem

struct RunCommand: Sendable {
    let world: World

    func run() async throws(UsageError) -> ExitCode {
        let settings = world.settings
        if let code = settings[RunOptions.conflictExitCode], code > 255 {
            throw UsageError("--conflict-exit-code: an exit code is at most 255", in: .run)
        }
        let probe = try world.client(world.oneShot)
        let client = try world.client(configuration)
        // Until there is something to give back a signal may have its ordinary effect.
        if let code = await failure(of: probe) { return code }
        let signals: Signals
        do {
            signals = try Signals(RunSignals.caught, on: world.loop)
        } catch {
            world.tell("\(error)")
            return .refused
        }
        let shell = RunShell(world: world, plan: plan, client: client)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: world.loop) { await client.run() }
            group.addTask(executorPreference: world.loop) { await shell.takeSignals(from: signals) }
            group.addTask(executorPreference: world.loop) { await shell.keepTime() }
            group.addTask(executorPreference: world.loop) { await shell.showWaiting() }
            group.addTask(executorPreference: world.loop) { await shell.takeEvents() }
            group.addTask(executorPreference: world.loop) { await shell.takeLock() }
            let code = await shell.outcome()
            group.cancelAll()
            return code
        }
    }

    /// Why the server cannot be asked, nil where it can.
    ///
    /// At the start that is the answer; later a server that goes away is looked for.
    private func failure(of probe: HoldfastClient) async -> ExitCode? {
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: world.loop) { await probe.run() }
            var code: ExitCode?
            do throws(HoldfastError) {
                _ = try await probe.ping()
            } catch {
                world.tell(ClientFailure.text(of: error, server: world.server))
                code = ClientFailure.exitCode(of: error)
            }
            await probe.close()
            group.cancelAll()
            return code
        }
    }

    private var lease: Interval { world.settings[Options.lease] ?? .seconds(30) }

    private var plan: RunPlan {
        let settings = world.settings
        // A moment more than the server was asked to wait: its answer says more than this clock.
        let wait = settings[Options.wait].map { world.now + $0 + .seconds(2) }
        return RunPlan(
            settings: RunPlan.Settings(
                resource: harmless(settings.positional(0) ?? ""),
                lease: lease,
                lost: settings[RunOptions.lost] ?? .term,
                conflictExitCode: settings[RunOptions.conflictExitCode]
                    .map { ExitCode(Int32($0)) } ?? .notAcquired,
                waitUntil: wait ?? .never
            )
        )
    }

    /// A grace as long as the lease: then the lease alone decides how long the server may be away.
    private var configuration: HoldfastClient.Configuration {
        let grace = world.settings[RunOptions.grace]
        let asLease = min(.seconds(300), max(.milliseconds(100), lease))
        return HoldfastClient.Configuration(
            name: "holdfast run",
            sessionGrace: (grace ?? asLease).duration,
            patience: (world.settings[RunOptions.patience] ?? .seconds(60)).duration,
            responseTimeout: world.timeout.duration,
            connectTimeout: world.timeout.duration,
            backoffLongest: .seconds(1)
        )
    }
}

/// Which signals `run` catches, to pass them on.
enum RunSignals {
    static let caught = Set(
        [
            SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGTSTP, SIGCHLD,
        ].map(Signal.init(number:)) + (ignoresHangUp ? [] : [.hangUp])
    )

    /// Under nohup a hang-up is nobody's business, here and in the command.
    static let ignoresHangUp = ChildProcess.isIgnored(SIGHUP)
}
