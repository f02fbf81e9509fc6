// Chance that repeats: the same seed gives the same words in every process (SplitMix64).

/// A small generator for tests and simulation; never for secrets.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

extension SeededGenerator {
    /// Of 0 ..< bound; the small bias of a remainder does not matter here, and it costs one word.
    package mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % max(1, bound) }

    package mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    package mutating func milliseconds(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }
}
