// A walk over every sequence of an alphabet up to a depth: a tree, forked by copying the duel. The first
// disagreement bounds the depth of the search that goes on, so the sequence it prints is the shortest.

import HoldfastCore
import HoldfastModel

/// Every sequence of letters, tried on both.
struct Walk {
    let letters: [Letter]
    /// At the deepest states all is compared in every fourth only: for debug builds, which are slow.
    let isHasty: Bool
    private(set) var stateCount = 0
    private(set) var failure: String?
    private var depthMax: Int
    private var path: [Letter] = []

    init(letters: [Letter], depth: Int, isHasty: Bool) {
        self.letters = letters
        self.isHasty = isHasty
        depthMax = depth
    }

    mutating func run(from duel: Duel) {
        guard path.count < depthMax else { return }
        for letter in letters {
            var next = duel
            path.append(letter)
            next.isThorough = !isHasty || path.count < depthMax || stateCount.isMultiple(of: 4)
            do {
                if try next.play(letter) {
                    stateCount += 1
                    run(from: next)
                }
            } catch {
                note(error, duel)
            }
            path.removeLast()
            guard path.count < depthMax else { return }
        }
    }

    private mutating func note(_ error: Duel.Disagreement, _ duel: Duel) {
        depthMax = path.count - 1
        let lines = path.enumerated().map { "\($0 + 1). \($1.line(duel.clients))" }
        failure = (lines + [error.text]).joined(separator: "\n")
    }
}
