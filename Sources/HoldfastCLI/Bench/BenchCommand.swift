// `holdfast bench`: warm-up, measurement with a line of progress a second, report.

import Glibc
import HoldfastModel
import HoldfastSystem

struct BenchCommand: Sendable {
    let world: World

    private static let threadsMax = 64
    private static let slotsMax = 1_000_000

    func run() async throws(UsageError) -> ExitCode {
        let plan = try plan()
        let connector = try world.connector()
        let interruption: Interruption
        let loops: [EventLoop]
        do {
            // Ten thousand connections are ten thousand descriptors.
            _ = try ResourceLimits.raiseDescriptors()
            loops = try (0..<(try threads())).map { index in
                let loop = try EventLoop(index: LoopIndex(number: UInt8(index + 1)))
                try loop.start()
                return loop
            }
            interruption = try Interruption(on: world.loop)
        } catch let error as UsageError {
            throw error
        } catch {
            world.tell("\(error)")
            return .refused
        }
        let (code, signal) = await interruption.guarding(on: world.loop) {
            await measure(plan, on: loops, by: connector)
        }
        for loop in loops { loop.stop() }
        for loop in loops { loop.join() }
        return signal.map(ExitCode.signal) ?? code ?? .refused
    }

    private func threads() throws(UsageError) -> Int {
        let threads = world.settings[BenchOptions.threads] ?? 1
        guard (1...BenchCommand.threadsMax).contains(threads) else {
            throw UsageError("--threads: 1 to \(BenchCommand.threadsMax)", in: .bench)
        }
        return threads
    }

    private func plan() throws(UsageError) -> BenchPlan {
        let settings = world.settings
        let keys = settings[BenchOptions.keys] ?? .own
        let plan = BenchPlan(
            connections: settings[BenchOptions.connections] ?? 64,
            pipeline: settings[BenchOptions.pipeline] ?? 1,
            resources: settings[BenchOptions.resources] ?? (keys == .own ? 10_000 : 1),
            keys: keys,
            mode: settings[Options.mode] ?? .exclusive,
            lease: settings[Options.lease] ?? .seconds(30),
            label: String(getpid())
        )
        guard plan.connections > 0, plan.pipeline > 0, plan.resources > 0 else {
            throw UsageError("--connections, --pipeline and --resources are at least 1", in: .bench)
        }
        guard plan.connections <= BenchCommand.slotsMax / plan.pipeline else {
            throw UsageError(
                "--connections times --pipeline is at most \(BenchCommand.slotsMax)",
                in: .bench
            )
        }
        return plan
    }

    // MARK: Measurement

    private func measure(
        _ plan: BenchPlan,
        on loops: [EventLoop],
        by connector: any Connector
    ) async -> ExitCode {
        let workers = loops.enumerated().map { index, loop in
            let numbers = Array(stride(from: index, to: plan.connections, by: loops.count))
            return BenchWorker(on: loop, plan: plan, numbers: numbers)
        }
        if let error = await connect(workers, by: connector) {
            for worker in workers { await worker.close() }
            if case .unreachable(let why) = error {
                world.tell("cannot reach the server: \(why)")
            }
            return .unreachable
        }
        return await withTaskGroup(of: Void.self) { group in
            for worker in workers {
                group.addTask(executorPreference: worker.loop) { await worker.run() }
            }
            let code = await phases(workers, plan)
            await finish(workers)
            group.cancelAll()
            return code
        }
    }

    /// Opens everything, each worker on its own loop; the first thing that goes wrong.
    private func connect(
        _ workers: [BenchWorker],
        by connector: any Connector
    ) async -> LinkError? {
        await withTaskGroup(of: LinkError?.self) { [world] group in
            for worker in workers {
                group.addTask(executorPreference: worker.loop) {
                    await worker.connect(to: world.server, by: connector)
                }
            }
            var first: LinkError?
            while let error = await group.next() { first = first ?? error }
            return first
        }
    }

    private func phases(_ workers: [BenchWorker], _ plan: BenchPlan) async -> ExitCode {
        let warmup = world.settings[BenchOptions.warmup] ?? .seconds(1)
        let seconds = world.settings[BenchOptions.seconds] ?? .seconds(10)
        guard await pass(warmup, "warming up", workers) else { return .refused }
        for worker in workers { await worker.reset() }
        let start = world.now
        let isComplete = await pass(seconds, "", workers)
        var report = BenchReport(
            elapsed: world.now - start,
            connections: plan.connections,
            pipeline: plan.pipeline
        )
        for worker in workers { report = await worker.add(to: report) }
        world.console.show(status: nil)
        if world.settings.isOn(Options.json) {
            world.console.print(report.json)
        } else {
            world.console.print(report.lines(style: world.console.style))
        }
        return isComplete ? .done : .unreachable
    }

    /// Lets time pass and says each second how it goes; false when every connection has broken.
    private func pass(_ time: Interval, _ name: String, _ workers: [BenchWorker]) async -> Bool {
        let alarm = world.loop.makeAlarm()
        let end = world.now + time
        var last = (at: world.now, cycles: UInt64(0))
        while world.now < end {
            alarm.set(for: min(end, world.now + .seconds(1)))
            guard await alarm.rings() else { return true }
            let progress = await sum(of: workers)
            let elapsed = max(0.001, (world.now - last.at).seconds)
            let rate = Int(Double(progress.cycles - last.cycles) / elapsed)
            last = (world.now, progress.cycles)
            tell("\(name.isEmpty ? "" : name + ": ")\(rate) cycles/s", progress)
            guard progress.broken == 0 else {
                world.tell("\(progress.broken) connections were lost")
                return false
            }
        }
        return true
    }

    private func tell(_ text: String, _ progress: BenchWorker.Progress) {
        let errors = progress.errors > 0 ? ", \(progress.errors) errors" : ""
        if world.console.isMessageTerminal {
            world.console.show(status: text + errors)
        } else {
            world.tell(text + errors)
        }
    }

    private func sum(of workers: [BenchWorker]) async -> BenchWorker.Progress {
        var sum = BenchWorker.Progress()
        for worker in workers {
            let part = await worker.progress
            sum.cycles += part.cycles
            sum.errors += part.errors
            sum.broken += part.broken
        }
        return sum
    }

    /// Ends the cycles under way, for two seconds at most, so that nothing stays locked.
    private func finish(_ workers: [BenchWorker]) async {
        for worker in workers { await worker.end() }
        let alarm = world.loop.makeAlarm()
        let end = world.now + .seconds(2)
        while world.now < end {
            var isIdle = true
            for worker in workers where !(await worker.isIdle) { isIdle = false }
            if isIdle { break }
            alarm.set(for: world.now + .milliseconds(10))
            guard await alarm.rings() else { break }
        }
        for worker in workers { await worker.close() }
    }
}
