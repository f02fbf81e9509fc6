// How single values are written: digits without a detour over String, strings escaped as RFC 8259 asks,
// durations and times as PROTOCOL §2 wants them.

package import HoldfastModel

extension [UInt8] {
    package mutating func appendDecimal(_ number: UInt64) {
        append(addingCapacity: 20) { $0.appendDecimal(number) }
    }

    /// Seconds: whole ones without a fraction, others with as many digits as they need, at most nine.
    package mutating func appendSeconds(_ interval: Interval) {
        let magnitude = interval.nanoseconds.magnitude
        let (whole, fraction) = magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        append(addingCapacity: 24) { output in
            if interval.nanoseconds < 0 { output.append(0x2d) }
            output.appendDecimal(whole)
            if fraction > 0 { output.appendFraction(fraction) }
        }
    }

    /// Text between quotes, with what must be escaped escaped and everything else as it is.
    package mutating func appendJSONString(_ text: String) {
        let bytes = text.utf8Span.span
        var index = 0
        append(addingCapacity: bytes.count + 2) { output in
            output.append(0x22)
            while index < bytes.count, !bytes[index].needsEscape {
                output.append(bytes[index])
                index += 1
            }
            if index == bytes.count { output.append(0x22) }
        }
        guard index < bytes.count else { return }
        for place in index..<bytes.count { appendEscaped(bytes[place]) }
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

extension UInt8 {
    fileprivate var needsEscape: Bool { self < 0x20 || self == 0x22 || self == 0x5c }
}

extension OutputSpan<UInt8> {
    /// At most 20 digits.
    fileprivate mutating func appendDecimal(_ number: UInt64) {
        guard number >= 100_000_000 else { return appendDigits(number, atLeast: 1) }
        let (upper, lower) = number.quotientAndRemainder(dividingBy: 100_000_000)
        appendDecimal(upper)
        appendDigits(lower, atLeast: 8)
    }

    /// Nine digits of nanoseconds behind a point, without the zeros at their end.
    fileprivate mutating func appendFraction(_ nanoseconds: UInt64) {
        append(0x2e)
        let (upper, last) = nanoseconds.quotientAndRemainder(dividingBy: 10)
        if last > 0 {
            appendDigits(upper, atLeast: 8)
            return append(0x30 + UInt8(truncatingIfNeeded: last))
        }
        var (digits, count) = (upper, 8)
        while digits % 10 == 0 {
            digits /= 10
            count -= 1
        }
        appendDigits(digits, atLeast: count)
    }

    /// At most eight digits, with zeros in front where there are fewer than `least`.
    private mutating func appendDigits(_ number: UInt64, atLeast least: Int) {
        // The last digit goes into the highest byte of what is then written from its lowest on.
        var (rest, packed, count): (UInt64, UInt64, Int) = (number, 0, 0)
        while rest > 0 || count < least {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            packed = packed << 8 | (0x30 + digit)
            rest = quotient
            count += 1
        }
        for _ in 0..<count {
            append(UInt8(truncatingIfNeeded: packed))
            packed >>= 8
        }
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
