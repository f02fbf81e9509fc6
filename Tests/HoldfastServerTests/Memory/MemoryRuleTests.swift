// The marks between which memory is short: each edge, and that a server at one does not change its mind.

import HoldfastCoordinator
import HoldfastModel
import Testing

@testable import HoldfastServer

struct MemoryRuleTests {
    /// Of 1,000 bytes: low at 650, high at 750, top at 850.
    private func rule(after looks: [Int] = []) -> MemoryRule {
        var rule = MemoryRule(limitBytes: 1_000)
        for used in looks { _ = rule.look(usedBytes: used) }
        return rule
    }

    @Test(arguments: [
        ([749], MemoryLevel.enough), ([750], .short), ([751], .short),
        ([750, 650], .short), ([750, 649], .enough), ([750, 649, 749], .enough),
        ([849], .short), ([850], .scarce), ([851], .scarce), ([5_000], .scarce),
        ([850, 750], .scarce), ([850, 749], .short), ([850, 749, 849], .short),
        ([850, 749, 650], .short), ([850, 649], .enough), ([0], .enough),
    ])
    func `a level is left below a lower mark than it is reached at`(
        looks: [Int],
        level: MemoryLevel
    ) {
        #expect(rule(after: looks).level == level)
    }

    @Test func `only what changes is news`() {
        var rule = rule()
        let news = [700, 750, 800, 700, 649, 600, 900].map { rule.look(usedBytes: $0) }
        #expect(news == [false, true, false, false, true, false, true])
    }

    @Test
    func `it looks again before the room can be used up, and neither all the time nor too late`() {
        var rule = MemoryRule(limitBytes: 4_000_000_000)
        #expect(rule.highBytes == 3_000_000_000)
        #expect(rule.pause(usedBytes: 0) == .seconds(1))
        #expect(rule.pause(usedBytes: 2_000_000_001) == Interval(nanoseconds: 999_999_999))
        #expect(rule.pause(usedBytes: 2_990_000_000) == .milliseconds(10))
        #expect(rule.pause(usedBytes: 2_999_999_999) == .milliseconds(5))
        _ = rule.look(usedBytes: 3_000_000_000)
        #expect(rule.pause(usedBytes: 3_000_000_000) == .milliseconds(100))
    }
}
