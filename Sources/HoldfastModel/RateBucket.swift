// How much somebody may ask in a second: a bucket of as many tokens as a second brings (rule 31). It is kept as one
// instant, until which everything is spent, so that a request on any loop takes its token with one exchange of a word.
// A bucket with a count and the time of its last filling was rejected: two words cannot be exchanged at once.
//
//     empty until ──┬──────────────┬──────────────┐
//                   now            + 1 s          + 2 s
//                   │ all may ask  │ only what keeps and ends locks

import Synchronization

/// The tokens of one principal; whoever has it may be on any thread.
package struct RateBucket: ~Copyable, Sendable {
    private let spentUntil = Atomic<Int64>(.min)

    package init() {}

    /// How far ahead a principal may have spent: a second's tokens at once.
    package static let depth = Interval.seconds(1)
    /// How much further, for what keeps and ends locks: it is the last to be refused, since without it others wait
    /// for locks that nobody wants any more, or lose those that they work under.
    package static let reserve = Interval.seconds(1)

    /// Takes one token of so many a second; where there is none, nothing is taken, and it says how long until there is.
    package func take(at now: Instant, rate: Int, keeps: Bool) -> Interval? {
        let cost = max(1, 1_000_000_000 / Int64(rate))
        let depth = RateBucket.depth.nanoseconds + (keeps ? RateBucket.reserve.nanoseconds : 0)
        var spent = spentUntil.load(ordering: .relaxed)
        while true {
            let next = max(spent, now.nanoseconds) + cost
            let missing = next - now.nanoseconds - depth
            guard missing <= 0 else { return Interval(nanoseconds: missing) }
            let (done, seen) = spentUntil.weakCompareExchange(
                expected: spent,
                desired: next,
                ordering: .relaxed
            )
            if done { return nil }
            spent = seen
        }
    }
}
