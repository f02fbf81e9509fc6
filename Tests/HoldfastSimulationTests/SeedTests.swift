// Seeds of the simulation: many short ones run clean, the same seed is the same run, and what a seed once
// found stays found. Long runs are the business of `holdfast-sim`.

import HoldfastModel
import HoldfastSimulation
import TestSupport
import Testing

@Suite(.serialized, .offThePool)
struct SeedTests {
    @Test func `forty seeds with every fault run clean`() {
        for outcome in play(1...40, stepCount: 30) { outcome.expectClean() }
    }

    @Test func `the same seed is the same run, line by line`() {
        let (one, other) = (
            play(7...8, stepCount: 120, isTracing: true),
            play(7...8, stepCount: 120, isTracing: true)
        )
        for (one, other) in zip(one, other) {
            #expect(one.trace.count > 120)
            let isSame = one.lines == other.lines
            #expect(isSame, "seed \(one.scenario.seed) was another run the second time")
        }
    }

    @Test func `another seed is another run`() {
        let outcomes = play(7...8, stepCount: 100, isTracing: true)
        #expect(outcomes[0].lines != outcomes[1].lines)
    }

    @Test func `whatever never happened in a run is named`() {
        let missing = Coverage.missing(in: ["fault reset": 1])
        #expect(missing.contains("fault stall"))
        #expect(missing.contains("error not_stealable"))
        #expect(!missing.contains("fault reset"))
    }
}
