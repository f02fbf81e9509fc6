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
    func `every kind of grant, ending and check happens in a few seeds`() async {
        var counts: [String: Int] = [:]
        for outcome in await play(1...40, stepCount: 150) {
            counts.merge(outcome.counts) { $0 + $1 }
        }
        let needed = [
            "saw acquired", "saw expired", "saw released", "saw cancelled", "saw timed_out",
            "saw abandoned", "saw session_ended", "saw stolen", "saw cleared", "check exclusion",
            "check no-overtaking", "check fences-rise", "check leases-kept", "check ended-stays",
            "check no-lost-wake-up", "check nothing-forgotten", "check nothing-left",
            "sdk locks used", "session resumed", "fault serverCrash", "fault reset",
        ]
        for name in needed { #expect(counts[name, default: 0] > 0, "\(name) never happened") }
    }
}
