// Our reader of JSON beside Foundation's, which other people wrote and use. What ours accepts, theirs accepts, and both
// read the same values. Where theirs accepts more, the difference is one of those listed here, each with its reason.

import Foundation
import HoldfastFuzzing
import HoldfastWire
import TestSupport
import Testing

/// Why Foundation accepts what PROTOCOL §1 refuses.
enum Difference: String, CaseIterable {
    /// RFC 8259 has no comma before a closing bracket.
    case trailingComma
    /// RFC 8259 §8.1: a text sent over a network has no byte order mark; a reader may ignore one, ours refuses.
    case byteOrderMark
    /// Zero bytes at the start make it guess at UTF-16 or UTF-32; the protocol is UTF-8.
    case otherEncoding
    /// RFC 8259 §9 lets a reader limit the depth: PROTOCOL §1 says 16, Foundation 512.
    case depth

    /// What explains that these bytes were refused for this flaw.
    init?(_ bytes: [UInt8], _ flaw: JSONFlaw) {
        if flaw.kind == .tooDeep {
            self = .depth
        } else if [[0xef, 0xbb, 0xbf], [0xfe, 0xff], [0xff, 0xfe]].contains(where: bytes.starts) {
            self = .byteOrderMark
        } else if bytes.prefix(4).contains(0) {
            self = .otherEncoding
        } else if flaw.kind == .unexpectedByte, Difference.isComma(bytes, before: flaw.offset) {
            self = .trailingComma
        } else {
            return nil
        }
    }

    private static func isComma(_ bytes: [UInt8], before offset: Int) -> Bool {
        let isClosed = bytes.indices.contains(offset) && [0x5d, 0x7d].contains(bytes[offset])
        let last = bytes[..<offset].last { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        return isClosed && last == 0x2c
    }
}

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
    (.depth, Array(nested(512).utf8)),
]

@Suite(.offThePool)
struct FoundationComparisonTests {
    private func ours(_ bytes: [UInt8]) -> Result<JSONValue, JSONFlaw> {
        Result { () throws(JSONFlaw) in try JSONValue(parsing: bytes.span) }
    }

    private func theirs(_ bytes: [UInt8]) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }

    /// What both say of the same bytes; the difference, if there is one.
    @discardableResult
    private func compare(_ bytes: [UInt8]) -> Difference? {
        let (ours, theirs) = (ours(bytes), theirs(bytes))
        let text = String(decoding: bytes, as: UTF8.self).debugDescription
        switch ours {
        case .success(let value):
            let isSame = theirs.map { isSameValue(value, $0) }
            #expect(isSame == true, "ours accepts \(text)")
        case .failure(let flaw) where theirs != nil:
            let difference = Difference(bytes, flaw)
            #expect(difference != nil, "theirs accepts \(text), ours: \(flaw)")
            return difference
        case .failure: break
        }
        return nil
    }

    private func isSameValue(_ value: JSONValue, _ other: Any) -> Bool {
        switch value {
        case .null: return other is NSNull
        case .bool(let flag): return (other as? NSNumber)?.boolValue == flag
        case .integer(let number): return (other as? NSNumber)?.int64Value == number
        case .number(let number):
            // Theirs counts long numbers in decimals first, and is then up to some units in the last place off.
            guard let theirs = (other as? NSNumber)?.doubleValue else { return false }
            return theirs == number || abs(theirs - number) <= 4 * number.ulp
        case .string(let text):
            return (other as? String).map { $0.utf8.elementsEqual(text.utf8) } ?? false
        case .array(let elements):
            guard let others = other as? [Any], others.count == elements.count else { return false }
            return zip(elements, others).allSatisfy(isSameValue)
        case .object(let members):
            guard let others = other as? [String: Any] else { return false }
            // Of members of one name, and of names that are canonically equal, theirs keeps one.
            return Set(members.map(\.name)).count == others.count
                && members.allSatisfy { member in
                    members.count { $0.name == member.name } > 1
                        || others[member.name].map { isSameValue(member.value, $0) } ?? false
                }
        }
    }

    @Test(arguments: accepted)
    func `both accept what RFC 8259 and PROTOCOL §1 accept`(text: String) {
        #expect((try? ours(Array(text.utf8)).get()) != nil)
        #expect(compare(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        "1.7976931348623157e30", "0.000000000000000000000000000001e20", "5e-324",
        "123456719012345678901234567890", "1.79769313486231957e38", "9007199254740993.0",
    ])
    func `where theirs rounds twice, ours is the nearest double`(text: String) throws {
        #expect(try ours(Array(text.utf8)).get() == .number(try #require(Double(text))))
    }

    @Test(arguments: refusedByBoth.map { Array($0.utf8) } + noUTF8)
    func `both refuse what is no JSON or no UTF-8`(bytes: [UInt8]) {
        #expect((try? ours(bytes).get()) == nil)
        #expect(compare(bytes) == nil)
    }

    @Test(arguments: different)
    func `where Foundation accepts more it is known why`(difference: Difference, bytes: [UInt8]) {
        #expect(compare(bytes) == difference)
    }

    @Test(arguments: CorpusInput.inputs(of: "wire"))
    func `both agree on every line of the corpus and on damaged ones`(input: CorpusInput) {
        var damage = Damage(seed: UInt64(input.bytes.count))
        for line in [input.bytes] + input.bytes.split(separator: 0x0a).map(Array.init) {
            compare(line)
            for _ in 0..<60 { compare(damage.done(to: line)) }
        }
    }

    @Test func `both agree on damaged edges`() {
        var damage = Damage(seed: 5)
        for text in accepted + refusedByBoth where text.utf8.count < 64 {
            for _ in 0..<60 { compare(damage.done(to: Array(text.utf8))) }
        }
    }
}
