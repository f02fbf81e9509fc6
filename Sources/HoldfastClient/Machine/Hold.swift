// A lock that is being kept: renewed in time, trusted only as long as the rules allow.

import HoldfastModel

/// One held ticket.
struct Hold: Sendable {
    var ticket: String
    var resource: String
    var fence: Int
    var lease: Interval
    /// Whether it ends with the session (rule 5).
    var isBound: Bool
    var trust: TrustClock
    var plan: RenewalPlan
    /// Its renewal that is on its way.
    var upkeep: CallID?
    /// Rule 21: while somebody steals it, it ends then at the latest.
    var losingUntil = Instant.never

    /// Until when it may be trusted, sessions aside.
    var ownSafeUntil: Instant { min(trust.deadline, losingUntil) }

    /// Until when it may be trusted: the earlier of rules 13 and 5.
    func safeUntil(session: SessionTrust?) -> Instant {
        guard isBound else { return ownSafeUntil }
        return min(ownSafeUntil, session?.deadline ?? .never)
    }
}

/// What a caller gets when its lock was granted.
struct HeldLock: Hashable, Sendable {
    var hold: HoldID
    var ticket: String
    var resource: String
    var fence: Int
    var lease: Interval
    var isBound: Bool
    var safeUntil: Instant
}
