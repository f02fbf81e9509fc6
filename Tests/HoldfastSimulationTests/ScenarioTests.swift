// What a seed decides before it is played.

import HoldfastModel
import HoldfastSimulation
import Testing

struct ScenarioTests {
    private let scenarios = (1...2_000).map { Scenario(seed: $0, stepCount: 1) }

    @Test func `where little may wait to be written there are few tickets to be told of`() {
        // Seed 737: so much happened in one turn that the faultless watcher missed some of it (rule 32).
        let small = scenarios.map(\.limits).filter { $0.outboundBytes < 1_000_000 }
        #expect(small.count > 100)
        #expect(small.allSatisfy { $0.ticketsPerPrincipal <= 6 })
    }

    @Test func `every fault is on in some seeds and off in others`() {
        for fault in Fault.allCases {
            let count = scenarios.count { $0.has(fault) }
            #expect((100...1_900).contains(count), "\(fault) is on in \(count) of 2,000")
        }
    }
}
