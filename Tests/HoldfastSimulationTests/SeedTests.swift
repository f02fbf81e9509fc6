// Seeds of the simulation: a few hundred short ones run clean, the same seed is the same run, and what a seed once
// found stays found. Long runs are the business of `holdfast-sim`.

import HoldfastModel
import HoldfastSimulation
import Testing

@Suite(.serialized)
struct SeedTests {
    /// Plays on a thread of its own: a seed never waits, so it would hold a thread that all tests share.
    private func play(
        _ seeds: ClosedRange<UInt64>,
        stepCount: Int,
        isTracing: Bool = false
    ) async -> [Outcome] {
        await offThePool {
            seeds.map { seed in
                let scenario = Scenario(seed: seed, stepCount: stepCount)
                return Simulation(scenario, isTracing: isTracing).run()
            }
        }
    }

    @Test(arguments: [UInt64(1), 101])
    func `a hundred seeds with every fault run clean`(first: UInt64) async {
        for outcome in await play(first...first + 99, stepCount: 30) {
            for violation in outcome.violations {
                Issue.record("seed \(outcome.scenario.seed): \(violation.check): \(violation.text)")
            }
        }
    }

    @Test
    func `the same seed is the same run, line by line`() async {
        let (one, other) = (
            await play(7...9, stepCount: 200, isTracing: true),
            await play(7...9, stepCount: 200, isTracing: true)
        )
        for (one, other) in zip(one, other) {
            #expect(one.trace.count > 200)
            let isSame = one.trace.map(TraceText.text) == other.trace.map(TraceText.text)
            #expect(isSame, "seed \(one.scenario.seed) was another run the second time")
        }
    }

    @Test
    func `another seed is another run`() async {
        let outcomes = await play(7...8, stepCount: 100, isTracing: true)
        #expect(outcomes[0].trace.map(TraceText.text) != outcomes[1].trace.map(TraceText.text))
    }

    @Test
    func `whatever never happened in a run is named`() {
        let missing = Coverage.missing(in: ["fault reset": 1])
        #expect(missing.contains("fault stall"))
        #expect(missing.contains("error not_stealable"))
        #expect(!missing.contains("fault reset"))
    }
}
