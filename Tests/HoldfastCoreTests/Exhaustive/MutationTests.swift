// The second model is worth what it notices: every deliberate bug of the core must be seen by a random walk soon. Only
// debug builds have the bugs.

import HoldfastCore
import HoldfastModel
import TestSupport
import Testing

@Suite(.offThePool)
struct MutationTests {
    private static let seedCount: UInt64 = 200
    private static let stepCount = 120

    /// Those of the desk are no business of one resource.
    static let ofTheCore = Mutation.allCases.filter {
        switch $0 {
        case .forgetsFences, .tellsBeforeDurable: false
        default: true
        }
    }

    @Test(.enabled(if: Build.isDebug), arguments: ofTheCore)
    func `a deliberate bug of the core is seen by the second model`(
        mutation: Mutation
    ) throws {
        let seed = try MutationTests.firstSeed(thatSees: mutation)
        #expect(seed != nil, "\(MutationTests.seedCount) walks saw nothing of \(mutation)")
    }

    private static func firstSeed(thatSees mutation: Mutation) throws -> UInt64? {
        var bounds = LockState.Bounds()
        bounds.retain = .milliseconds(6_000)
        bounds.retained = 6
        bounds.queue = 12
        bounds.mutation = mutation
        let path = try #require(ResourcePath("duel"))
        for seed in 0..<seedCount {
            var letters = RandomLetters(seed: seed, path: path)
            var duel = try Duel(bounds: bounds, clients: RandomLetters.clients, canCrash: true)
            // The invariants of the core itself would end the process.
            duel.isThorough = false
            do {
                for _ in 0..<stepCount {
                    _ = try duel.play(letters.next())
                }
            } catch {
                return seed
            }
        }
        return nil
    }
}
