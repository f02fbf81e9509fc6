// The time as HTTP writes it (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`. The caller knows the time; nothing
// here asks a clock.

/// A second, rendered.
package struct HTTPDate: Hashable, Sendable {
    package let secondsSince1970: Int64
    package let text: [UInt8]

    package init(secondsSince1970 seconds: Int64) {
        secondsSince1970 = seconds
        let days = HTTPDate.floor(seconds, by: 86_400)
        let (year, month, day) = HTTPDate.civil(days)
        let second = seconds - days * 86_400
        var text: [UInt8] = []
        text.reserveCapacity(29)
        // 1970 began on a Thursday.
        let weekday = Int(days - HTTPDate.floor(days, by: 7) * 7)
        text.append(contentsOf: HTTPDate.weekdays[weekday].utf8)
        text.append(contentsOf: ", ".utf8)
        text.appendPadded(day, digitCount: 2)
        text.append(0x20)
        text.append(contentsOf: HTTPDate.months[Int(month) - 1].utf8)
        text.append(0x20)
        text.appendPadded(year, digitCount: 4)
        text.append(0x20)
        text.appendPadded(second / 3_600, digitCount: 2)
        text.append(0x3a)
        text.appendPadded(second / 60 % 60, digitCount: 2)
        text.append(0x3a)
        text.appendPadded(second % 60, digitCount: 2)
        text.append(contentsOf: " GMT".utf8)
        self.text = text
    }

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Rounds down, also before 1970.
    private static func floor(_ number: Int64, by unit: Int64) -> Int64 {
        number / unit - (number % unit < 0 ? 1 : 0)
    }

    /// Years are counted from the first of March, so that the leap day is the last of one.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floor(shifted, by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }
}

extension [UInt8] {
    fileprivate mutating func appendPadded(_ number: Int64, digitCount: Int) {
        var unit: Int64 = 1
        for _ in 1..<digitCount { unit *= 10 }
        while unit > 0 {
            append(0x30 + UInt8(truncatingIfNeeded: number / unit % 10))
            unit /= 10
        }
    }

    mutating func appendDecimal(_ number: Int) {
        if number >= 10 { appendDecimal(number / 10) }
        append(0x30 + UInt8(truncatingIfNeeded: number % 10))
    }
}
