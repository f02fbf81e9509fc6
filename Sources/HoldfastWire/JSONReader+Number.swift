// Numbers: kept as decimal digits and an exponent, so that whether one is whole is decided exactly and not
// by what a double rounds it to. A double is only made where one is wanted, or where nothing else can tell
// whether it is finite.

/// A number in the bytes, already checked and finite: ±`digits` × 10^`exponent`.
package struct JSONNumber: Hashable, Sendable {
    package var start: Int
    package var end: Int
    package var isNegative: Bool
    /// The significant digits; 0 for zero.
    var digits: UInt64
    var exponent: Int
    /// All significant digits are in `digits`; false where there are more than 19.
    var isExact: Bool
    /// Written with neither fraction nor exponent.
    package var isPlainInteger: Bool
}

extension JSONReader {
    /// Checks the number that comes next and passes over it.
    package mutating func number(_ bytes: Span<UInt8>) throws(JSONFlaw) -> JSONNumber {
        _ = try peek(bytes)
        if let number = shortInteger(bytes) {
            passedValue(endingAt: number.end)
            return number
        }
        var scanner = NumberScanner(index: offset)
        let number = try scanner.scan(bytes)
        guard number.isFinite(in: bytes) else { throw JSONFlaw(.numberNotFinite, at: offset) }
        passedValue(endingAt: number.end)
        return number
    }

    /// What most numbers are: up to 18 digits and nothing else; nil leaves it to the scanner.
    private func shortInteger(_ bytes: Span<UInt8>) -> JSONNumber? {
        var value: UInt64 = 0
        var index = offset
        let most = min(bytes.count, offset + 19)
        while index < most {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { break }
            value = value &* 10 &+ UInt64(digit)
            index &+= 1
        }
        // What could go on with the number goes the long way.
        guard index > offset, index < most else { return nil }
        switch bytes[index] {
        case 0x2c, 0x7d, 0x5d, 0x20: break
        default: return nil
        }
        guard index == offset + 1 || bytes[offset] != 0x30 else { return nil }
        return JSONNumber(
            start: offset,
            end: index,
            isNegative: false,
            digits: value,
            exponent: 0,
            isExact: true,
            isPlainInteger: true
        )
    }
}

extension JSONNumber {
    /// The nearest double.
    package func double(in bytes: Span<UInt8>) -> Double {
        guard let magnitude = shortMagnitude else { return longValue(in: bytes) }
        return isNegative ? -magnitude : magnitude
    }

    /// The value, if it is whole and fits; `3.0` and `3e0` are whole.
    package var integer: Int64? {
        if exponent == 0, isExact, digits <= 1 << 62 {
            return isNegative ? -Int64(digits) : Int64(digits)
        }
        guard isExact, (0..<19).contains(exponent) else { return nil }
        let (value, overflow) = digits.multipliedReportingOverflow(by: tenToThe(exponent))
        guard !overflow, let magnitude = Int64(exactly: value) else { return nil }
        return isNegative ? -magnitude : magnitude
    }

    /// The value where two exact doubles and one operation give it: the operation rounds once.
    private var shortMagnitude: Double? {
        guard isExact, digits <= 1 << 53, abs(exponent) <= 19 else { return nil }
        if exponent == 0 { return Double(digits) }
        let power = Double(tenToThe(abs(exponent)))
        return exponent < 0 ? Double(digits) / power : Double(digits) * power
    }

    private func longValue(in bytes: Span<UInt8>) -> Double {
        let text = JSONText(start: start, end: end, isPlain: true).text(in: bytes)
        return Double(text) ?? .infinity
    }

    fileprivate func isFinite(in bytes: Span<UInt8>) -> Bool {
        // At most 19 digits stand before the power of ten: below 280 the value is under 10^299.
        digits == 0 || exponent < 280 || longValue(in: bytes).isFinite
    }
}

/// 10^0…10^19, which is exact both as an integer and as a double.
private func tenToThe(_ exponent: Int) -> UInt64 {
    var power: UInt64 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
}

/// Reads the digits of one number.
private struct NumberScanner {
    var index: Int
    private var digits: UInt64 = 0
    private var digitCount = 0
    /// Zeros not folded into `digits` yet, because they may be the last ones.
    private var pendingZeros = 0
    private var exponent = 0
    private var isExact = true

    init(index: Int) { self.index = index }

    mutating func scan(_ bytes: Span<UInt8>) throws(JSONFlaw) -> JSONNumber {
        let start = index
        let isNegative = passIf(0x2d, bytes)
        try integerPart(bytes)
        let integerEnd = index
        if passIf(0x2e, bytes) { try fraction(bytes) }
        if passIf(0x65, bytes) || passIf(0x45, bytes) { try writtenExponent(bytes) }
        exponent = digits == 0 ? 0 : exponent + pendingZeros
        return JSONNumber(
            start: start,
            end: index,
            isNegative: isNegative,
            digits: digits,
            exponent: exponent,
            isExact: isExact,
            isPlainInteger: index == integerEnd
        )
    }

    private mutating func integerPart(_ bytes: Span<UInt8>) throws(JSONFlaw) {
        guard let first = digit(bytes) else { throw flaw(bytes) }
        if first == 0 {
            index += 1
            // No digit may follow a leading zero.
            guard digit(bytes) == nil else { throw flaw(bytes) }
            return
        }
        while let next = digit(bytes) {
            take(next)
            index += 1
        }
    }

    private mutating func fraction(_ bytes: Span<UInt8>) throws(JSONFlaw) {
        guard digit(bytes) != nil else { throw flaw(bytes) }
        while let next = digit(bytes) {
            take(next)
            exponent -= 1
            index += 1
        }
    }

    private mutating func writtenExponent(_ bytes: Span<UInt8>) throws(JSONFlaw) {
        let isNegative = passIf(0x2d, bytes)
        if !isNegative { _ = passIf(0x2b, bytes) }
        guard digit(bytes) != nil else { throw flaw(bytes) }
        var value = 0
        while let next = digit(bytes) {
            // Far beyond any double, and no number of digits in a line can make up for it.
            value = min(value * 10 + Int(next), 1_000_000_000_000)
            index += 1
        }
        exponent += isNegative ? -value : value
    }

    private mutating func take(_ digit: UInt64) {
        guard digit != 0 else {
            if digits != 0 { pendingZeros += 1 }
            return
        }
        guard isExact, digitCount + pendingZeros + 1 <= 19 else {
            isExact = false
            exponent += pendingZeros + 1
            pendingZeros = 0
            return
        }
        for _ in 0..<pendingZeros { digits *= 10 }
        digits = digits * 10 + digit
        digitCount += pendingZeros + 1
        pendingZeros = 0
    }

    private func digit(_ bytes: Span<UInt8>) -> UInt64? {
        guard index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 else { return nil }
        return UInt64(bytes[index] - 0x30)
    }

    private mutating func passIf(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private func flaw(_ bytes: Span<UInt8>) -> JSONFlaw {
        index < bytes.count
            ? JSONFlaw(.invalidNumber, at: index) : JSONFlaw(.endOfInput, at: bytes.count)
    }
}
