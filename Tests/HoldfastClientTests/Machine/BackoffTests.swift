// The pauses between attempts: growing, bounded, different for everybody.

import HoldfastModel
import Testing

@testable import HoldfastClient

struct BackoffTests {
    /// Always the least or always the most that chance can give.
    private struct Extreme: RandomNumberGenerator {
        var word: UInt64
        mutating func next() -> UInt64 { word }
    }

    private func pauses(_ count: Int, _ word: UInt64) -> [Interval] {
        var backoff = Backoff(first: .milliseconds(100), longest: .seconds(1))
        var generator = Extreme(word: word)
        return (0..<count).map { _ in backoff.pause(using: &generator) }
    }

    @Test func `a pause is at least half of what it may be`() {
        // Nearly nothing: of nothing at all a fair choice from a range could not be made.
        #expect(
            pauses(6, 1 << 32) == [50, 100, 200, 400, 500, 500].map { Interval.milliseconds($0) }
        )
    }

    @Test func `a pause doubles up to its bound`() {
        #expect(
            pauses(6, .max) == [100, 200, 400, 800, 1_000, 1_000].map { Interval.milliseconds($0) }
        )
    }

    @Test func `a success begins anew`() {
        var backoff = Backoff(first: .milliseconds(100), longest: .seconds(1))
        var generator = Extreme(word: .max)
        _ = backoff.pause(using: &generator)
        _ = backoff.pause(using: &generator)
        backoff.succeeded()
        #expect(backoff.pause(using: &generator) == .milliseconds(100))
    }

    @Test func `a thousand failures overflow nothing`() {
        #expect(pauses(1_000, .max).last == .seconds(1))
    }
}
