// What a cycle cost, as a value that is printed, stored and compared.

import CCounting

/// Counts of one shape, each per cycle.
struct Counts: Codable, Equatable {
    var allocations: Double
    var allocatedBytes: Double
    var reads: Double
    var writes: Double
    var others: Double
    var escapes: Double
    /// Questions for work that came back at once, and that slept: printed, and neither stored nor compared,
    /// because how long the loop looks before it sleeps depends on the machine.
    var polls = 0.0
    var sleeps = 0.0

    private enum CodingKeys: CodingKey {
        case allocations
        case allocatedBytes
        case reads
        case writes
        case others
        case escapes
    }

    init(
        from start: counting_totals,
        to end: counting_totals,
        cycles: Int
    ) {
        func perCycle(_ field: KeyPath<counting_totals, UInt64>) -> Double {
            Double(end[keyPath: field] - start[keyPath: field]) / Double(cycles)
        }
        allocations = perCycle(\.allocations)
        allocatedBytes = perCycle(\.allocated_bytes)
        reads = perCycle(\.reads)
        writes = perCycle(\.writes)
        others = perCycle(\.others)
        escapes = perCycle(\.escapes)
        polls = perCycle(\.polls)
        sleeps = perCycle(\.sleeps)
    }

    /// The counts with their names, and how far each may lie above its threshold.
    ///
    /// A pipelined batch that arrives in two pieces adds a read and a write here and there.
    private static var fields: [Field] {
        [
            Field(name: "allocations", path: \.allocations, slack: 0.05),
            Field(name: "allocated bytes", path: \.allocatedBytes, slack: 0.05),
            Field(name: "reads", path: \.reads, slack: 0.25),
            Field(name: "writes", path: \.writes, slack: 0.25),
            Field(name: "other calls", path: \.others, slack: 0.25),
            Field(name: "escapes", path: \.escapes, slack: 0.25),
        ]
    }

    private struct Field {
        var name: String
        var path: WritableKeyPath<Counts, Double>
        var slack: Double
    }

    /// The counts that lie above their thresholds, in words.
    func excesses(over threshold: Counts) -> [String] {
        Counts.fields.compactMap { field in
            let (count, stored) = (self[keyPath: field.path], threshold[keyPath: field.path])
            return count <= stored * (1 + field.slack) + 0.05
                ? nil : "\(field.name) \(count.text) > \(stored.text)"
        }
    }

    var rounded: Counts {
        var copy = self
        for field in Counts.fields {
            copy[keyPath: field.path] = (self[keyPath: field.path] * 100).rounded(.up) / 100
        }
        return copy
    }

    var line: String {
        let compared = Counts.fields.map { "\($0.name) \(self[keyPath: $0.path].text)" }
        return (compared + ["polls \(polls.text)", "sleeps \(sleeps.text)"]).joined(separator: "  ")
    }
}

extension Double {
    /// With two digits after the point.
    var text: String {
        let hundredths = Int((self * 100).rounded())
        let digits = String(hundredths % 100)
        return "\(hundredths / 100).\(digits.count == 1 ? "0" : "")\(digits)"
    }
}
