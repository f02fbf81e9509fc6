// Whose history goes when there is too much of it, and that the order of those who keep some stays bounded.

import Testing

@testable import HoldfastCoordinator

struct HistoryBudgetTests {
    @Test func `past the limit whoever keeps some longest loses it`() {
        var budget = HistoryBudget(limit: 6)
        for handle in 1...3 { budget.note(UInt32(handle), before: 0, after: 2) }
        #expect(budget.takeOldest() == nil)
        budget.note(3, before: 2, after: 3)
        #expect(budget.takeOldest() == 1)
        budget.note(1, before: 2, after: 0)
        #expect(budget.count == 5)
        #expect(budget.takeOldest() == nil)
    }

    @Test func `who forgot and keeps again is the youngest`() {
        var budget = HistoryBudget(limit: 2)
        budget.note(1, before: 0, after: 1)
        budget.note(2, before: 0, after: 1)
        budget.note(1, before: 1, after: 0)
        budget.note(1, before: 0, after: 2)
        #expect(budget.takeOldest() == 2)
        budget.note(2, before: 1, after: 0)
        #expect(budget.takeOldest() == nil)
    }

    @Test func `those who come and go leave nothing, although another always keeps something`() {
        var budget = HistoryBudget(limit: 1_000_000)
        budget.note(0, before: 0, after: 1)
        var placeMax = 0
        for round in 0..<10_000 {
            let handle = UInt32(1 + round % 7)
            budget.note(handle, before: 0, after: 3)
            budget.note(handle, before: 3, after: 0)
            placeMax = max(placeMax, budget.placeCount)
        }
        #expect(placeMax < 1_100)
        #expect(budget.count == 1)
        budget.note(0, before: 1, after: 0)
        #expect(budget.placeCount == 0)
    }
}
