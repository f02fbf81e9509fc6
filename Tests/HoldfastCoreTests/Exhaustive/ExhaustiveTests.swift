// Every sequence of up to four events of each theme, tried on the core and on a second model written from the rules
// alone. HOLDFAST_EXHAUSTIVE_DEPTH goes further; `.ci/run` has six, in a release build.

import Glibc
import HoldfastCore
import HoldfastModel
import TestSupport
import Testing

@Suite(.offThePool)
struct ExhaustiveTests {
    /// A depth asked for from outside goes for every theme.
    private static let depthAskedFor: Int? = {
        guard let text = getenv("HOLDFAST_EXHAUSTIVE_DEPTH") else { return nil }
        return Int(String(cString: text))
    }()

    @Test(arguments: Alphabet.all)
    func `rules 2 to 25 every short sequence goes as a second model predicts`(
        alphabet: Alphabet
    ) throws {
        try #require(alphabet.letters.count <= 12)
        let depth = ExhaustiveTests.depthAskedFor ?? alphabet.depth
        let isHasty = ExhaustiveTests.depthAskedFor == nil
        var walk = Walk(letters: alphabet.letters, depth: depth, isHasty: isHasty)
        try walk.run(from: alphabet.duel())
        print("\(alphabet.name): \(walk.stateCount) states, depth \(depth)")
        #expect(walk.stateCount > 0)
        if let failure = walk.failure { Issue.record("\(alphabet.name)\n\(failure)") }
    }
}
