// What the command was asked for.

import HoldfastModel
import HoldfastSimulation

/// The arguments of holdfast-sim.
struct Wish {
    var seeds: ClosedRange<UInt64> = 1...100
    var stepCount = 2_000
    /// The seeds that once found something, each as long as it needs.
    var playsFound = false
    var faults = Fault.allCases
    /// Where the server keeps what it decides; nil lets each seed choose.
    var keepsFiles: Bool?
    var isTracing = false
    var mutation: Mutation?
    /// Threads that play at once.
    var jobCount = 1

    /// Nil where they make no sense.
    init?(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let argument = rest.popFirst() {
            if argument == "--trace" {
                isTracing = true
                continue
            }
            if argument == "--found" {
                playsFound = true
                continue
            }
            guard let value = rest.popFirst(), take(argument, value) else { return nil }
        }
    }

    private mutating func take(_ name: String, _ value: String) -> Bool {
        switch name {
        case "--seed":
            guard let seed = UInt64(value) else { return false }
            seeds = seed...seed
        case "--seeds":
            let ends = value.split(separator: ".").compactMap { UInt64($0) }
            guard ends.count == 2, ends[0] <= ends[1] else { return false }
            seeds = ends[0]...ends[1]
        case "--steps":
            guard let count = Int(value) else { return false }
            stepCount = count
        case "--faults":
            let names = value.split(separator: ",").map(String.init)
            faults = names.compactMap(Fault.init(rawValue:))
            return value == "none" || faults.count == names.count
        case "--store":
            keepsFiles = value == "files"
            return ["files", "memory"].contains(value)
        case "--jobs":
            guard let count = Int(value), (1...64).contains(count) else { return false }
            jobCount = count
        case "--mutation":
            mutation = Mutation(rawValue: value)
            return mutation != nil
        default: return false
        }
        return true
    }
}
