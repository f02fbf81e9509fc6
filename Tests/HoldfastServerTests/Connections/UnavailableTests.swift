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
    func `a request that could not be made durable is unavailable, and so is every later one`(
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
            for line in [
                #"{"id":2,"op":"release","ticket":"\#(held.ticket)"}"#,
                #"{"id":2,"op":"queue","resource":"\#(path)"}"#,
                #"{"id":2,"op":"renew","ticket":"\#(held.ticket)"}"#,
            ] {
                #expect(shape(await client.ask(line)) == unavailable)
            }
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
