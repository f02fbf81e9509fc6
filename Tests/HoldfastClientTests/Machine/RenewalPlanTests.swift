// When a lock is renewed: often enough that two attempts may fail.

import HoldfastModel
import Testing

@testable import HoldfastClient

struct RenewalPlanTests {
    private let start = Instant.zero + .seconds(100)

    @Test func `a lock is renewed after a third of what is left`() {
        var plan = RenewalPlan(sentAt: start, remaining: .seconds(30))
        #expect(plan.dueAt == start + .seconds(10))
        plan.answered(sentAt: start + .seconds(10), remaining: .seconds(30))
        #expect(plan.dueAt == start + .seconds(20))
    }

    @Test func `a lock that is being stolen is renewed sooner`() {
        var plan = RenewalPlan(sentAt: start, remaining: .seconds(30))
        plan.answered(sentAt: start + .seconds(1), remaining: .seconds(3))
        #expect(plan.dueAt == start + .seconds(2))
    }

    @Test func `one renewal is on its way at a time`() {
        var plan = RenewalPlan(sentAt: start, remaining: .seconds(30))
        plan.sent()
        #expect(plan.dueAt == .never)
    }

    @Test func `a refused renewal is tried again after a tenth of what is left`() {
        var plan = RenewalPlan(sentAt: start, remaining: .seconds(30))
        plan.refused(now: start + .seconds(10), safeUntil: start + .seconds(30))
        #expect(plan.dueAt == start + .seconds(12))
    }

    @Test(arguments: [0, 1, 29])
    func `however short the lease, renewals keep a distance`(milliseconds: Int) {
        let plan = RenewalPlan(sentAt: start, remaining: .milliseconds(milliseconds))
        #expect(plan.dueAt == start + RenewalPlan.intervalMin)
    }
}
