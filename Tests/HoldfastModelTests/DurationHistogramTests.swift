// Counts of durations: what falls into which bucket, at the edges, and that nothing is lost when loops are added up.

import HoldfastModel
import Testing

struct DurationHistogramTests {
    private static let bounds = [Interval.milliseconds(1), .milliseconds(10)]

    @Test(
        arguments: [
            (-1, 0), (0, 0), (999_999, 0), (1_000_000, 0), (1_000_001, 1), (10_000_000, 1),
            (10_000_001, 2), (Int64.max, 2),
        ] as [(Int64, Int)]
    )
    func `a duration falls into the first bucket that is not too short for it`(
        nanoseconds: Int64,
        bucket: Int
    ) {
        var histogram = DurationHistogram(Self.bounds)
        histogram.note(Interval(nanoseconds: nanoseconds))
        #expect(histogram.counts.firstIndex(of: 1) == bucket)
        #expect(histogram.count == 1)
        #expect(histogram.sum.nanoseconds == max(0, nanoseconds))
    }

    @Test func `two histograms add up`() {
        var (one, other) = (DurationHistogram(Self.bounds), DurationHistogram(Self.bounds))
        one.note(.milliseconds(2))
        other.note(.milliseconds(3))
        other.note(.seconds(1))
        one.add(other)
        #expect(one.counts == [0, 2, 1])
        #expect(one.sum == .milliseconds(1_005))
    }

    @Test func `a sum that is too large stays the largest`() {
        var histogram = DurationHistogram(Self.bounds)
        histogram.note(Interval(nanoseconds: .max))
        histogram.note(Interval(nanoseconds: 1))
        #expect(histogram.sum.nanoseconds == .max)
        #expect(histogram.count == 2)
    }

    @Test(arguments: [DurationHistogram.ofTickets, .ofDisks])
    func `the bounds of a histogram rise`(histogram: DurationHistogram) {
        #expect(zip(histogram.bounds, histogram.bounds.dropFirst()).allSatisfy { $0 < $1 })
        #expect(histogram.counts.count == histogram.bounds.count + 1)
    }
}
