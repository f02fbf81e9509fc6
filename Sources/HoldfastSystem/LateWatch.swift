// Rule 11's eye on the loop: was it held up, or stopped and continued, while requests waited in the
// kernel? A value without a clock, so that a table of readings tests it.
//
//     poll returns ──── jobs, alarms, hooks ──── poll(asked) ┄┄┄┄┄┄┄┄┄ returns
//          └──────────── may be at most asked + 100 ms ──────────────────┘
//
// One span from poll to poll, not one for the work and one for the sleep: 60 ms late in each is late.

package import HoldfastModel

/// Decides from clock readings until when no lease may end.
package struct LateWatch: Hashable, Sendable {
    /// How late a wake-up may be, and how long no lease ends after one that was later.
    package static let tolerance = Interval.milliseconds(100)

    /// Rule 11: while now is before this, no lease may end.
    package private(set) var heldUpUntil = Instant.zero

    private var lastPolled: Instant?

    package init() {}

    /// The loop asked the kernel what is ready, after it was willing to sleep for `asked`.
    package mutating func polled(at now: Instant, afterAsking asked: Interval) {
        note(now, allowed: asked)
        lastPolled = now
    }

    /// The loop is about to look at its alarms; the latest poll may be long ago by now.
    package mutating func looked(at now: Instant) {
        note(now, allowed: .zero)
    }

    private mutating func note(_ now: Instant, allowed: Interval) {
        guard let lastPolled, now - (lastPolled + allowed) > Self.tolerance else { return }
        heldUpUntil = max(heldUpUntil, now + Self.tolerance)
    }
}
