// The oracle is worth what it notices: a deliberate bug of the server must break a check within two hundred seeds, and
// the test says which check it was. Only debug builds have the bugs.

import HoldfastModel
import HoldfastSimulation
import Testing

@Suite(.serialized)
struct MutationTests {
    static var isDebugBuild: Bool {
        #if DEBUG
        true
        #else
        false
        #endif
    }

    @Test(.enabled(if: MutationTests.isDebugBuild), arguments: Mutation.allCases)
    func `a deliberate bug of the server is noticed`(mutation: Mutation) async {
        let found = await offThePool { MutationTests.firstFinding(of: mutation) }
        #expect(found != nil, "two hundred seeds saw nothing of \(mutation)")
        if let found { print("\(mutation): seed \(found.seed), \(found.check)") }
    }

    private static func firstFinding(of mutation: Mutation) -> (seed: UInt64, check: String)? {
        for seed in UInt64(1)...200 {
            var scenario = Scenario(seed: seed, stepCount: 150)
            scenario.mutation = mutation
            if let violation = Simulation(scenario).run().violations.first {
                return (seed, violation.check)
            }
        }
        return nil
    }
}
