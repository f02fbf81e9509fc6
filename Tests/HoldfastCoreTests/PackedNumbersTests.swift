// Every number comes back as it was, at the edges of its bytes.

import HoldfastModel
import Testing

@testable import HoldfastCore

struct PackedNumbersTests {
    static let edges: [UInt64] = [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 1 << 32, 1 << 63, .max]

    @Test(arguments: edges) func `a number comes back`(_ number: UInt64) {
        var numbers = PackedNumbers()
        numbers.put(number)
        numbers.putRaw(number, byteCount: 8)
        numbers.put(7)
        var reader = PackedReader()
        #expect(reader.next(in: numbers.bytes.span) == number)
        #expect(reader.raw(in: numbers.bytes.span, byteCount: 8) == number)
        #expect(reader.next(in: numbers.bytes.span) == 7)
    }

    @Test func `small ones take a byte`() {
        var numbers = PackedNumbers()
        for number in 0..<UInt64(128) { numbers.put(number) }
        #expect(numbers.bytes.count == 128)
        numbers.put(128)
        #expect(numbers.bytes.count == 130)
    }

    @Test func `instants before and after another come back, and so does never`() {
        let start = Instant(nanoseconds: 1_000_000_000)
        let instants = [0, 1, -1, 999_999_999, -1_000_000_000, 1 << 50].map {
            Instant(nanoseconds: start.nanoseconds + $0)
        }
        var numbers = PackedNumbers()
        for instant in instants + [.never] { numbers.put(instant, after: start) }
        var reader = PackedReader()
        for instant in instants + [.never] {
            #expect(reader.instant(after: start, in: numbers.bytes.span) == instant)
        }
    }

    @Test func `intervals come back, whole milliseconds in few bytes`() {
        let intervals = [0, 1, 999_999, 1_000_000, 30_000_000_000, 86_400_000_000_000]
            .map { Interval(nanoseconds: $0) }
        for interval in intervals {
            var numbers = PackedNumbers()
            numbers.put(interval)
            var reader = PackedReader()
            #expect(reader.interval(in: numbers.bytes.span) == interval)
        }
        var numbers = PackedNumbers()
        numbers.put(Interval.seconds(30))
        #expect(numbers.bytes.count == 3)
    }
}
