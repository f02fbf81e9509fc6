// Integer time: rounding, saturation and the rendering of instants for people.

import HoldfastModel
import Testing

struct TimeTests {
    @Test(
        arguments: [
            (0.0, 0), (0.1, 100_000_000), (0.5, 500_000_000), (30, 30_000_000_000),
            (86_400, 86_400_000_000_000), (0.000_000_001, 1), (0.000_000_000_4, 0),
            (0.000_000_000_6, 1), (1.000_000_000_4, 1_000_000_000),
        ] as [(Double, Int64)]
    )
    func `seconds become the nearest nanosecond`(seconds: Double, nanoseconds: Int64) {
        #expect(Interval(seconds: seconds).nanoseconds == nanoseconds)
    }

    @Test func `an interval says the seconds it was made of`() {
        for seconds in [0, 0.1, 0.25, 1, 29.999, 86_400] {
            #expect(Interval(seconds: seconds).seconds == seconds)
        }
        #expect(Interval.seconds(3) == .milliseconds(3_000))
        #expect(Interval.day == .seconds(24 * 60 * 60))
    }

    @Test(
        arguments: [
            (0, 0), (1, 0), (999_999, 0), (1_000_000, 1), (1_999_999, 1), (29_999_999_999, 29_999),
        ] as [(Int64, Int64)]
    )
    func `rule 13 what is left is rounded down to the millisecond`(
        nanoseconds: Int64,
        milliseconds: Int64
    ) {
        #expect(Interval(nanoseconds: nanoseconds).wholeMilliseconds == milliseconds)
    }

    @Test func `intervals add, subtract and compare as their nanoseconds do`() {
        let (short, long) = (Interval.milliseconds(1), Interval.seconds(1))
        #expect(short + long == .milliseconds(1_001))
        #expect(long - short == .milliseconds(999))
        #expect(short < long)
        #expect(max(short, long) == long)
    }

    @Test func `never plus anything stays never`() {
        #expect(Instant.never + .zero == .never)
        #expect(Instant.never + Interval(nanoseconds: 1) == .never)
        #expect(Instant.never + .day == .never)
    }

    @Test func `an instant saturates only where it would overflow`() {
        let edge = Instant(nanoseconds: .max - 10)
        #expect(edge + Interval(nanoseconds: 9) == Instant(nanoseconds: .max - 1))
        #expect(edge + Interval(nanoseconds: 10) == .never)
        #expect(edge + Interval(nanoseconds: 11) == .never)
    }

    @Test func `the difference of instants is the interval between them`() {
        let start = Instant(nanoseconds: 5)
        #expect(start + .seconds(2) - start == .seconds(2))
        #expect(Instant.zero < start)
        #expect(start < .never)
    }

    @Test func `an instant is shown on the wall clock before and after the reading`() {
        let reading = ClockReading(
            now: Instant(nanoseconds: 10_000_000_000),
            wall: WallTime(microseconds: 1_763_683_200_000_000)
        )
        #expect(reading.wallTime(of: reading.now) == reading.wall)
        #expect(
            reading.wallTime(of: Instant(nanoseconds: 11_500_000_000)).microseconds
                == 1_763_683_201_500_000
        )
        #expect(reading.wallTime(of: .zero).microseconds == 1_763_683_190_000_000)
        #expect(reading.wallTime(of: .zero) < reading.wall)
    }
}
