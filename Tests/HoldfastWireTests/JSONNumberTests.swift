// Numbers: exact where a double would not be, correctly rounded where a double is asked for.

import HoldfastModel
import HoldfastWire
import Testing

private func number(_ text: String) throws -> JSONNumber {
    var reader = JSONReader()
    return try reader.number(text.utf8Span.span)
}

@Suite struct JSONNumberTests {
    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("3.0", 3), ("3e0", 3), ("30e-1", 3),
            ("0.3e1", 3), ("3.000000000000000000000000000000", 3), ("300", 300), ("3e2", 300),
            ("9007199254740991", 9_007_199_254_740_991),
            ("9007199254740993", 9_007_199_254_740_993),
            ("-9223372036854775807", -9_223_372_036_854_775_807),
            ("1e18", 1_000_000_000_000_000_000),
            ("1000000000000000000", 1_000_000_000_000_000_000), ("120.50e1", 1_205),
            ("0.000", 0), ("0e5", 0),
        ] as [(String, Int64)]
    )
    func `whole numbers are read exactly, however written`(text: String, value: Int64) throws {
        #expect(try number(text).integer == value)
    }

    @Test(arguments: [
        "0.5", "3.1", "1e-1", "9007199254740991.4", "9007199254740992.0000000001", "1e19", "1e300",
        "9223372036854775808", "18446744073709551616", "12345678901234567890123", "1.5e0",
        "0.00000000000000000000000000000000000001", "99999999999999999999.5",
    ])
    func `what is not whole or does not fit is no integer`(text: String) throws {
        #expect(try number(text).integer == nil)
    }

    @Test func `doubles are the nearest ones`() throws {
        let texts = [
            "0.1", "0.2", "0.3", "1e22", "1e23", "123456789.123456789", "1.7976931348623157e308",
            "5e-324", "2.2250738585072014e-308", "2.2250738585072011e-308", "9007199254740993",
            "0.1000000000000000055511151231257827", "100000000000000016777215", "1e-7", "86400",
            "0.99999999999999999", "8.5e-17", "3.14159265358979323846264338327950288", "1e-400",
            "123456789012345678901234567890", "-2.5", "-0.000001", "4.35", "0.000000000000000001",
        ]
        for text in texts {
            let value = try number(text).double(in: text.utf8Span.span)
            #expect(value == Double(text))
        }
    }

    @Test func `random decimals are read as the standard library reads them`() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<3_000 {
            let whole = String(random.next() >> (random.next() % 64))
            let fraction = String(random.next() >> (random.next() % 64))
            let exponent = Int(random.next() % 40) - 20
            let text = "\(whole).\(fraction)e\(exponent)"
            #expect(try number(text).double(in: text.utf8Span.span) == Double(text))
        }
    }

    @Test func `a number of a hundred thousand digits is read`() throws {
        let text = "0." + String(repeating: "0", count: 100_000) + "1e100001"
        #expect(try number(text).double(in: text.utf8Span.span) == 1)
        let nines = String(repeating: "9", count: 300)
        #expect(try number(nines).double(in: nines.utf8Span.span) == Double(nines))
    }

    @Test(arguments: [("1", true), ("1.0", false), ("1e0", false), ("-1", true), ("1E0", false)])
    func `it is known whether a number has fraction or exponent`(
        text: String,
        isPlain: Bool
    ) throws {
        #expect(try number(text).isPlainInteger == isPlain)
    }
}

/// A generator that gives the same numbers in every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
