// The connections of one loop of the generator, and their sums.

import HoldfastModel
import HoldfastSystem

actor BenchWorker {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let plan: BenchPlan
    private let numbers: [Int]
    private var connections: [BenchConnection] = []

    /// Looks after the connections of these numbers.
    init(on loop: EventLoop, plan: BenchPlan, numbers: [Int]) {
        self.loop = loop
        self.plan = plan
        self.numbers = numbers
    }

    /// Opens all connections, one after another: a crowd at the door would be another benchmark.
    ///
    /// The answer is what went wrong, if anything did.
    func connect(to address: ServerAddress, by connector: any Connector) async -> LinkError? {
        for number in numbers {
            do throws(ConnectError) {
                let stream = try await connector.connect(to: address, on: loop)
                connections.append(
                    BenchConnection(stream, on: loop, plan: plan, number: number)
                )
            } catch {
                return LinkError(error, address)
            }
        }
        return nil
    }

    /// Cycles on every connection until all have ended.
    func run() async {
        let parts = connections.map { LoopBound($0, on: loop) }
        await withTaskGroup(of: Void.self) { [loop] group in
            for part in parts {
                group.addTask(executorPreference: loop) { await self.run(part) }
            }
        }
    }

    private func run(_ part: LoopBound<BenchConnection>) async { await part.value.run() }

    /// Forgets what was measured so far.
    func reset() {
        for connection in connections { connection.tally = BenchConnection.Tally() }
    }

    func end() {
        for connection in connections { connection.isEnding = true }
    }

    var isIdle: Bool { connections.allSatisfy(\.isIdle) }

    func close() {
        for connection in connections { connection.close() }
    }

    struct Progress: Sendable {
        var cycles: UInt64 = 0
        var errors: UInt64 = 0
        var broken = 0
    }

    var progress: Progress {
        connections.reduce(into: Progress()) { sum, connection in
            sum.cycles += connection.tally.cycles
            sum.errors += connection.tally.errors
            sum.broken += connection.isBroken ? 1 : 0
        }
    }

    /// The sums of what was measured.
    func add(to report: BenchReport) -> BenchReport {
        var report = report
        for connection in connections {
            report.cycles += connection.tally.cycles
            report.errors += connection.tally.errors
            report.acquire.add(connection.tally.acquire)
            report.release.add(connection.tally.release)
        }
        return report
    }
}
