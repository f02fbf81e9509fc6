// A generator with a seed, so that a walk that failed can be walked again.

import HoldfastModel

/// SplitMix64: one addition and three mixes a word.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// Odd microseconds, so that two deadlines hardly ever fall together.
    mutating func interval(upTo milliseconds: Int) -> Interval {
        let microseconds = Int64.random(in: 1...Int64(milliseconds) * 1_000, using: &self)
        return Interval(nanoseconds: microseconds * 1_000)
    }
}
