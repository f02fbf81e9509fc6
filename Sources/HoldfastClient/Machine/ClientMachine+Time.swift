// Time: what is due now, and when to be woken next. Waking early is harmless; every deadline is compared
// with the clock that was read on waking, because a timer alone proves nothing (rule 13).

import HoldfastModel

extension ClientMachine {
    mutating func wake(at now: Instant) {
        tendLink(at: now)
        if holdsDueAt <= now { tendHolds(at: now) }
        if callsDueAt <= now { tendCalls(at: now, afterFailure: false) }
    }

    private var grace: Interval? { session?.trust.grace ?? settings.grace }

    private mutating func tendLink(at now: Instant) {
        switch link {
        case .greeting, .ready:
            if let since = silentSince, since + settings.silenceMax(grace: grace) <= now {
                return breakConnection("no answer", at: now)
            }
            if isReady, probeDueAt <= now { _ = submit(.ping, for: .keepAlive, at: now) }
        case .pausing(let until):
            if until <= now { startConnecting(at: now) }
        case .leaving(let since):
            if since + ClientSettings.farewellMax <= now { finish() }
        case .idle, .connecting, .over:
            break
        }
    }

    /// Since when an answer is owed and nothing at all was heard.
    private var silentSince: Instant? {
        matcher.unansweredSince.map { max($0, lastReceivedAt) }
    }

    /// Rule 5: a sign of life every third of the grace.
    private var probeDueAt: Instant { lastProbeAt + settings.probeInterval(grace: grace) }

    /// When to call `wake` at the latest.
    var nextWake: Instant {
        isOver ? .never : min(linkDueAt, holdsDueAt, callsDueAt)
    }

    private var linkDueAt: Instant {
        switch link {
        case .greeting, .ready:
            let silence = silentSince.map { $0 + settings.silenceMax(grace: grace) } ?? .never
            return isReady ? min(silence, probeDueAt) : silence
        case .pausing(let until): return until
        case .leaving(let since): return since + ClientSettings.farewellMax
        case .idle, .connecting, .over: return .never
        }
    }
}
