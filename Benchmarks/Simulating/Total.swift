// What many seeds did, added up: a fault or a check that never happened proves nothing, so all of them are
// counted.

import HoldfastModel
import HoldfastSimulation

/// Sums over seeds.
struct Total {
    private var seedCount = 0
    private var stepCount = 0
    private var virtualHours = 0.0
    private var counts: [String: Int] = [:]

    mutating func add(_ outcome: Outcome) {
        seedCount += 1
        stepCount += outcome.scenario.stepCount
        virtualHours += outcome.virtualTime.seconds / 3_600
        for (name, count) in outcome.counts { counts[name, default: 0] += count }
    }

    private func sum(of prefix: String) -> Int {
        counts.reduce(0) { $0 + ($1.key.hasPrefix(prefix) ? $1.value : 0) }
    }

    var summary: String {
        let hours = (virtualHours * 100).rounded() / 100
        return "\(seedCount) seeds, \(stepCount) steps, \(hours) simulated hours, "
            + "\(sum(of: "fault ")) faults, \(counts["saw acquired"] ?? 0) grants, "
            + "\(sum(of: "check ")) checks"
    }

    /// What never happened.
    var missing: [String] { Coverage.missing(in: counts) }

    var lines: [String] { counts.keys.sorted().map { "  \($0): \(counts[$0] ?? 0)" } }
}
