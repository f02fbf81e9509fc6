// Rule 17: an event that waits behind a reply is seen only when it is written. Where its connection breaks before,
// its receipt goes back, and the grant that it told counts as unseen.

import HoldfastJournal
import HoldfastModel
import HoldfastSimulation
import HoldfastWire
import Synchronization
import Testing

/// Makes what one loop decides wait until it is let go.
private final class OneLoopJournal: ForgetfulJournal {
    private let slow: LoopIndex
    private let state = Mutex(State())

    private struct State {
        var isHolding = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    init(holding loop: Int) { slow = LoopIndex(number: UInt8(loop)) }

    func append(_ batch: Batch) async throws(JournalError) -> JournalWish {
        guard batch.loop == slow, state.withLock({ $0.isHolding }) else { return .none }
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting.append(continuation) }
        }
        return .none
    }

    func hold() { state.withLock { $0.isHolding = true } }

    func letGo() {
        let waiting = state.withLock { state in
            defer { state = State() }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

struct HeldEventTests {
    /// A waiter whose grant was told behind a reply that waits for another loop's disk.
    private struct Scene {
        let here = path("a", onLoop: 0)
        let there = path("a", onLoop: 1)
        let journal = OneLoopJournal(holding: 1)
        let server: VirtualServer
        let waiter: VirtualClient
        let other: VirtualClient
        let ticket: String

        init() throws {
            server = VirtualServer(loopCount: loopCount, journal: journal)
            waiter = server.connect(toLoop: 0)
            other = server.connect(toLoop: 0)
            let held = other.send(#"{"op":"queue","resource":"\#(here)"}"#)
            let queued = waiter.send(
                #"{"op":"queue","resource":"\#(here)","lease":3600,"pollWithin":20}"#
            )
            ticket = try #require(queued.first).ticket
            journal.hold()
            // The second reply waits behind the first, and the event behind the second, which is of its resource.
            let slow = waiter.send(#"{"id":1,"op":"queue","resource":"\#(there)"}"#)
            let behind = waiter.send(#"{"id":2,"op":"check","resource":"\#(here)","fence":1}"#)
            #expect(slow + behind == [])
            other.send(#"{"op":"release","ticket":"\#(try #require(held.first).ticket)"}"#)
        }

        /// What the history of the resource begins with, 20 s after the waiter was last heard of.
        func lastEventAfterPollWithin() throws -> String {
            server.world.advance(by: .seconds(20))
            let reply = other.send(#"{"op":"history","resource":"\#(here)","limit":1}"#)
            let entry = try #require(reply.first).json["history"]?.elements?.first
            return entry?["event"]?.string ?? "(none)"
        }
    }

    @Test func `a grant whose event was held when the connection broke is unseen`() throws {
        let scene = try Scene()
        scene.waiter.vanish()
        #expect(try scene.lastEventAfterPollWithin() == "abandoned")
    }

    @Test func `a grant whose event was held is seen as soon as it is written`() throws {
        let scene = try Scene()
        scene.journal.letGo()
        let lines = scene.waiter.lines()
        #expect(lines.map { $0.json["id"]?.integer } == [1, 2, nil])
        #expect(lines.last?.text("event") == "acquired")
        #expect(lines.last?.ticket == scene.ticket)
        scene.waiter.vanish()
        #expect(try scene.lastEventAfterPollWithin() == "acquired")
    }
}
