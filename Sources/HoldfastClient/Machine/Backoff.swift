// How long to wait before the next attempt: twice as long after each failure, up to a bound, and a random
// half of that, so that a thousand clients of a restarted server do not come back in the same instant.

import HoldfastModel

/// The pauses between attempts to reach the server.
struct Backoff: Hashable, Sendable {
    var first: Interval
    var longest: Interval
    /// Failures since the last success.
    private(set) var failures = 0

    init(first: Interval, longest: Interval) {
        self.first = first
        self.longest = longest
    }

    /// The pause after one more failure: between half and all of `first` · 2ⁿ, at most `longest`.
    mutating func pause(using generator: inout some RandomNumberGenerator) -> Interval {
        let doublings = min(failures, 30)
        failures += 1
        let (product, overflow) = first.nanoseconds.multipliedReportingOverflow(by: 1 << doublings)
        let whole = overflow ? longest.nanoseconds : min(product, longest.nanoseconds)
        let half = whole / 2
        return Interval(nanoseconds: half + Int64.random(in: 0...(whole - half), using: &generator))
    }

    mutating func succeeded() { failures = 0 }
}
