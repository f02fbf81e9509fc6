// What is shown while a lock is waited for.

import HoldfastCLI
import HoldfastModel
import Testing

struct WaitingTextTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test func `a terminal sees place and time`() {
        var text = WaitingText(resource: "a/b", since: start)
        #expect(text.status(at: start) == nil)
        text.moved(to: QueuePlace(position: 2, queueLength: 5))
        #expect(text.status(at: start + .seconds(72)) == "waiting for a/b: 2nd of 5, 1 m 12 s")
    }

    @Test func `a log gets a line at the start and one for a change, at a modest rate`() {
        var text = WaitingText(resource: "a", since: start)
        text.moved(to: QueuePlace(position: 12, queueLength: 12))
        #expect(text.logLine(at: start) == "waiting for a: 12th of 12")
        #expect(text.logLine(at: start + .seconds(60)) == nil)
        text.moved(to: QueuePlace(position: 11, queueLength: 12))
        #expect(text.logLine(at: start + .milliseconds(9_999)) == nil)
        #expect(text.logLine(at: start + .seconds(10)) == "waiting for a: 11th of 12")
    }

    @Test(arguments: [(1, "1st"), (3, "3rd"), (13, "13th"), (21, "21st"), (111, "111th")])
    func `places are counted as people count`(position: Int, word: String) {
        var text = WaitingText(resource: "a", since: start)
        text.moved(to: QueuePlace(position: position, queueLength: 200))
        #expect(text.logLine(at: start) == "waiting for a: \(word) of 200")
    }
}
