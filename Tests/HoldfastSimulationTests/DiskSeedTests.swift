// Seeds whose server keeps the product's file journal on a disk that fails: whatever befalls it, nothing told is
// missing, damage is found, and the same seed is the same run.

import HoldfastModel
import HoldfastSimulation
import TestSupport
import Testing

@Suite(.serialized, .offThePool)
struct DiskSeedTests {
    @Test func `twenty seeds on a disk run clean, and its faults strike`() {
        var counts: [String: Int] = [:]
        for outcome in play(1...20, stepCount: 120, keepsFiles: true) {
            outcome.expectClean()
            counts.merge(outcome.counts) { $0 + $1 }
        }
        // A full disk, calls that fail and damage that hurts nobody are for more seeds than these.
        let needed = [
            "fault powerLoss", "fault writeError", "fault syncError",
            "fault slowDisk", "fault readFlip", "fault bitRot",
            "disk: data lost", "rot refused", "starts refused by a fault",
            "check damage-found", "check nothing-forgotten", "check fences-rise",
        ]
        for name in needed { #expect(counts[name, default: 0] > 0, "\(name) never happened") }
    }

    @Test func `the same seed on a disk is the same run, line by line`() {
        let (one, other) = (
            play(20...22, stepCount: 120, keepsFiles: true, isTracing: true),
            play(20...22, stepCount: 120, keepsFiles: true, isTracing: true)
        )
        for (one, other) in zip(one, other) {
            #expect(one.trace.count > 120)
            let isSame = one.lines == other.lines
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
