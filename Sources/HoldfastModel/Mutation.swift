// Deliberate bugs, to show that the simulation would notice them. They exist in debug builds alone: a release build has
// neither the branch nor the question. A test chooses one for a server of its own, so that others run beside it.

/// One way in which a server can be wrong.
package enum Mutation: String, Hashable, Sendable, CaseIterable {
    /// Rule 7: grants to whoever stands second.
    case grantsTheSecond
    /// Rule 7: priorities count for nothing.
    case ignoresPriority
    /// Rule 6: shared holders join an exclusive one.
    case sharesExclusive
    /// Rule 6: one permit more than there are.
    case overbooksPermits
    /// Rule 8: whose connection is gone stays in the queue.
    case grantsDeadWaiters
    /// Rule 11: leases end a little early.
    case endsLeasesEarly
    /// Rule 12: a renewal may move the end nearer.
    case shortensByRenewing
    /// Rule 14: leases start again at half after a restart.
    case halvesLeasesAtRestart
    /// Rule 15: nothing is closed after an expiry.
    case forgetsLockDelays
    /// Rule 16: nobody's wait is ever over.
    case waitsForEver
    /// Rule 17: who is silent loses a grant that was seen.
    case abandonsHolders
    /// Rule 18: the counters of fences are not recovered.
    case forgetsFences
    /// Rule 18: a fence is granted twice.
    case repeatsFences
    /// Rule 20: nobody is told `lost`.
    case tellsNoLoss
    /// Rule 21: takes what is not stealable.
    case stealsWithoutConsent
    /// Rule 21: a grace ends early.
    case cutsGraces
    /// Rule 23: a key finds nothing.
    case forgetsKeys
    /// Rule 5: what a session holds outlives it.
    case keepsTicketsOfSessions
    /// Rule 7: nobody is granted what was released.
    case losesWakeUps
    /// Rule 26: tells before it is durable.
    case tellsBeforeDurable
    /// Rule 27: releases are not written.
    case losesReleases
    /// Positions count from 2.
    case miscountsPositions
}
