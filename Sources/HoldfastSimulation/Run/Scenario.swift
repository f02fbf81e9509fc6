// What one seed plays: which faults are on (a random subset, so that rare ones are not drowned by common ones),
// how many clients want how few resources, and under which limits.

package import HoldfastModel

/// A kind of fault that a seed may have on.
package enum Fault: String, CaseIterable, Sendable {
    case delay, cuts, stall, reset, halfOpen, slowReader, halfClose, clientCrash, clientPause
    case serverPause, wallJump, clockSkew, garbage, serverCrash, serverStop, slowJournal
    case journalFailure, steal, clear, drain, smallLimits
}

/// The parameters of one seed.
package struct Scenario: Sendable {
    package var seed: UInt64
    package var faults: [Fault]
    package var stepCount: Int
    package var rawCount: Int
    package var sdkCount: Int
    package var resourceCount: Int
    package var loopCount: Int
    package var limits = Limits()
    package var retain: Interval
    package var leaseMillisecondsMax: Int
    /// The longest pause between two steps.
    package var gapMillisecondsMax: Int
    /// A deliberate bug of the server, to see whether the oracle notices.
    package var mutation: Mutation?

    package init(seed: UInt64, stepCount: Int, allowing allowed: [Fault] = Fault.allCases) {
        var random = SeededGenerator(seed: seed ^ 0x5851_f42d_4c95_7f2d)
        self.seed = seed
        self.stepCount = stepCount
        faults = Fault.allCases.filter { _ in random.chance(40) }.filter(allowed.contains)
        rawCount = 2 + random.below(4)
        sdkCount = random.below(3)
        resourceCount = 1 + random.below(3)
        loopCount = 1 + random.below(3)
        retain = .seconds(3 + random.below(20))
        leaseMillisecondsMax = 300 + random.below(4_000)
        gapMillisecondsMax = 4 + random.below(150)
        if faults.contains(.smallLimits) { limits = Scenario.smallLimits(&random) }
    }

    package func has(_ fault: Fault) -> Bool { faults.contains(fault) }

    private static func smallLimits(_ random: inout SeededGenerator) -> Limits {
        var limits = Limits()
        if random.chance(30) { limits.queue = 1 + random.below(4) }
        if random.chance(30) { limits.inFlight = 1 + random.below(4) }
        if random.chance(30) { limits.waits = 1 + random.below(3) }
        if random.chance(30) { limits.watches = 1 + random.below(2) }
        if random.chance(30) { limits.ticketsPerPrincipal = 1 + random.below(4) }
        if random.chance(30) { limits.resources = 1 + random.below(2) }
        if random.chance(30) { limits.sessions = 1 + random.below(4) }
        if random.chance(30) { limits.lineBytes = 600 + random.below(600) }
        if random.chance(30) { limits.outboundBytes = 20_000 + random.below(20_000) }
        if random.chance(30) { limits.retained = 1 + random.below(6) }
        if random.chance(30) { limits.history = 1 + random.below(6) }
        if random.chance(30) { limits.historyTotal = 6 }
        return limits
    }
}
