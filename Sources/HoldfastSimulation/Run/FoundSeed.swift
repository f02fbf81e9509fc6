// Seeds that once found something, by what that was. A seed plays another run after a change of the simulator or of
// what it simulates, so what it found in the server has a test of its own beside it, at the layer where the fault was;
// here it stays because what was found once was near.

/// A seed, and what was wrong.
package struct FoundSeed: Sendable {
    package var seed: UInt64
    package var stepCount: Int
    package var what: String

    private init(_ seed: UInt64, _ stepCount: Int, _ what: String) {
        self.seed = seed
        self.stepCount = stepCount
        self.what = what
    }

    package static let all = faults + accusations

    /// Of the server.
    private static let faults = [
        FoundSeed(8, 300, "a connection's watches ended in an order that no other process had"),
        FoundSeed(589, 400, "a lock's end was lost with its connection, whose session lived on"),
        FoundSeed(1479, 1_460, "a second bye was answered though the first was not stored"),
    ]

    /// Of the oracle, which accused the server of what it may do.
    private static let accusations = [
        FoundSeed(22, 1_760, "a loss was told to a connection that had broken in silence"),
        FoundSeed(163, 700, "a lock that found another's ticket told how that ended"),
        FoundSeed(202, 270, "a refusal of too many connections seemed to answer garbage"),
        FoundSeed(593, 2_000, "a key that was forgotten made a ticket whose grant nobody saw"),
        FoundSeed(674, 600, "a lock that found a ticket was answered after that was stolen"),
        FoundSeed(737, 2_000, "so much happened in one turn that the watcher missed some of it"),
        FoundSeed(
            746,
            400,
            "an answer that a ticket was abandoned counted as hearing of its owner"
        ),
        FoundSeed(748, 1_490, "a ticket made before the server died was first seen after it"),
        FoundSeed(812, 700, "a resource that was forgotten counted its tickets anew"),
        FoundSeed(925, 1_520, "the end of a key's second ticket was told before its beginning"),
        FoundSeed(1056, 1_280, "a lock that found a ticket was gone, and the ticket with it"),
        FoundSeed(1074, 500, "a journal that failed let the queue be another"),
        FoundSeed(1791, 400, "a repeated lock found a ticket of the same owner"),
        FoundSeed(1856, 500, "a start on a full disk"),
        FoundSeed(1950, 2_000, "a dead wait was known when its ticket was durable, on a slow disk"),
        FoundSeed(1980, 910, "a key's second ticket was told before the first one's end"),
        FoundSeed(2076, 1_550, "a lock held by ifMine was trusted under another name"),
        FoundSeed(2227, 1_640, "a ticket ended and was forgotten while the server stopped"),
        FoundSeed(2359, 1_940, "a ticket was forgotten before its session was taken up"),
        FoundSeed(2777, 2_000, "a lock changed hands while it was compared after a restart"),
        FoundSeed(3159, 2_000, "an earlier stealer was granted beside the victim of a later one"),
        FoundSeed(4664, 2_000, "a clear was told after the hello that came after it"),
        FoundSeed(4692, 700, "a view was answered after what had happened since it was taken"),
        FoundSeed(5372, 2_000, "a clear ended more tickets than are remembered"),
        FoundSeed(5692, 1_830, "a victim waited for the grace of an earlier stealer's"),
        FoundSeed(6544, 2_000, "a server was stopped while a session's end waited for the disk"),
        FoundSeed(6599, 2_000, "a lock was found by ifMine before its release arrived"),
        FoundSeed(7361, 400, "a session's end was read behind requests that waited for the disk"),
        FoundSeed(8348, 2_000, "a lock with ifMine found a ticket that was asked for after it"),
        FoundSeed(8971, 2_000, "a ticket was lost behind a goodbye"),
        FoundSeed(9988, 900, "half a line before the end of input seemed to answer garbage"),
    ]
}
