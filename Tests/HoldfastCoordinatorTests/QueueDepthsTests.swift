// The longest queue, as queues grow and shrink.

import HoldfastModel
import Testing

@testable import HoldfastCoordinator

struct QueueDepthsTests {
    @Test func `the longest queue is the longest of all at any moment`() {
        var depths = QueueDepths()
        #expect(depths.deepest == 0)
        depths.change(from: 0, to: 3)
        depths.change(from: 0, to: 5)
        #expect(depths.deepest == 5)
        depths.change(from: 5, to: 4)
        #expect(depths.deepest == 4)
        depths.change(from: 4, to: 0)
        #expect(depths.deepest == 3)
        depths.change(from: 3, to: 0)
        #expect(depths.deepest == 0)
    }

    @Test func `two queues of one length are two`() {
        var depths = QueueDepths()
        depths.change(from: 0, to: 2)
        depths.change(from: 0, to: 2)
        depths.change(from: 2, to: 1)
        #expect(depths.deepest == 2)
    }

    @Test func `it agrees with a look at every queue, whatever happens`() {
        var depths = QueueDepths()
        var queues = Array(repeating: 0, count: 20)
        var random = RandomBuffer(wordCount: 1) { words in
            words[0] = words[0] &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        }
        for _ in 0..<5_000 {
            let index = Int.random(in: queues.indices, using: &random)
            let next = Int.random(in: 0...queues[index] + 2, using: &random)
            depths.change(from: queues[index], to: next)
            queues[index] = next
            #expect(depths.deepest == queues.max())
        }
    }
}
