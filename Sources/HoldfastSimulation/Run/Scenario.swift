// What one seed plays: which faults are on (a random subset, so that rare ones are not drowned by common ones),
// how many clients want how few resources, under which limits, and where the server keeps what it decides.

package import HoldfastJournal
package import HoldfastModel

/// A kind of fault that a seed may have on.
package enum Fault: String, CaseIterable, Sendable {
    case delay, cuts, stall, reset, halfOpen, slowReader, halfClose, clientCrash, clientPause
    case serverPause, wallJump, clockSkew, garbage, serverCrash, serverStop, slowJournal
    case journalFailure, steal, clear, drain, smallLimits
    // What befalls a disk, in seeds that have one.
    case powerLoss, writeError, syncError, callError, fullDisk, slowDisk, readFlip, bitRot

    static let ofDisks: [Fault] = [
        .powerLoss, .writeError, .syncError, .callError, .fullDisk, .slowDisk, .readFlip, .bitRot,
    ]
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
    /// The server keeps a file journal of these measures on a disk; without, a journal that only remembers.
    package var files: FileJournalSettings?
    /// Of 100 requests for tickets, so many are for permits, and so many more shared.
    package var permitPercent: Int
    package var sharedPercent: Int
    /// A deliberate bug of the server, to see whether the oracle notices.
    package var mutation: Mutation?

    /// `keepsFiles` decides what else the seed does.
    package init(
        seed: UInt64,
        stepCount: Int,
        allowing allowed: [Fault] = Fault.allCases,
        keepsFiles: Bool? = nil
    ) {
        var random = SeededGenerator(seed: seed ^ 0x5851_f42d_4c95_7f2d)
        self.seed = seed
        self.stepCount = stepCount
        faults = Fault.allCases.filter { !Fault.ofDisks.contains($0) }
            .filter { _ in random.chance(40) }.filter(allowed.contains)
        rawCount = 2 + random.below(4)
        sdkCount = random.below(3)
        resourceCount = 1 + random.below(3)
        loopCount = 1 + random.below(3)
        retain = .seconds(3 + random.below(20))
        leaseMillisecondsMax = 300 + random.below(4_000)
        gapMillisecondsMax = 4 + random.below(150)
        permitPercent = random.pick([0, 10, 10, 60])
        sharedPercent = random.pick([5, 20, 35])
        if faults.contains(.smallLimits) { limits = smallLimits(&random) }
        // A stream of chance of its own: what else a seed plays does not depend on it.
        var disk = SeededGenerator(seed: seed ^ 0x14c9_02ad_66f1_e2b3)
        let isChosen = disk.chance(50)
        if keepsFiles ?? isChosen { keepFiles(&disk, allowing: allowed) }
    }

    package func has(_ fault: Fault) -> Bool { faults.contains(fault) }

    /// Small measures, so that segments end and snapshots come in a short run.
    private mutating func keepFiles(
        _ chance: inout SeededGenerator,
        allowing allowed: [Fault]
    ) {
        var settings = FileJournalSettings()
        settings.segmentBytes = chance.pick([2_048, 8_192, 65_536])
        settings.snapshotFloorBytes = chance.pick([4_096, 20_000, 200_000])
        settings.frameBytes = chance.pick([256, 4_096])
        settings.snapshotSyncBytes = chance.pick([1_024, 65_536])
        if chance.chance(20) { settings.sync = .interval(.milliseconds(5 + chance.below(500))) }
        files = settings
        faults.removeAll { $0 == .slowJournal || $0 == .journalFailure }
        faults += Fault.ofDisks.filter { _ in chance.chance(40) }.filter(allowed.contains)
        // What was acknowledged before it was synced may be lost with the power: nothing to judge.
        if settings.sync != .always { faults.removeAll { $0 == .powerLoss } }
    }

    private func smallLimits(_ random: inout SeededGenerator) -> Limits {
        var limits = Limits()
        if random.chance(30) { limits.queue = 1 + random.below(4) }
        if random.chance(30) { limits.inFlight = 1 + random.below(4) }
        if random.chance(30) { limits.waits = 1 + random.below(3) }
        if random.chance(30) { limits.watches = 1 + random.below(2) }
        if random.chance(30) { limits.ticketsPerPrincipal = 1 + random.below(4) }
        if random.chance(30) { limits.resources = 1 + random.below(2) }
        if random.chance(30) { limits.sessions = 1 + random.below(4) }
        if random.chance(30) { limits.lineBytes = 600 + random.below(600) }
        if random.chance(30) {
            limits.outboundBytes = 30_000 + random.below(20_000)
            // Whatever happens in one turn must reach the faultless watcher (rule 32).
            limits.ticketsPerPrincipal = 6
        }
        if random.chance(30) { limits.retained = 1 + random.below(6) }
        if random.chance(30) { limits.history = 1 + random.below(6) }
        // Room for all clients and the watcher, and hardly more.
        if random.chance(30) { limits.connections = rawCount + sdkCount + 1 + random.below(2) }
        // Whoever has not said hello yet is `anonymous`, the watcher and the SDK's clients, too.
        if random.chance(60) { limits.connectionsPerPrincipal = max(2, sdkCount + 1) }
        if random.chance(30) { limits.historyTotal = 6 }
        if random.chance(30) { limits.undurableRecords = 1 + random.below(8) }
        return limits
    }
}
