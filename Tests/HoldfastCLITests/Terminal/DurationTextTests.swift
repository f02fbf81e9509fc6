// Durations and latencies as people read them.

import HoldfastCLI
import HoldfastModel
import Testing

struct DurationTextTests {
    @Test(arguments: [
        (0, "0 s", "0.0s"), (250, "0.25 s", "0.2s"), (7_500, "7.5 s", "7.5s"),
        (9_999, "9.99 s", "9.9s"), (10_000, "10 s", "10s"), (59_999, "59 s", "59s"),
        (60_000, "1 m 00 s", "60s"), (185_000, "3 m 05 s", "3m"),
        (3_600_000, "1 h 00 m", "60m"), (90_000_000, "1 d 1 h", "25h"),
        (864_000_000, "10 d 0 h", "10d"), (-5, "0 s", "0.0s"),
    ])
    func `a duration shows what matters`(milliseconds: Int, long: String, short: String) {
        #expect(Interval.milliseconds(milliseconds).text == long)
        #expect(Interval.milliseconds(milliseconds).shortText == short)
    }

    @Test(arguments: [
        (0, "0 ns"), (999, "999 ns"), (1_000, "1.00 µs"), (13_400, "13.4 µs"),
        (999_999, "999 µs"), (1_230_000, "1.23 ms"), (2_000_000_000, "2.00 s"),
    ])
    func `a latency has three digits and a unit`(nanoseconds: Int64, text: String) {
        #expect(LatencyText.text(nanoseconds) == text)
    }
}
