// Latencies in a fixed number of counters, however long the run: log-linear, as HdrHistogram does it.
// Every power of two is divided into 128 equal parts, so a value is known to better than one part in a
// hundred and twenty-eight, and adding one is a shift and an increment.
//
// Expected: 60 powers × 128 counters of 8 bytes, 61 KB; about 2 ns for an addition.

/// Counts of durations in nanoseconds.
package struct Histogram: Sendable, Equatable {
    private static let subBits = 7
    private static let subCount = 1 << subBits

    private var counts: [UInt64]
    package private(set) var count: UInt64 = 0
    package private(set) var maximum: Int64 = 0
    package private(set) var minimum: Int64 = .max
    private var sum = 0.0

    package init() {
        counts = Array(repeating: 0, count: (64 - Histogram.subBits) << Histogram.subBits)
    }

    /// A negative duration counts as zero: a clock read on another core may be a hair behind.
    package mutating func add(_ nanoseconds: Int64) {
        let value = max(0, nanoseconds)
        counts[Histogram.index(of: value)] += 1
        count += 1
        sum += Double(value)
        maximum = max(maximum, value)
        minimum = min(minimum, value)
    }

    package mutating func add(_ other: Histogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        sum += other.sum
        maximum = max(maximum, other.maximum)
        minimum = min(minimum, other.minimum)
    }

    package var mean: Double { count == 0 ? 0 : sum / Double(count) }

    /// The smallest recorded value that at least this part of all values does not exceed, told too high by
    /// less than one part in 128.
    package func percentile(_ percent: Double) -> Int64 {
        guard count > 0 else { return 0 }
        let exact = (percent / 100 * Double(count)).rounded(.up)
        let rank = min(count, max(1, UInt64(exact)))
        var seen: UInt64 = 0
        for index in counts.indices where counts[index] > 0 {
            seen += counts[index]
            if seen >= rank { return min(maximum, Histogram.upperBound(of: index)) }
        }
        return maximum
    }

    /// How many values lie in `lower..<upper`, to the precision of the counters.
    package func count(from lower: Int64, below upper: Int64) -> UInt64 {
        counts[Histogram.index(of: lower)..<Histogram.index(of: upper)].reduce(0, +)
    }

    /// Values below 128 have a counter each; from there on the seven bits behind the first one count.
    private static func index(of value: Int64) -> Int {
        let shift = max(0, (Int64.bitWidth - 1 - value.leadingZeroBitCount) - subBits)
        return shift == 0
            ? Int(value) : (shift << subBits) + Int(value >> Int64(shift))
    }

    /// The largest value that is counted at this index.
    private static func upperBound(of index: Int) -> Int64 {
        let shift = max(0, (index >> subBits) - 1)
        let first = Int64(index - shift << subBits) << Int64(shift)
        return first + ((1 << Int64(shift)) - 1)
    }
}
