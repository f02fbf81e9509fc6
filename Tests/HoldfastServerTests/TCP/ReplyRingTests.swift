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
        let first = ring.add(id: .number(1), ignored: [])
        let second = ring.add(id: .number(2), ignored: [])
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
        let first = ring.add(id: .number(1), ignored: [])
        let apart = ring.skip()
        let third = ring.add(id: .number(3), ignored: [])
        #expect([first, apart, third] == [0, 1, 2])
        #expect(ring.count == 2)
        ring.finish(first, with: .done)
        ring.finish(third, with: .done)
        let ids = sent(by: &ring)
        #expect(ids == [.number(1), .number(3)])
    }

    @Test func `numbers go on after requests that were answered apart`() {
        var ring = ReplyRing()
        let apart = [ring.skip(), ring.skip()]
        #expect(apart == [0, 1])
        let number = ring.add(id: .number(9), ignored: [])
        #expect(number == 2)
        ring.finish(number, with: .done)
        let ids = sent(by: &ring)
        #expect(ids == [.number(9)])
        let next = ring.skip()
        #expect(next == 3)
    }

    @Test func `an event waits behind the finished reply that may name its ticket`() throws {
        var ring = ReplyRing()
        let first = ring.add(id: .number(1), ignored: [])
        let second = ring.add(id: .number(2), ignored: [])
        ring.finish(second, with: .done)
        let path = try #require(ResourcePath("a"))
        let id = TicketID(
            secretHigh: 1,
            secretLow: 2,
            slot: Slot(of: path),
            resourceIndex: 0,
            ticketIndex: 0
        )
        let isHeld = ring.hold(.kept(id, path))
        #expect(isHeld)
        ring.finish(first, with: .done)
        let (before, behind) = (ring.takeFinished(), ring.takeFinished())
        #expect(before?.events.isEmpty == true)
        #expect(behind?.events.map(\.event) == [.kept(id, path)])
        let isHeldAgain = ring.hold(.kept(id, path))
        #expect(!isHeldAgain)
    }

    @Test func `a ring of many rounds forgets what it sent`() {
        var ring = ReplyRing()
        for round in 0..<10_000 {
            let number = ring.add(id: .number(UInt64(round)), ignored: [])
            if round % 3 == 0 { _ = ring.skip() }
            ring.finish(number, with: .done)
            let place = ring.takeFinished()
            #expect(place?.id == .number(UInt64(round)))
        }
        #expect(ring.count == 0)
    }
}
