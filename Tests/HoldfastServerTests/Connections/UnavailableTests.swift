// Rule 28: a journal that fails. What was not made durable is told to nobody, and nothing more is granted.

import HoldfastJournal
import HoldfastModel
import Synchronization
import Testing

/// Accepts so many batches, then fails.
final class FailingJournal: ForgetfulJournal {
    private let left: Atomic<Int>
    private let error: JournalError

    init(after count: Int, _ error: JournalError) {
        left = Atomic(count)
        self.error = error
    }

    func append(_ batch: Batch) async throws(JournalError) -> JournalWish {
        if left.wrappingSubtract(1, ordering: .relaxed).newValue < 0 { throw error }
        return .none
    }
}

struct UnavailableTests {
    @Test(arguments: Place.allCases)
    func `a request that could not be made durable is unavailable, and the server says goodbye`(
        place: Place
    ) async throws {
        let journal = FailingJournal(after: 1, .failed("no such disk"))
        try await place.with(journal: journal) { house in
            let client = try await house.connect()
            let path = path("a", onLoop: 0)
            let held = await client.ask(#"{"op":"queue","resource":"\#(path)"}"#)
            #expect(held.state == "acquired")
            let unavailable =
                #"{"id":2,"ok":false,"error":{"code":"unavailable","message":"M","retryable":true}}"#
            let lines = [
                #"{"id":2,"op":"release","ticket":"\#(held.ticket)"}"#,
                #"{"id":2,"op":"queue","resource":"\#(path)"}"#,
                #"{"id":2,"op":"renew","ticket":"\#(held.ticket)"}"#,
            ]
            client.post(bytes: lines.flatMap { Array(($0 + "\n").utf8) })
            #expect(
                await client.next(3).map { shape($0) } == [unavailable, unavailable, unavailable]
            )
            #expect(await client.next() == #"{"event":"goodbye","reason":"unavailable"}"#)
            #expect(await client.isOver())
        }
    }

    @Test(arguments: Place.allCases)
    func `who waits when the journal fails is told, and so is every other connection`(
        place: Place
    ) async throws {
        let journal = FailingJournal(after: 2, .failed("no such disk"))
        try await place.with(journal: journal) { house in
            let (waiter, other) = (try await house.connect(), try await house.connect())
            let path = path("a", onLoop: 0)
            #expect(await waiter.ask(#"{"op":"queue","resource":"\#(path)"}"#).state == "acquired")
            waiter.post(#"{"id":2,"op":"lock","resource":"\#(path)"}"#)
            #expect(await waiter.next().contains(#""event":"queued""#))
            #expect(await other.ask(#"{"op":"queue","resource":"b"}"#).code == "unavailable")
            #expect(await other.next() == #"{"event":"goodbye","reason":"unavailable"}"#)
            #expect(await waiter.next().code == "unavailable")
            #expect(await waiter.next() == #"{"event":"goodbye","reason":"unavailable"}"#)
            #expect(await waiter.isOver())
        }
    }

    @Test(arguments: Place.allCases)
    func `a full disk says so`(place: Place) async throws {
        let journal = FailingJournal(after: 0, .storageFull)
        try await place.with(journal: journal) { house in
            let client = try await house.connect()
            let reply = await client.ask(#"{"op":"queue","resource":"a"}"#)
            #expect(reply.code == "unavailable")
            #expect(reply.contains("disk is full"))
        }
    }
}
