// How long something took, many times over: counts in a few fixed buckets, so that to note one more is a short search
// and an addition, and the histograms of all loops add up. The bounds are part of what operators build alarms on:
// changing them breaks every query over the time of the change.

/// Counts of durations by length.
@usableFromInline package struct DurationHistogram: Hashable, Sendable {
    /// Upper bounds, each inclusive, shortest first; what is longer than the last has a bucket of its own.
    @usableFromInline package let bounds: [Interval]
    @usableFromInline package private(set) var counts: [Int]
    /// Of all that was noted.
    @usableFromInline package private(set) var sum = Interval.zero

    @usableFromInline package init(_ bounds: [Interval]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    @usableFromInline package var count: Int { counts.reduce(0, +) }

    /// A duration below zero counts as zero: a clock was set, or a restart lies in between.
    @usableFromInline package mutating func note(_ duration: Interval) {
        var index = 0
        while index < bounds.count, bounds[index] < duration { index += 1 }
        counts[index] += 1
        let added = max(0, duration.nanoseconds)
        let (total, overflow) = sum.nanoseconds.addingReportingOverflow(added)
        sum = Interval(nanoseconds: overflow ? .max : total)
    }

    /// Adds what another of the same bounds counted.
    @usableFromInline package mutating func add(_ other: DurationHistogram) {
        precondition(bounds == other.bounds, "two histograms of different bounds")
        for index in counts.indices { counts[index] += other.counts[index] }
        let (total, overflow) = sum.nanoseconds.addingReportingOverflow(other.sum.nanoseconds)
        sum = Interval(nanoseconds: overflow ? .max : total)
    }
}

extension DurationHistogram {
    /// What people wait for and hold: from a millisecond to a day.
    @usableFromInline package static let ofTickets = DurationHistogram(
        [1, 5, 25, 100, 500].map(Interval.milliseconds)
            + [1, 5, 30, 120, 600, 3_600, 21_600, 86_400].map(Interval.seconds)
    )

    /// What one turn of a loop takes: from a millisecond to five seconds.
    @usableFromInline package static let ofLoops = DurationHistogram(
        [1, 5, 10, 25, 50, 100, 250].map(Interval.milliseconds) + [1, 5].map(Interval.seconds)
    )

    /// What a disk does: from fifty microseconds to five seconds.
    @usableFromInline package static let ofDisks = DurationHistogram(
        [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000]
            .map { Interval(nanoseconds: $0 * 1_000) }
            + [1, 5].map(Interval.seconds)
    )
}
