// How single values are written: digits without a detour over String, strings escaped as RFC 8259 asks,
// durations and times as PROTOCOL §2 wants them.

package import HoldfastModel

extension [UInt8] {
    package mutating func appendDecimal(_ number: UInt64) {
        var rest = number
        var digits = [20 of UInt8](repeating: 0)
        var start = 20
        repeat {
            start -= 1
            digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in start..<20 { append(digits[index]) }
    }

    /// Seconds: whole ones without a fraction, others with as many digits as they need, at most nine.
    package mutating func appendSeconds(_ interval: Interval) {
        let magnitude = interval.nanoseconds.magnitude
        if interval.nanoseconds < 0 { append(0x2d) }
        appendDecimal(magnitude / 1_000_000_000)
        var fraction = magnitude % 1_000_000_000
        guard fraction > 0 else { return }
        append(0x2e)
        var unit: UInt64 = 100_000_000
        while fraction > 0 {
            append(0x30 + UInt8(truncatingIfNeeded: fraction / unit))
            fraction %= unit
            unit /= 10
        }
    }

    /// Text between quotes, with what must be escaped escaped and everything else as it is.
    package mutating func appendJSONString(_ text: String) {
        let bytes = text.utf8Span.span
        append(0x22)
        guard bytes.needEscapes else {
            append(contentsOf: text.utf8)
            return append(0x22)
        }
        for index in bytes.indices { appendEscaped(bytes[index]) }
        append(0x22)
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case 0x22, 0x5c: append(contentsOf: [0x5c, byte])
        case 0x08: append(contentsOf: [0x5c, 0x62])
        case 0x09: append(contentsOf: [0x5c, 0x74])
        case 0x0a: append(contentsOf: [0x5c, 0x6e])
        case 0x0c: append(contentsOf: [0x5c, 0x66])
        case 0x0d: append(contentsOf: [0x5c, 0x72])
        case ..<0x20:
            append(contentsOf: "\\u00".utf8)
            append(0x30 + byte >> 4)
            append(byte & 15 < 10 ? 0x30 + byte & 15 : 0x61 + byte & 15 - 10)
        default: append(byte)
        }
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-21T01:25:00.000Z`.
    package mutating func appendTime(_ time: WallTime) {
        let date = CivilTime(time)
        appendPadded(date.year, digitCount: 4)
        append(0x2d)
        appendPadded(date.month, digitCount: 2)
        append(0x2d)
        appendPadded(date.day, digitCount: 2)
        append(0x54)
        appendPadded(date.millisecond / 3_600_000, digitCount: 2)
        append(0x3a)
        appendPadded(date.millisecond / 60_000 % 60, digitCount: 2)
        append(0x3a)
        appendPadded(date.millisecond / 1_000 % 60, digitCount: 2)
        append(0x2e)
        appendPadded(date.millisecond % 1_000, digitCount: 3)
        append(0x5a)
    }

    private mutating func appendPadded(_ number: Int64, digitCount: Int) {
        var unit: Int64 = 1
        for _ in 1..<digitCount { unit *= 10 }
        while unit > 0 {
            append(0x30 + UInt8(truncatingIfNeeded: number / unit % 10))
            unit /= 10
        }
    }
}

extension Span<UInt8> {
    fileprivate var needEscapes: Bool {
        for index in indices {
            let byte = self[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5c { return true }
        }
        return false
    }
}

/// A wall-clock time as a date of the Gregorian calendar, in UTC.
struct CivilTime: Hashable {
    var year: Int64
    var month: Int64
    var day: Int64
    /// Since midnight, rounded down.
    var millisecond: Int64

    init(_ time: WallTime) {
        let milliseconds = CivilTime.divide(time.microseconds, by: 1_000).quotient
        let (days, rest) = CivilTime.divide(milliseconds, by: 86_400_000)
        millisecond = rest
        // Years are counted from the first of March of year 0, so that the leap day is the last of a year.
        let (era, dayOfEra) = CivilTime.divide(days + 719_468, by: 146_097)
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // From March on, five months have 153 days, again and again.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// Rounds down, also before 1970.
    private static func divide(
        _ number: Int64,
        by unit: Int64
    ) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: unit)
        return rest < 0 ? (quotient - 1, rest + unit) : (quotient, rest)
    }
}
