// Which reply belongs to which request, and how long the oldest one has been waiting.

import HoldfastModel
import Testing

@testable import HoldfastClient

struct ReplyMatcherTests {
    private let start = Instant.zero + .seconds(100)

    private func call(_ number: UInt64) -> CallID { CallID(number: number) }

    /// Requests 1, 2, 3 …; those in `waiting` wait.
    private func matcher(_ count: UInt64, waiting: Set<UInt64> = []) -> ReplyMatcher {
        var matcher = ReplyMatcher()
        for id in 1...count {
            matcher.sent(
                id: id,
                call: call(id * 10),
                waits: waiting.contains(id),
                at: start + .seconds(Int(id))
            )
        }
        return matcher
    }

    @Test func `replies come in the order of the requests`() throws {
        var matcher = matcher(3)
        for id in 1...3 as ClosedRange<UInt64> {
            #expect(try matcher.answered(id: id).call == call(id * 10))
        }
        #expect(matcher.isEmpty)
    }

    @Test func `the reply to a wait comes at any time`() throws {
        var matcher = matcher(3, waiting: [1, 3])
        #expect(try matcher.answered(id: 3).call == call(30))
        #expect(try matcher.answered(id: 2).call == call(20))
        #expect(try matcher.answered(id: 1).call == call(10))
        #expect(matcher.isEmpty)
    }

    @Test func `a reply knows when its request was sent`() throws {
        var matcher = matcher(2)
        #expect(try matcher.answered(id: 1).sentAt == start + .seconds(1))
    }

    @Test func `a reply that overtakes another is a fault`() {
        var matcher = matcher(2)
        #expect(throws: ReplyMatcher.Fault.outOfOrder(2)) { try matcher.answered(id: 2) }
    }

    @Test func `a reply to nothing is a fault`() {
        var matcher = matcher(1)
        #expect(throws: ReplyMatcher.Fault.unknownID(9)) { try matcher.answered(id: 9) }
    }

    @Test func `a second reply is a fault`() throws {
        var matcher = matcher(1)
        _ = try matcher.answered(id: 1)
        #expect(throws: ReplyMatcher.Fault.unknownID(1)) { try matcher.answered(id: 1) }
    }

    @Test func `only requests that do not wait are overdue`() throws {
        var matcher = matcher(3, waiting: [1])
        #expect(matcher.unansweredSince == start + .seconds(2))
        _ = try matcher.answered(id: 2)
        #expect(matcher.unansweredSince == start + .seconds(3))
        _ = try matcher.answered(id: 3)
        #expect(matcher.unansweredSince == nil)
        #expect(!matcher.isEmpty)
    }

    @Test func `ten thousand requests leave nothing behind`() throws {
        var matcher = ReplyMatcher()
        for id in 1...10_000 as ClosedRange<UInt64> {
            matcher.sent(id: id, call: call(id), waits: false, at: start)
            if id > 100 { _ = try matcher.answered(id: id - 100) }
        }
        for id in 9_901...10_000 as ClosedRange<UInt64> { _ = try matcher.answered(id: id) }
        #expect(matcher.isEmpty)
        #expect(matcher.unansweredSince == nil)
    }
}
