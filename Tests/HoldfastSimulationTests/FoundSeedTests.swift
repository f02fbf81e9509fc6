// What seeds once found stays mended. Those that take many steps to come to it are played by `holdfast-sim --found`
// alone, in a release build.

import HoldfastModel
import HoldfastSimulation
import TestSupport
import Testing

extension FoundSeed: CustomTestStringConvertible {
    package var testDescription: String { "seed \(seed): \(what)" }
}

@Suite(.serialized, .offThePool)
struct FoundSeedTests {
    @Test(arguments: FoundSeed.all.filter { $0.stepCount <= 300 })
    func `a seed that found something runs clean`(found: FoundSeed) {
        play(Scenario(seed: found.seed, stepCount: found.stepCount)).expectClean()
    }

    @Test func `a seed whose run differed from process to process is one run`() {
        let scenario = Scenario(seed: 8, stepCount: 300)
        let runs = (1...2).map { _ in play(scenario, isTracing: true).lines }
        #expect(runs[0].count > 100)
        #expect(Set(runs).count == 1)
    }
}
