// How long a lock may be trusted, as tables (rules 5 and 13).

import HoldfastModel
import Testing

@testable import HoldfastClient

struct TrustClockTests {
    private func at(_ seconds: Int) -> Instant { .zero + .seconds(seconds) }

    @Test(
        arguments: [
            (sentAt: 100, waited: 0, remaining: 30, safeUntil: 130),
            (sentAt: 100, waited: 50, remaining: 30, safeUntil: 180),
            (sentAt: 100, waited: 0, remaining: 0, safeUntil: 100),
        ]
    )
    func `rule 13: trust counts from the sending of the request`(
        row: (sentAt: Int, waited: Int, remaining: Int, safeUntil: Int)
    ) {
        let clock = TrustClock(
            sentAt: at(row.sentAt),
            waited: .seconds(row.waited),
            remaining: .seconds(row.remaining)
        )
        #expect(clock.deadline == at(row.safeUntil))
    }

    @Test func `rule 13: a later request that is answered decides`() {
        var clock = TrustClock(sentAt: at(100), remaining: .seconds(30))
        clock.answered(sentAt: at(110), remaining: .seconds(30))
        #expect(clock.deadline == at(140))
    }

    @Test func `rule 21: an answer that leaves less shortens the trust`() {
        var clock = TrustClock(sentAt: at(100), remaining: .seconds(30))
        clock.answered(sentAt: at(110), remaining: .seconds(5))
        #expect(clock.deadline == at(115))
    }

    @Test func `an older request that is answered late changes nothing`() {
        var clock = TrustClock(sentAt: at(110), remaining: .seconds(30))
        clock.answered(sentAt: at(100), remaining: .seconds(60))
        #expect(clock.deadline == at(140))
        #expect(clock.sentAt == at(110))
    }

    @Test func `trust never wraps around`() {
        let clock = TrustClock(sentAt: at(1), waited: .day, remaining: Interval(nanoseconds: .max))
        #expect(clock.deadline == .never)
    }

    @Test func `rule 5: a session is trusted for its grace after the last answered request`() {
        var trust = SessionTrust(grace: .seconds(10), sentAt: at(100))
        #expect(trust.deadline == at(110))
        trust.answered(sentAt: at(103))
        #expect(trust.deadline == at(113))
        trust.answered(sentAt: at(101))
        #expect(trust.deadline == at(113))
    }
}
