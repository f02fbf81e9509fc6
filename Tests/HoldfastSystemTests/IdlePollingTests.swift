// When a loop looks on, how long, and when it leaves the core to others.

import HoldfastModel
import Testing

@testable import HoldfastSystem

@Suite struct IdlePollingTests {
    private func microseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000) }

    /// After so many pauses of that length.
    private func polling(after count: Int, pausesOf length: Interval) -> IdlePolling {
        var polling = IdlePolling(isOff: false)
        for _ in 0..<count { polling.note(length) }
        return polling
    }

    @Test func `after short pauses it looks on for twice as long and a little more`() {
        var polling = polling(after: 100, pausesOf: microseconds(40))
        let length = polling.length()
        #expect(length > microseconds(90) && length <= microseconds(100))
    }

    @Test func `it never looks on for more than 250 µs`() {
        var polling = polling(after: 100, pausesOf: microseconds(240))
        #expect(polling.length() == microseconds(250))
        #expect(IdlePolling.lengthMax == microseconds(250))
    }

    @Test func `after long pauses it sleeps at once, until they become short`() {
        var polling = polling(after: 100, pausesOf: .seconds(1))
        #expect(polling.length() == .zero)
        var count = 0
        while polling.length() == .zero {
            polling.note(microseconds(20))
            count += 1
        }
        #expect((2...8).contains(count))
    }

    @Test func `one long pause among short ones ends it for a few pauses only`() {
        var polling = polling(after: 100, pausesOf: microseconds(10))
        polling.note(.seconds(60))
        polling.note(microseconds(10))
        #expect(polling.length() > .zero)
    }

    @Test func `where others want the core it sleeps for ever more pauses, 1,024 at most`() {
        var polling = polling(after: 100, pausesOf: microseconds(40))
        var runs: [Int] = []
        for _ in 0..<12 {
            polling.lookedOn(awayFor: IdlePolling.absenceMax + Interval(nanoseconds: 1))
            var count = 0
            while polling.length() == .zero { count += 1 }
            runs.append(count)
        }
        #expect(Array(runs.prefix(4)) == [8, 16, 32, 64])
        #expect(runs.max() == IdlePolling.skippedMax)
    }

    @Test func `one look that nobody disturbed starts it anew`() {
        var polling = polling(after: 100, pausesOf: microseconds(40))
        polling.lookedOn(awayFor: .milliseconds(1))
        while polling.length() == .zero {}
        polling.lookedOn(awayFor: IdlePolling.absenceMax)
        #expect(polling.length() > .zero)
    }

    @Test func `switched off it always sleeps at once`() {
        var polling = IdlePolling(isOff: true)
        for _ in 0..<10 {
            #expect(polling.length() == .zero)
            polling.note(microseconds(1))
        }
    }
}
