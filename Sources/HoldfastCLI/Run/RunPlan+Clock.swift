// The lease by this client's clock (rules 5 and 13): when the command must be told to end, when it must
// be gone, and what is done when a deadline has come.

import Glibc
package import HoldfastModel

extension RunPlan {
    /// A quarter of the lease, at most ten seconds, is the command's time to end in good order.
    var margin: Interval {
        min(RunPlan.marginMax, Interval(nanoseconds: settings.lease.nanoseconds / 4))
    }

    /// From here on the lock must be taken for lost.
    var end: Instant {
        min(trustedUntil, losing?.end ?? .never, graceAfterLoss ?? .never)
    }

    /// When the group must not exist any more, whatever becomes of this process; nil where nothing must end.
    ///
    /// While the command stands still with this process it does no harm.
    package var guardDeadline: Instant? {
        guard settings.lost == .term, isCommandAlive, end != .never else { return nil }
        if case .confirming = phase { return nil }
        return end
    }

    /// From here on the command must be told to end.
    var termAt: Instant {
        guard let losing else { return trustedUntil.back(by: margin) }
        return min(
            losing.end.back(by: losing.margin),
            trustedUntil.back(by: min(margin, losing.margin))
        )
    }

    mutating func lookAtClock(_ now: Instant) {
        guard now >= nextDeadline else { return }
        switch phase {
        case .waiting, .verifying: giveUpWaiting(at: now)
        case .cancelling(let code, _): finish(code)
        case .releasing:
            released("no answer; it stays locked until its lease ends")
        case .running where settings.lost == .ignore:
            warnUnprotected("the server has not confirmed the lock of \(settings.resource) in time")
        case .running: now >= end ? kill("the lease may be over") : askToEnd(at: now)
        case .confirming: confirmingTimedOut(at: now)
        case .stopping: kill("the command did not end in time")
        case .lingering: now >= end ? killStragglers(at: now) : probe(at: now)
        case .starting, .over, .killed: break
        }
    }

    mutating func confirmingTimedOut(at now: Instant) {
        if settings.lost == .ignore { return resume() }
        if now >= end { return kill("the lease ended while this was stopped") }
        now >= termAt ? askToEnd(at: now) : resume()
    }
}

extension Instant {
    /// Earlier by this much; never stays never.
    fileprivate func back(by interval: Interval) -> Instant {
        self == .never ? .never : Instant(nanoseconds: nanoseconds - interval.nanoseconds)
    }
}
