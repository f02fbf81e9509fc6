// Replies leave in the order of the requests, whoever answers first.

import HoldfastModel
import HoldfastServer
import Testing

struct ReplyRingTests {
    private func sent(by ring: inout ReplyRing) -> [RequestID] {
        var ids: [RequestID] = []
        while let place = ring.takeFinished() { ids.append(place.id) }
        return ids
    }

    @Test func `a reply waits for those of earlier requests`() {
        var ring = ReplyRing()
        let first = ring.add(id: .number(1), ignored: [], of: nil)
        let second = ring.add(id: .number(2), ignored: [], of: nil)
        ring.finish(second, with: .done)
        let nothing = sent(by: &ring)
        #expect(nothing == [])
        ring.finish(first, with: .done)
        let ids = sent(by: &ring)
        #expect(ids == [.number(1), .number(2)])
        #expect(ring.count == 0)
    }

    @Test func `a request answered apart holds nobody up`() {
        var ring = ReplyRing()
        let first = ring.add(id: .number(1), ignored: [], of: nil)
        let apart = ring.skip()
        let third = ring.add(id: .number(3), ignored: [], of: nil)
        #expect([first, apart, third] == [0, 1, 2])
        #expect(ring.count == 2)
        #expect(ring.placeCount == 3)
        ring.finish(first, with: .done)
        ring.finish(third, with: .done)
        let ids = sent(by: &ring)
        #expect(ids == [.number(1), .number(3)])
    }

    @Test func `numbers go on after requests that were answered apart`() {
        var ring = ReplyRing()
        let apart = [ring.skip(), ring.skip()]
        #expect(apart == [0, 1])
        let number = ring.add(id: .number(9), ignored: [], of: nil)
        #expect(number == 2)
        ring.finish(number, with: .done)
        let ids = sent(by: &ring)
        #expect(ids == [.number(9)])
        let next = ring.skip()
        #expect(next == 3)
    }

    private static let slot = Slot(number: 3)

    private static func event(of slot: Slot) throws -> TicketEvent {
        let id = TicketID(
            secretHigh: 1,
            secretLow: 2,
            slot: slot,
            resourceIndex: 0,
            ticketIndex: 0
        )
        return .kept(id, try #require(ResourcePath("a")))
    }

    @Test func `an event waits behind the finished reply that may name its ticket`() throws {
        var ring = ReplyRing()
        let first = ring.add(id: .number(1), ignored: [], of: Self.slot)
        let second = ring.add(id: .number(2), ignored: [], of: Self.slot)
        ring.finish(second, with: .done)
        let event = try Self.event(of: Self.slot)
        let isHeld = ring.hold(event)
        #expect(isHeld)
        ring.finish(first, with: .done)
        let (before, behind) = (ring.takeFinished(), ring.takeFinished())
        #expect(before?.events.isEmpty == true)
        #expect(behind?.events.map(\.event) == [event])
        let isHeldAgain = ring.hold(event)
        #expect(!isHeldAgain)
    }

    @Test func `rule 13: an event waits behind no later reply that another slot gave first`() throws
    {
        var ring = ReplyRing()
        let release = ring.add(id: .number(1), ignored: [], of: Self.slot)
        let renewal = ring.add(id: .number(2), ignored: [], of: Self.slot)
        let other = ring.add(id: .number(3), ignored: [], of: Slot(number: 4))
        let ping = ring.add(id: .number(4), ignored: [], of: nil)
        ring.finish(other, with: .done)
        ring.finish(ping, with: .done)
        let event = try Self.event(of: Self.slot)
        let isHeldBehindOthers = ring.hold(event)
        #expect(!isHeldBehindOthers)
        ring.finish(release, with: .done)
        let isHeld = ring.hold(event)
        #expect(isHeld)
        ring.finish(renewal, with: .done)
        var eventCounts: [Int] = []
        while let place = ring.takeFinished() { eventCounts.append(place.events.count) }
        #expect(eventCounts == [1, 0, 0, 0])
    }

    @Test func `an event waits behind a front that is about to be sent`() throws {
        var ring = ReplyRing()
        let hello = ring.add(id: .number(1), ignored: [], of: nil)
        _ = ring.add(id: .number(2), ignored: [], of: Self.slot)
        ring.finish(hello, with: .done)
        let isHeld = ring.hold(try Self.event(of: Self.slot))
        #expect(isHeld)
        #expect(ring.takeFinished()?.events.count == 1)
    }

    @Test func `a ring of many rounds forgets what it sent`() {
        var ring = ReplyRing()
        for round in 0..<10_000 {
            let number = ring.add(id: .number(UInt64(round)), ignored: [], of: nil)
            if round % 3 == 0 { _ = ring.skip() }
            ring.finish(number, with: .done)
            let place = ring.takeFinished()
            #expect(place?.id == .number(UInt64(round)))
        }
        #expect(ring.count == 0)
    }
}
