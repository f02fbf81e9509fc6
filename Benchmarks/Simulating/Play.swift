// Plays the seeds, adds up what they did, and looks closer at each that failed.

import Glibc
import HoldfastModel
import HoldfastSimulation
import Synchronization

/// A run over many seeds.
struct Play {
    private let wish: Wish

    init(_ wish: Wish) { self.wish = wish }

    /// What one seed came to.
    struct Played: Sendable {
        var outcome: Outcome
        var isClean: Bool
        /// To be printed in its turn.
        var lines: [String]
    }

    /// True when every seed ran clean.
    func run() -> Bool {
        let sums = Locked((total: Total(), failedCount: 0))
        Jobs(over: scenarios, play: play) { played in
            for line in played.lines { print(line) }
            if !played.lines.isEmpty { fflush(nil) }
            sums.withLock { sums in
                sums.total.add(played.outcome)
                sums.failedCount += played.isClean ? 0 : 1
            }
        }.run(onThreads: wish.jobCount)
        let (total, failedCount) = sums.withLock { $0 }
        print(total.summary)
        for line in total.lines { print(line) }
        let strayCount = EscapeWatch.strayCount.load(ordering: .relaxed)
        if strayCount > 0 { print("\(strayCount) jobs escaped, of no seed") }
        if failedCount > 0 { print("\(failedCount) seeds failed") }
        return failedCount == 0 && strayCount == 0 && hasSeenEverything(total)
    }

    private var scenarios: [Scenario] {
        let seeds =
            wish.playsFound
            ? FoundSeed.all.map { ($0.seed, $0.stepCount) }
            : wish.seeds.map { ($0, wish.stepCount) }
        return seeds.map { seed, stepCount in
            var scenario = Scenario(
                seed: seed,
                stepCount: stepCount,
                allowing: wish.faults,
                keepsFiles: wish.keepsFiles
            )
            scenario.mutation = wish.mutation
            return scenario
        }
    }

    private func play(_ scenario: Scenario) -> Played {
        Seat.current?.pointee.seed = scenario.seed
        let escapedBefore = Seat.current?.pointee.escapedCount ?? 0
        var outcome = Simulation(scenario, isTracing: wish.isTracing).run()
        let escapedCount = (Seat.current?.pointee.escapedCount ?? 0) - escapedBefore
        var lines = outcome.trace.map(TraceText.text)
        outcome.trace = []
        if escapedCount > 0 { lines.append("seed \(scenario.seed): \(escapedCount) jobs escaped") }
        lines += report(scenario, outcome)
        return Played(
            outcome: outcome,
            isClean: outcome.violations.isEmpty && escapedCount == 0,
            lines: lines
        )
    }

    /// In a run that is long enough everything must have happened.
    private func hasSeenEverything(_ total: Total) -> Bool {
        guard !wish.playsFound, wish.seeds.count >= Coverage.seedCountMin, wish.stepCount >= 100,
            wish.faults.count == Fault.allCases.count, wish.mutation == nil
        else { return true }
        let missing = total.missing
        for name in missing { print("never happened: \(name)") }
        return missing.isEmpty
    }

    private func report(_ scenario: Scenario, _ outcome: Outcome) -> [String] {
        guard let found = outcome.violations.first else { return [] }
        var lines = ["seed \(scenario.seed) breaks '\(found.check)': \(found.text)"]
        let small = Shrinker.shrink(scenario, breaking: found.check)
        let again = Simulation(small, isTracing: true).run()
        lines.append("smaller: \(Shrinker.text(of: small))")
        for violation in again.violations.prefix(3) {
            lines.append("  \(violation.check): \(violation.text)")
            lines += LaneChart.rows(before: violation, in: again.trace).map { "    \($0)" }
        }
        return lines
    }
}
