// The histogram against the values themselves.

import HoldfastCLI
import Testing

/// A generator that gives the same numbers every time.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let mixed = (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        return mixed ^ (mixed >> 29)
    }
}

struct HistogramTests {
    @Test(arguments: [50.0, 90, 99, 99.9, 100])
    func `a percentile is too high by less than one part in 128`(percent: Double) {
        var generator = SeededGenerator(state: 7)
        var histogram = Histogram()
        var values: [Int64] = []
        for _ in 0..<20_000 {
            let bits = Int.random(in: 0...40, using: &generator)
            let value = Int64.random(in: 0...(1 << Int64(bits)), using: &generator)
            values.append(value)
            histogram.add(value)
        }
        values.sort()
        let rank = Int((percent / 100 * Double(values.count)).rounded(.up)) - 1
        let exact = values[rank]
        let told = histogram.percentile(percent)
        #expect(told >= exact)
        #expect(Double(told) <= Double(exact) * (1 + 1.0 / 128) + 1)
    }

    @Test func `small values are exact`() {
        for value in Int64(0)...255 {
            var histogram = Histogram()
            histogram.add(value)
            histogram.add(1 << 40)
            #expect(histogram.percentile(50) == value)
        }
    }

    @Test(arguments: [0, 1, 255, 256, 257, 511, 512, 1 << 20, (1 << 20) + 1, .max - 1, .max])
    func `every value has a place`(value: Int64) {
        var histogram = Histogram()
        histogram.add(value)
        #expect(histogram.count == 1)
        #expect(histogram.percentile(100) == value)
        #expect(histogram.minimum == value)
    }

    @Test func `nothing recorded is zero`() {
        #expect(Histogram().percentile(99) == 0)
        #expect(Histogram().mean == 0)
    }

    @Test func `two together are as one that saw both`() {
        var (one, other, both) = (Histogram(), Histogram(), Histogram())
        for value in Int64(1)...1_000 {
            value % 3 == 0 ? one.add(value * 977) : other.add(value * 977)
            both.add(value * 977)
        }
        one.add(other)
        #expect(one == both)
        #expect(both.mean == 977 * 500.5)
    }

    @Test func `values are counted by range`() {
        var histogram = Histogram()
        for value in Int64(0)..<1_024 { histogram.add(value) }
        #expect(histogram.count(from: 0, below: 256) == 256)
        #expect(histogram.count(from: 256, below: 1_024) == 768)
    }
}
