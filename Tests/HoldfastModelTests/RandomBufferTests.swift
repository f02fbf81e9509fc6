// Randomness in bulk: every word is handed out once, and the supply is asked only when it is used up.

import HoldfastModel
import Synchronization
import Testing

struct RandomBufferTests {
    private final class Supply: Sendable {
        let refillCount = Atomic<UInt64>(0)

        func fill(_ words: inout [UInt64]) {
            let round = refillCount.wrappingAdd(1, ordering: .relaxed).newValue
            for index in words.indices { words[index] = round * 1_000 + UInt64(index) }
        }
    }

    @Test func `nothing is bought before a word is wanted`() {
        let supply = Supply()
        var buffer = RandomBuffer(wordCount: 4) { supply.fill(&$0) }
        #expect(supply.refillCount.load(ordering: .relaxed) == 0)
        #expect(buffer.next() == 1_000)
        #expect(supply.refillCount.load(ordering: .relaxed) == 1)
    }

    @Test
    func `every word is handed out once, in order, and the buffer is bought when it is empty`() {
        let supply = Supply()
        var buffer = RandomBuffer(wordCount: 3) { supply.fill(&$0) }
        let words = (0..<7).map { _ in buffer.next() }
        #expect(words == [1_000, 1_001, 1_002, 2_000, 2_001, 2_002, 3_000])
        #expect(supply.refillCount.load(ordering: .relaxed) == 3)
    }

    @Test func `the usual buffer costs one purchase per 512 words`() {
        let supply = Supply()
        var buffer = RandomBuffer { supply.fill(&$0) }
        for _ in 0..<512 { _ = buffer.next() }
        #expect(supply.refillCount.load(ordering: .relaxed) == 1)
        _ = buffer.next()
        #expect(supply.refillCount.load(ordering: .relaxed) == 2)
    }
}
