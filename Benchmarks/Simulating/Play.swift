// Plays the seeds one after another, adds up what they did, and looks closer at one that failed.

import HoldfastModel
import HoldfastSimulation
import Synchronization

/// A run over many seeds.
struct Play {
    private let wish: Wish

    init(_ wish: Wish) { self.wish = wish }

    /// True when every seed ran clean.
    func run() -> Bool {
        var total = Total()
        var failedCount = 0
        for seed in wish.seeds {
            var scenario = Scenario(
                seed: seed,
                stepCount: wish.stepCount,
                allowing: wish.faults,
                keepsFiles: wish.keepsFiles
            )
            scenario.mutation = wish.mutation
            let escapedBefore = EscapeWatch.count.load(ordering: .relaxed)
            let outcome = Simulation(scenario, isTracing: wish.isTracing).run()
            if wish.isTracing { for line in outcome.trace { print(TraceText.text(of: line)) } }
            total.add(outcome)
            let escaped = EscapeWatch.count.load(ordering: .relaxed) - escapedBefore
            if escaped > 0 { print("seed \(seed): \(escaped) jobs escaped to the global pool") }
            guard !outcome.violations.isEmpty || escaped > 0 else { continue }
            failedCount += 1
            if !outcome.violations.isEmpty { report(scenario, outcome) }
        }
        print(total.summary)
        for line in total.lines { print(line) }
        if failedCount > 0 { print("\(failedCount) seeds failed") }
        return failedCount == 0 && hasSeenEverything(total)
    }

    /// In a run that is long enough everything must have happened.
    private func hasSeenEverything(_ total: Total) -> Bool {
        guard wish.seeds.count >= Coverage.seedCountMin, wish.stepCount >= 100,
            wish.faults.count == Fault.allCases.count, wish.mutation == nil
        else { return true }
        let missing = total.missing
        for name in missing { print("never happened: \(name)") }
        return missing.isEmpty
    }

    private func report(_ scenario: Scenario, _ outcome: Outcome) {
        let found = outcome.violations[0]
        print("seed \(scenario.seed) breaks '\(found.check)': \(found.text)")
        let small = Shrinker.shrink(scenario, breaking: found.check)
        let again = Simulation(small, isTracing: true).run()
        print("smaller: \(Shrinker.text(of: small))")
        for violation in again.violations.prefix(3) {
            print("  \(violation.check): \(violation.text)")
            for line in TraceText.around(violation, in: again.trace) { print("    \(line)") }
        }
    }
}
