// Long random walks of five clients, tried on the core and on the second model. A walk that fails is made
// shorter before it is shown: a letter that is not needed for the disagreement is left out.

import HoldfastCore
import HoldfastModel
import TestSupport
import Testing

@Suite(.offThePool)
struct LongWalkTests {
    private static let seedCount: UInt64 = 80
    private static let stepCount = 120

    private static var bounds: LockState.Bounds {
        var bounds = LockState.Bounds()
        bounds.retain = .milliseconds(6_000)
        bounds.retained = 6
        bounds.queue = 12
        return bounds
    }

    /// Plays the letters; how far it came, and what went wrong there.
    private func play(_ letters: [Letter]) throws -> (steps: Int, failure: Duel.Disagreement?) {
        let bounds = LongWalkTests.bounds
        var duel = try Duel(bounds: bounds, clients: RandomLetters.clients, canCrash: true)
        for (index, letter) in letters.enumerated() {
            do {
                _ = try duel.play(letter)
            } catch {
                return (index + 1, error)
            }
        }
        return (letters.count, nil)
    }

    /// Leaves out one letter after another for as long as something still goes wrong.
    private func shorten(_ failing: [Letter]) throws -> [Letter] {
        var letters = failing
        var length = Int.max
        while letters.count < length {
            length = letters.count
            for index in letters.indices.reversed() where index < letters.count {
                var fewer = letters
                fewer.remove(at: index)
                let (steps, failure) = try play(fewer)
                if failure != nil { letters = Array(fewer.prefix(steps)) }
            }
        }
        return letters
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `rules 2 to 25 long random walks go as a second model predicts`(part: UInt64) throws {
        let disagreement = try firstDisagreement(in: part)
        if let disagreement { Issue.record("\(disagreement)") }
    }

    /// Walks every fourth seed; tells the shortest story of the first that goes wrong.
    private func firstDisagreement(in part: UInt64) throws -> String? {
        let path = try #require(ResourcePath("duel"))
        for seed in stride(from: part, to: LongWalkTests.seedCount, by: 4) {
            var random = RandomLetters(seed: seed, path: path)
            let letters = (0..<LongWalkTests.stepCount).map { _ in random.next() }
            let (steps, failure) = try play(letters)
            guard failure != nil else { continue }
            let short = try shorten(Array(letters.prefix(steps)))
            let lines = short.map { $0.line(RandomLetters.clients) }
            let text = try play(short).failure?.text ?? "it went well the second time"
            return "seed \(seed)\n\(lines.joined(separator: "\n"))\n\(text)"
        }
        return nil
    }
}
