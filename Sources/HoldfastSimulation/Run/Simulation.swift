// One seed from beginning to end: chaos, healing, everybody served, everybody gone, nothing left.
//
//     start ── steps with faults ── heal ── restart, compare ── until nobody waits ── restart, compare ──
//     everybody leaves ── nothing left ── restart with the wall clock put back ── nothing left, fences rise

import HoldfastCoordinator
package import HoldfastModel

/// What came of one seed.
package struct Outcome: Sendable {
    package var scenario: Scenario
    /// Steps that were taken before a check broke, or all.
    package var stepCount: Int
    package var violations: [Violation]
    package var counts: [String: Int]
    package var virtualTime: Interval
    package var pieceCount: Int
    package var trace: [(at: Instant, text: String)]
}

/// Plays one scenario.
package final class Simulation: @unchecked Sendable {
    let stage: Stage
    var clients: [RawClient] = []
    var watcher: Watcher?
    var sdkClients: [SDKClient] = []
    /// Of seeds without a disk.
    let journal: PatientJournal
    let platter = SimulatedPlatter()
    var isServerStopping = false

    package init(_ scenario: Scenario, isTracing: Bool = false) {
        stage = Stage(scenario, isTracing: isTracing)
        journal = PatientJournal(SimulatedJournal(snapshotPeriod: 40), in: stage.world)
        clients = (0..<scenario.rawCount).map { RawClient($0, on: stage) }
    }

    var world: SeededWorld { stage.world }
    var oracle: Oracle { stage.oracle }
    var scenario: Scenario { stage.scenario }

    package func run() -> Outcome {
        let start = world.now
        world.cutsPerMille = world.random.below(20)
        if stage.has(.slowJournal) {
            stage.inject(.slowJournal)
            journal.delayMillisecondsMax = 1 + world.random.below(80)
        }
        if stage.has(.smallLimits) { stage.inject(.smallLimits) }
        slowDiskDown()
        startServer()
        sdkClients = (0..<scenario.sdkCount).map { SDKClient($0, on: stage) }
        for client in sdkClients { client.start() }
        var stepCount = 0
        while stepCount < scenario.stepCount, oracle.violations.isEmpty {
            takeStep(stepCount)
            stepCount += 1
            judgeProgress()
        }
        for phase in [heal, serveEverybody, restartAndCompare, leave, beginAgain]
        where oracle.violations.isEmpty {
            phase()
            judgeProgress()
        }
        oracle.judgeOverlaps()
        countDiskFaults()
        let outcome = Outcome(
            scenario: scenario,
            stepCount: stepCount,
            violations: oracle.violations,
            counts: oracle.counts,
            virtualTime: world.now - start,
            pieceCount: world.pieceCount,
            trace: stage.trace
        )
        // A task that is never cancelled keeps all it ever knew.
        stage.server?.kill()
        world.end()
        return outcome
    }

    // MARK: Chaos

    private func takeStep(_ step: Int) {
        let gap = world.random.below(scenario.gapMillisecondsMax * 1_000)
        let isLong = world.random.below(200) == 0
        world.run(for: Interval(nanoseconds: Int64(gap) * (isLong ? 20_000 : 1_000)))
        bringBackIfOver()
        if world.random.below(100) < 8 { strike() } else { world.random.pick(clients).act() }
        if step.isMultiple(of: 16) { judgeQuiet() }
    }

    func judgeQuiet() {
        guard isQuiet else { return }
        oracle.judgeQuiet()
        for client in clients { client.judgeQuiet() }
    }

    /// Nothing can run, nothing is under way to the disk, and nobody was held up a moment ago: a loop that woke late
    /// ends leases later.
    var isQuiet: Bool {
        stage.server != nil && !isServerStopping && !world.isHeldUp && world.settle()
            && journal.isIdle && platter.isIdle && stage.server?.journalFailure == nil
    }

    /// Somebody asks and is answered for ever, and no time passes.
    private func judgeProgress() {
        guard world.isStuck, oracle.violations.isEmpty else { return }
        oracle.fail("time-goes-on", "a million things happened in one instant")
    }
}
