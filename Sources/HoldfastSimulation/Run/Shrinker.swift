// Makes a failing seed smaller: fewer faults, fewer clients, fewer steps, as long as the same check breaks. The
// seed stays; what it does changes with every parameter but the number of steps, so each try is a new run and only its
// result counts. What comes of it depends on the scenario alone.

import HoldfastModel

/// Finds a smaller scenario that breaks the same check.
package enum Shrinker {
    package static func shrink(_ scenario: Scenario, breaking check: String) -> Scenario {
        guard var best = smaller(scenario, breaking: check) else { return scenario }
        while let better = candidates(of: best).lazy.compactMap({ smaller($0, breaking: check) })
            .first
        {
            best = better
        }
        return best
    }

    /// The scenario without the steps that come after the check broke; nil where it does not break.
    private static func smaller(_ scenario: Scenario, breaking check: String) -> Scenario? {
        let outcome = Simulation(scenario).run()
        guard outcome.violations.contains(where: { $0.check == check }) else { return nil }
        var scenario = scenario
        scenario.stepCount = outcome.stepCount
        return scenario
    }

    private static func candidates(of scenario: Scenario) -> [Scenario] {
        var all: [Scenario] = []
        func add(_ change: (inout Scenario) -> Void) {
            var candidate = scenario
            change(&candidate)
            all.append(candidate)
        }
        if scenario.stepCount > 20 { add { $0.stepCount = $0.stepCount * 9 / 10 } }
        for fault in scenario.faults { add { $0.faults.removeAll { $0 == fault } } }
        if scenario.sdkCount > 0 { add { $0.sdkCount -= 1 } }
        if scenario.rawCount > 1 { add { $0.rawCount -= 1 } }
        if scenario.resourceCount > 1 { add { $0.resourceCount -= 1 } }
        if scenario.loopCount > 1 { add { $0.loopCount -= 1 } }
        if scenario.files != nil { add { $0.files = nil } }
        return all
    }

    package static func text(of scenario: Scenario) -> String {
        "seed \(scenario.seed), \(scenario.stepCount) steps, \(scenario.rawCount)+\(scenario.sdkCount) "
            + "clients, \(scenario.resourceCount) resources, \(scenario.loopCount) loops, "
            + (scenario.files == nil ? "faults " : "a disk, faults ")
            + scenario.faults.map(\.rawValue).joined(separator: ",")
    }
}
