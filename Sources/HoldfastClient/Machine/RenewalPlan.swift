// When to renew a held lock: after a third of what is left, so that two attempts may fail; sooner again
// after a refusal that may pass.

import HoldfastModel

/// The renewals of one held ticket.
struct RenewalPlan: Hashable, Sendable {
    /// When the next renewal is to be sent; `.never` while one is on its way.
    private(set) var dueAt: Instant

    /// The part of the lease that passes between renewals.
    static let part: Int64 = 3
    /// After a refusal the next attempt comes after this part of what is left.
    static let partAfterRefusal: Int64 = 10
    /// However short the lease: never spin.
    static let intervalMin = Interval.milliseconds(10)

    init(sentAt: Instant, remaining: Interval) {
        dueAt = sentAt + RenewalPlan.share(of: remaining, RenewalPlan.part)
    }

    /// A renewal due within this much of `now` is sent along with others: one write instead of many.
    static func slack(lease: Interval) -> Interval { Interval(nanoseconds: lease.nanoseconds / 20) }

    mutating func sent() { dueAt = .never }

    mutating func answered(sentAt: Instant, remaining: Interval) {
        dueAt = sentAt + RenewalPlan.share(of: remaining, RenewalPlan.part)
    }

    mutating func refused(now: Instant, safeUntil: Instant) {
        dueAt = now + RenewalPlan.share(of: safeUntil - now, RenewalPlan.partAfterRefusal)
    }

    /// The server has something new to tell: ask now.
    mutating func hurry(now: Instant) { dueAt = now }

    private static func share(of whole: Interval, _ parts: Int64) -> Interval {
        max(intervalMin, Interval(nanoseconds: whole.nanoseconds / parts))
    }
}
