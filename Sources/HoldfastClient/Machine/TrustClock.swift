// How long a lock may be trusted (rules 5 and 13). Everything counts from the moment a request was sent,
// because the server read it no earlier: whatever it then promised ends no earlier than counted here.
//
//     client   send────────────────────answer──────────┄ safe deadline = send + remaining
//     server        read, answered────────────────────────┄ end of the lease

import HoldfastModel

/// The trust in one held ticket.
struct TrustClock: Hashable, Sendable {
    /// The sending time of the request whose answer counts.
    private(set) var sentAt: Instant
    private(set) var deadline: Instant

    /// Starts with the answer that told of the grant.
    ///
    /// A late one carries `waited`: the lease started that much after the server read the request.
    init(sentAt: Instant, waited: Interval = .zero, remaining: Interval) {
        self.sentAt = sentAt
        deadline = sentAt + waited + remaining
    }

    /// Rule 13: the last answered request decides, also when it leaves less than the one before: a
    /// steal shortens.
    ///
    /// An older request that is answered later (a wait) says nothing new.
    mutating func answered(sentAt: Instant, remaining: Interval) {
        guard sentAt >= self.sentAt else { return }
        self.sentAt = sentAt
        deadline = sentAt + remaining
    }
}

/// The trust in a session (rule 5): its tickets are safe for the grace after the last request that was
/// answered on it.
struct SessionTrust: Hashable, Sendable {
    var grace: Interval
    private(set) var lastAnswered: Instant

    init(grace: Interval, sentAt: Instant) {
        self.grace = grace
        lastAnswered = sentAt
    }

    mutating func answered(sentAt: Instant) {
        lastAnswered = max(lastAnswered, sentAt)
    }

    var deadline: Instant { lastAnswered + grace }
}
