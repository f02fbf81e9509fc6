// Seeds whose server keeps the product's file journal on a disk that fails: whatever befalls it, nothing told is
// missing, damage is found, and the same seed is the same run.

import HoldfastModel
import HoldfastSimulation
import Testing

@Suite(.serialized)
struct DiskSeedTests {
    private func play(
        _ seeds: ClosedRange<UInt64>,
        stepCount: Int,
        isTracing: Bool = false
    ) async -> [Outcome] {
        await offThePool {
            seeds.map { seed in
                let scenario = Scenario(seed: seed, stepCount: stepCount, keepsFiles: true)
                return Simulation(scenario, isTracing: isTracing).run()
            }
        }
    }

    @Test func `sixty seeds on a disk run clean, and every fault of it strikes`() async {
        var counts: [String: Int] = [:]
        for outcome in await play(1...60, stepCount: 150) {
            for violation in outcome.violations {
                Issue.record("seed \(outcome.scenario.seed): \(violation.check): \(violation.text)")
            }
            counts.merge(outcome.counts) { $0 + $1 }
        }
        let needed = [
            "fault powerLoss", "fault writeError", "fault syncError", "fault callError",
            "fault fullDisk", "fault slowDisk", "fault readFlip", "fault bitRot",
            "disk: data lost", "rot refused", "rot was harmless", "starts refused by a fault",
            "check damage-found", "check nothing-forgotten", "check fences-rise",
        ]
        for name in needed { #expect(counts[name, default: 0] > 0, "\(name) never happened") }
    }

    @Test func `the same seed on a disk is the same run, line by line`() async {
        let (one, other) = (
            await play(20...23, stepCount: 200, isTracing: true),
            await play(20...23, stepCount: 200, isTracing: true)
        )
        for (one, other) in zip(one, other) {
            #expect(one.trace.count > 200)
            let isSame = one.trace.map(TraceText.text) == other.trace.map(TraceText.text)
            #expect(isSame, "seed \(one.scenario.seed) was another run the second time")
        }
    }

    @Test func `a seed plays the same faults with a disk and without`() {
        for seed in UInt64(1)...50 {
            let (with, without) = (
                Scenario(seed: seed, stepCount: 1, keepsFiles: true),
                Scenario(seed: seed, stepCount: 1, keepsFiles: false)
            )
            let common = without.faults.filter { $0 != .slowJournal && $0 != .journalFailure }
            #expect(with.faults.starts(with: common))
            #expect(with.files != nil && without.files == nil)
            #expect(with.rawCount == without.rawCount)
        }
    }
}
