// Makes a failing seed smaller: fewer faults, fewer clients, fewer steps, as long as the same check breaks. The
// seed stays; what it does changes with every parameter, so each try is a new run and only its result counts.

import HoldfastModel

/// Finds a smaller scenario that breaks the same check.
package enum Shrinker {
    package static func shrink(_ scenario: Scenario, breaking check: String) -> Scenario {
        var best = scenario
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for candidate in candidates(of: best) where breaks(candidate, check) {
                best = candidate
                isSmaller = true
                break
            }
        }
        return best
    }

    private static func breaks(_ scenario: Scenario, _ check: String) -> Bool {
        Simulation(scenario).run().violations.contains { $0.check == check }
    }

    private static func candidates(of scenario: Scenario) -> [Scenario] {
        var all: [Scenario] = []
        func add(_ change: (inout Scenario) -> Void) {
            var candidate = scenario
            change(&candidate)
            all.append(candidate)
        }
        if scenario.stepCount > 20 {
            add { $0.stepCount /= 2 }
            add { $0.stepCount = $0.stepCount * 9 / 10 }
        }
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
