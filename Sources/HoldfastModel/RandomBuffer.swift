// Randomness for ticket secrets, bought in bulk: the system's generator makes one kernel call per
// word.

/// A supply of random words; the caller says where they come from, so a simulation can seed it.
@usableFromInline package struct RandomBuffer: RandomNumberGenerator, Sendable {
    private var words: [UInt64]
    private var used: Int
    private let refill: @Sendable (_ words: inout [UInt64]) -> Void

    @usableFromInline package init(
        wordCount: Int = 512,
        refill: @escaping @Sendable (_ words: inout [UInt64]) -> Void
    ) {
        words = Array(repeating: 0, count: wordCount)
        used = wordCount
        self.refill = refill
    }

    @usableFromInline package mutating func next() -> UInt64 {
        if used == words.count {
            refill(&words)
            used = 0
        }
        defer { used += 1 }
        return words[used]
    }
}
