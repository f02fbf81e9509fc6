// Where our reader of JSON and Foundation's agree and where they do not, at the edges of the grammar. The fuzzer
// compares them on every line that it comes upon, and the replay of its corpus does, too (`JSONComparison`).

import HoldfastFuzzing
import HoldfastWire
import TestSupport
import Testing

private func nested(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
}

/// Texts at the edges of the grammar, and whether PROTOCOL §1 accepts them.
private let accepted = [
    "null", "true", "false", "0", "-0", "1e5", "1E+2", "1e-400", "0.0", "[1e5,2]", "\"\"",
    "\"\\ud83d\\ude00\"", "\"\u{7f}\"", "\"\u{2028}\"", "\"\\u0000\"", "\"\\/\"", "[]", "{}",
    "{\"a\":1,\"a\":2}", " \t\r\n1\n", "123456789012345678901234567890", "1.7976931348623157e308",
    "0e999999999", "{\"\":[{}]}", nested(16),
]
private let refusedByBoth = [
    "", " ", "tru", "nulll", "True", "NaN", "Infinity", "-Infinity", "01", "-01", "00", "-", "--1",
    "+1", "1.", ".5", "1e", "1e+", "1.5.5", "1e5.5", "0x10", "1_0", "1 2", "1e400", "-1e400",
    "\"a", "\"\\q\"", "\"\\'\"", "\"\\u12\"", "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"",
    "\"\t\"", "\"\u{1}\"", "'a'", "\"a\"b", "[,1]", "[1 2]", "[1", "]", "[1,,2]", "{a:1}",
    "{\"a\"}", "{\"a\":}", "{,}", "// c\n1", "/**/1", "\u{b}1", "\u{c}1", "\u{a0}1",
]
private let noUTF8: [[UInt8]] = [
    [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
    [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xe2, 0x82, 0x22],
]
private let different: [(Difference, [UInt8])] = [
    (.trailingComma, Array("[1,]".utf8)), (.trailingComma, Array("{\"a\":1 , }".utf8)),
    (.byteOrderMark, Array("\u{feff}{}".utf8)), (.byteOrderMark, [0xfe, 0xff, 0, 0x31]),
    (.byteOrderMark, [0xff, 0xfe, 0x31, 0]), (.otherEncoding, [0x31, 0]),
    (.otherEncoding, [0, 0x31]), (.otherEncoding, [0x31, 0, 0, 0]),
    (.otherEncoding, [0x22, 0, 0x22, 0]), (.depth, Array(nested(17).utf8)),
    (.depth, Array(nested(512).utf8)), (.droppedNumber, Array(#"{"a":1e999,"a":1}"#.utf8)),
    (.droppedNumber, Array(#"{"a":{"b":[-2e400]},"a":1}"#.utf8)),
]

@Suite(.offThePool)
struct FoundationComparisonTests {
    @Test(arguments: accepted)
    func `both accept what RFC 8259 and PROTOCOL §1 accept`(text: String) throws {
        let comparison = JSONComparison(of: Array(text.utf8))
        #expect((try? comparison.ours.get()) != nil)
        #expect(try comparison.difference() == nil)
    }

    @Test(arguments: [
        "1.7976931348623157e30", "0.000000000000000000000000000001e20", "5e-324",
        "123456719012345678901234567890", "1.79769313486231957e38", "9007199254740993.0",
        "0.0000000000008000000000001e60", "1234567890123456789012345678901234567890e-100",
    ])
    func `where theirs rounds twice, ours is the nearest double`(text: String) throws {
        let comparison = JSONComparison(of: Array(text.utf8))
        #expect(try comparison.ours.get() == .number(try #require(Double(text))))
        #expect(try comparison.difference() == nil)
    }

    @Test(arguments: refusedByBoth.map { Array($0.utf8) } + noUTF8)
    func `both refuse what is no JSON or no UTF-8`(bytes: [UInt8]) throws {
        let comparison = JSONComparison(of: bytes)
        #expect((try? comparison.ours.get()) == nil)
        #expect(try comparison.difference() == nil)
    }

    @Test(arguments: different)
    func `where Foundation accepts more it is known why`(
        difference: Difference,
        bytes: [UInt8]
    ) throws {
        #expect(try JSONComparison(of: bytes).difference() == difference)
    }

    @Test func `both agree on damaged edges`() throws {
        var damage = Damage(seed: 5)
        for text in accepted + refusedByBoth where text.utf8.count < 64 {
            for _ in 0..<60 {
                _ = try JSONComparison(of: damage.done(to: Array(text.utf8))).difference()
            }
        }
    }
}
