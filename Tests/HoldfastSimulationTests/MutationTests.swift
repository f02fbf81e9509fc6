// The oracle is worth what it notices: a deliberate bug of the server must break a check within two hundred seeds, and
// the check that breaks first must be one that speaks of that bug. Only debug builds have the bugs.

import HoldfastModel
import HoldfastSimulation
import TestSupport
import Testing

/// A bug, and the checks that say what it is.
struct MutationRow: CustomTestStringConvertible, Sendable {
    var mutation: Mutation
    var checks: Set<String>

    var testDescription: String { mutation.rawValue }

    static let all = Mutation.allCases.map { MutationRow(mutation: $0, checks: checks(of: $0)) }

    /// A seed that is known to meet it, where the first ones do not: tried first, because each takes its time.
    var promisingSeed: UInt64 {
        switch mutation {
        case .shortensByRenewing: 93
        case .tellsBeforeDurable: 14
        case .cutsGraces: 11
        case .abandonsHolders, .overbooksPermits: 8
        case .stealsWithoutConsent: 5
        case .grantsDeadWaiters, .keepsTicketsOfSessions, .losesWakeUps: 3
        case .forgetsKeys: 2
        default: 1
        }
    }

    /// Whichever of them a seed comes to first.
    private static func checks(of mutation: Mutation) -> Set<String> {
        switch mutation {
        case .grantsTheSecond: ["no-overtaking"]
        case .ignoresPriority: ["no-overtaking", "told-its-position", "same-order"]
        case .sharesExclusive, .overbooksPermits: ["held-alone", "exclusion"]
        case .grantsDeadWaiters: ["no-dead-waiter"]
        case .endsLeasesEarly: ["leases-kept", "exclusion"]
        case .shortensByRenewing: ["leases-kept", "exclusion"]
        case .halvesLeasesAtRestart: ["leases-kept", "exclusion"]
        case .forgetsLockDelays: ["lock-delay"]
        case .waitsForEver: ["waits-end", "answered"]
        case .abandonsHolders: ["exclusion", "waits-kept", "leases-kept"]
        case .forgetsFences, .repeatsFences: ["fences-rise"]
        case .tellsNoLoss: ["told-of-loss"]
        case .stealsWithoutConsent: ["stolen-by-consent"]
        case .cutsGraces: ["graces-kept"]
        case .forgetsKeys: ["idempotent", "remembered"]
        case .keepsTicketsOfSessions: ["ends-with-session"]
        case .losesWakeUps: ["no-lost-wake-up"]
        case .tellsBeforeDurable: ["nothing-forgotten", "ended-stays", "same-order"]
        case .losesReleases: ["starts", "ended-stays", "same-picture"]
        case .miscountsPositions: ["position-in-queue", "told-its-position"]
        }
    }
}

@Suite(.offThePool)
struct MutationTests {
    @Test(.enabled(if: Build.isDebug), arguments: MutationRow.all)
    func `a deliberate bug of the server is noticed for what it is`(row: MutationRow) throws {
        let found = try #require(
            MutationTests.firstFinding(of: row),
            "two hundred seeds saw nothing of \(row.mutation)"
        )
        #expect(
            row.checks.contains(found.check),
            "seed \(found.seed) broke \(found.check): \(found.text)"
        )
    }

    private static func firstFinding(
        of row: MutationRow
    ) -> (seed: UInt64, check: String, text: String)? {
        for seed in [row.promisingSeed] + Array(1...200) {
            var scenario = Scenario(seed: seed, stepCount: 150)
            scenario.mutation = row.mutation
            if let violation = play(scenario).violations.first {
                return (seed, violation.check, violation.text)
            }
        }
        return nil
    }
}
