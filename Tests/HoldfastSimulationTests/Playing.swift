// How the tests play seeds. A seed never waits, so it would hold a thread that all tests share: suites that play are
// off the pool.

import HoldfastModel
import HoldfastSimulation
import Testing

/// Plays seeds one after another.
func play(
    _ seeds: ClosedRange<UInt64>,
    stepCount: Int,
    keepsFiles: Bool? = nil,
    isTracing: Bool = false
) -> [Outcome] {
    seeds.map { seed in
        play(
            Scenario(seed: seed, stepCount: stepCount, keepsFiles: keepsFiles),
            isTracing: isTracing
        )
    }
}

func play(_ scenario: Scenario, isTracing: Bool = false) -> Outcome {
    Simulation(scenario, isTracing: isTracing).run()
}

extension Outcome {
    /// Every broken check is an issue.
    func expectClean() {
        for violation in violations {
            Issue.record("seed \(scenario.seed): \(violation.check): \(violation.text)")
        }
    }

    var lines: [String] { trace.map(TraceText.text) }
}
