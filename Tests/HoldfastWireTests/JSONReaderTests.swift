// What is JSON and what is not: RFC 8259, and the limits that PROTOCOL §1 puts on it.

import HoldfastWire
import Testing

private func reads(_ bytes: [UInt8]) -> Bool {
    (try? JSONValue(parsing: bytes.span)) != nil
}

private func flaw(_ bytes: [UInt8]) -> JSONFlaw? {
    do throws(JSONFlaw) {
        _ = try JSONValue(parsing: bytes.span)
        return nil
    } catch {
        return error
    }
}

private func flaw(_ text: String) -> JSONFlaw? { flaw(Array(text.utf8)) }

private let accepted: [String] = [
    // Constants, alone and with space around them.
    "null", "true", "false", " null", "null ", "\t\r\n null \t\r\n",
    // Numbers.
    "0", "-0", "1", "-1", "10", "123456789", "0.0", "-0.0", "0.5", "1.25", "-1.25", "1e1", "1E1",
    "1e+1", "1e-1", "1E+01", "0e0", "0e+1", "0E-1", "1.5e10", "-1.5E-10", "0.1e1", "1e308",
    "1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "1e-400", "0e400", "0.0e999999",
    "9007199254740991", "9007199254740993", "18446744073709551615", "18446744073709551616",
    "123456789012345678901234567890", "1.234567890123456789012345678901234567890",
    "0.00000000000000000000000000000000000001", "100000000000000000000000000000000000",
    "20e1", "1e00", "1e-00", "123e45",
    // Strings.
    #""""#, #""a""#, #"" ""#, #""\"""#, #""\\""#, #""\/""#, #""/""#, #""\b\f\n\r\t""#,
    #""\u0000""#, #""\u0041""#, #""\u00e9\u00E9""#, #""\uD83D\uDE00""#, #""\ud800\udc00""#,
    #""\udbff\udfff""#, #""\uD7FF""#, #""\uE000""#, #""\uffff""#, #""\ufffe""#, #""\u2028""#,
    #""\u005C""#, #""\\u0061""#, #""\\\"""#, "\"\u{7f}\"", "\"\u{80}\"", "\"é\"", "\"€\"", "\"😀\"",
    "\"\u{FFFF}\"", "\"\u{10FFFF}\"", "\"\u{2028}\u{2029}\"", "\"e\u{301}\"", "\"\u{feff}\"",
    #""[]{}:,""#, #""asd ""#, #""new\u000Aline""#, #""\u0012""#,
    // Arrays.
    "[]", "[ ]", "[[]]", "[1]", "[1,2]", "[ 1 , 2 ]", "[null,true,false,0,\"\",[],{}]", "[\"a\"]",
    "[1\n]", " [1]", "[[],[]]", "[{}]", "[1,[2,[3]]]",
    // Objects.
    "{}", "{ }", #"{"a":1}"#, #"{"a":1,"b":2}"#, #"{ "a" : 1 , "b" : 2 }"#, #"{"":0}"#,
    #"{"a":{}}"#, #"{"a":[]}"#, #"{"a":{"a":{}}}"#, #"{"\u0061":1}"#, #"{"a":1,"a":2}"#,
    "{\"é\":1}", "{\n\"a\":\r1\t}", #"{"a":null}"#, #"{"a":"b"}"#,
]

private let refusedTexts: [String] = [
    // Nothing, or more than one value.
    "", " ", "\n", "null null", "1 2", "[] []", "{}{}", "{},", "[],", "{}x", "1,", "\"a\" \"b\"",
    "[1]]", "{}}", "// a", "/**/1", "1//", "{}#", "\u{feff}{}", "\u{a0}1", "\u{0b}1", "\u{0c}1",
    // Constants.
    "nul", "nulll", "NULL", "True", "TRUE", "tru", "truth", "fals", "falsey", "undefined", "NaN",
    "Infinity", "-Infinity", "inf", "None", "nil", "n", "t", "f",
    // Numbers.
    "+1", "-", "--1", "-+1", "01", "-01", "00", "0x1", "0b1", "1.", ".5", "-.5", "1.e1", "1e",
    "1e+", "1e-", "1E", "1e1.5", "1.2.3", "1..2", "1 000", "1_000", "1,000", "0e", "1ea", "1e+-1",
    "-a", "-Inf", "1a", "1f", "１", "1e400", "-1e400", "1e309", "1.7976931348623159e308",
    "123456789e999999999999999999999", "-1e999", "1é", "٣",
    // Strings.
    "\"", "\"a", "\"\\", "\"\\\"", "'a'", "a", "\"a\"b", "\"\t\"", "\"\n\"", "\"\r\"", "\"\u{0}\"",
    "\"\u{1f}\"", #""\x41""#, #""\a""#, #""\v""#, #""\0""#, #""\'""#, #""\U0041""#, #""\u""#,
    #""\u0""#, #""\u00""#, #""\u004""#, #""\u004g""#, #""\u 041""#, #""\u+041""#, #""\u-041""#,
    #""\u{41}""#, #""\ud800""#, #""\udc00""#, #""\ud800a""#, #""\ud800\n""#, #""\ud800\u0041""#,
    #""\ud800\ud800""#, #""\udfff\ud800""#, #""\udc00\ud800""#, #""\ud83d\ude0""#, #""\ud83d\u""#,
    #""\ud83d\"#, #""\ud83d"#, #""\ud800\ue000""#, #""\é""#,
    // Arrays.
    "[", "]", "[,", "[,]", "[1,]", "[1,,2]", "[,1]", "[1 2]", "[1:2]", "[1", "[1,", "[\"a\"",
    "[\"a",
    "[1}", "(1)", "[\"a\",\n4\n,1,", "[1,\n1\n,1", "[\"x\"", "[*]", "[a]", "[\"\": 1]", "[x",
    "[1,2", "[1]x", "[true,", "[nul]", "[-]", "[][", "[{}", "[{]",
    // Objects.
    "{", "}", "{,}", "{,", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1,,"b":2}"#,
    #"{"a":1 "b":2}"#,
    #"{"a" 1}"#, #"{"a"::1}"#, #"{a:1}"#, #"{'a':1}"#, #"{1:1}"#, #"{null:1}"#, #"{true:1}"#,
    "{[]:1}",
    "{{}:1}", #"{"a":1]"#, #"{"a":1"#, #"{"a":"#, #"{"a""#, #"{"a"#, #"{"a",1}"#, #"{"a":1;"b":2}"#,
    #"{"a":b}"#, #"{"a":1}}"#, #"{"a":1}#"#, #"{"a":1}/**/"#, #"{"a"=1}"#, #"{ä:1}"#,
    #"{"a":/**/1}"#,
    #"{"a":"b}"#, #"{"a":"a" 1}"#, #"{,"a":1}"#, #"{"a":1 ,}"#, #"{"a":01}"#,
]

/// Bytes that are no UTF-8, between quotes.
private let brokenUTF8: [[UInt8]] = [
    [0x80], [0xbf], [0xc0], [0xc1], [0xc2], [0xff], [0xfe], [0xf5], [0xf8], [0xfc],
    [0xc0, 0x80], [0xc0, 0xaf], [0xc1, 0xbf], [0xc2, 0x22], [0xc2, 0xc2], [0xc3, 0x28],
    [0xe0, 0x80, 0x80], [0xe0, 0x80, 0xaf], [0xe0, 0x9f, 0xbf], [0xe2, 0x82], [0xe2, 0x28, 0xa1],
    [0xe2, 0x82, 0x28], [0xed, 0xa0, 0x80], [0xed, 0xaf, 0xbf], [0xed, 0xb0, 0x80],
    [0xed, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf0, 0x9f, 0x98],
    [0xf0, 0x28, 0x8c, 0xbc], [0xf0, 0x90, 0x28, 0xbc], [0xf0, 0x90, 0x8c, 0x28],
    [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xf7, 0xbf, 0xbf, 0xbf],
    [0xf8, 0x88, 0x80, 0x80, 0x80], [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
    [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
]

@Suite struct JSONReaderTests {
    @Test(arguments: accepted)
    func `this is JSON`(text: String) {
        #expect(flaw(text) == nil)
    }

    @Test(arguments: refusedTexts)
    func `this is no JSON`(text: String) {
        let found = flaw(text)
        #expect(found != nil)
        #expect((found?.offset ?? -1) >= 0 && (found?.offset ?? .max) <= text.utf8.count)
    }

    @Test(arguments: brokenUTF8)
    func `this is no UTF-8`(bytes: [UInt8]) {
        let found = flaw([0x22] + bytes + [0x22])
        #expect(found?.kind == .invalidUTF8)
        #expect(!reads([0x22, 0x61] + bytes + [0x61, 0x22]))
        #expect(!reads([0x7b, 0x22] + bytes + [0x22, 0x3a, 0x31, 0x7d]))
        // Cut off at the end of the text.
        #expect(!reads([0x22] + bytes))
    }

    @Test func `every character of every length is taken as it is`() throws {
        let edges: [UInt32] = [
            0x20, 0x7e, 0x7f, 0x80, 0x7ff, 0x800, 0xfff, 0x1000, 0xcfff, 0xd000, 0xd7ff, 0xe000,
            0xffff, 0x10000, 0x3ffff, 0x40000, 0xfffff, 0x100000, 0x10ffff,
        ]
        for edge in edges {
            let character = try #require(Unicode.Scalar(edge))
            let value = try JSONValue(parsing: "\"\(character)\"")
            #expect(value.string?.unicodeScalars.map(\.value) == [edge])
        }
    }

    @Test func `every escape stands for its character`() throws {
        let value = try JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\uDE00""#)
        let expected = "\"\\/\u{8}\u{c}\n\r\tAé€😀"
        #expect(value.string.map { Array($0.utf8) } == Array(expected.utf8))
    }

    @Test func `every escaped code unit that is no surrogate is read back`() throws {
        for unit in stride(from: UInt32(0), through: 0xffff, by: 61) {
            guard let scalar = Unicode.Scalar(unit) else { continue }
            let digits = String(unit, radix: 16)
            let padded = String(repeating: "0", count: 4 - digits.count) + digits
            let value = try JSONValue(parsing: "\"\\u\(padded)\"")
            #expect(value.string?.unicodeScalars.map(\.value) == [scalar.value])
        }
    }

    @Test(arguments: [(15, true), (16, true), (17, false)])
    func `values may nest sixteen deep`(depth: Int, isAccepted: Bool) {
        let open = String(repeating: "[", count: depth)
        let close = String(repeating: "]", count: depth)
        #expect((flaw(open + close) == nil) == isAccepted)
        let objects = String(repeating: #"{"a":"#, count: depth - 1) + "{}"
        let ends = String(repeating: "}", count: depth - 1)
        #expect((flaw(objects + ends) == nil) == isAccepted)
        if !isAccepted { #expect(flaw(open + close) == JSONFlaw(.tooDeep, at: 16)) }
    }

    @Test func `a very deep line is refused without going deep`() {
        #expect(flaw(String(repeating: "[", count: 1_000_000))?.offset == 16)
    }

    @Test(arguments: [
        ("{\"a\":1e400}", 5, JSONFlaw.Kind.numberNotFinite), ("{\"a\" 1}", 5, .unexpectedByte),
        ("[1,]", 3, .unexpectedByte), ("[1", 2, .endOfInput), ("{} x", 3, .trailingBytes),
        ("\"a\tb\"", 2, .controlCharacter), ("[\"\\ud800\"]", 2, .loneSurrogate),
        ("[\"\\x\"]", 2, .invalidEscape), ("[01]", 2, .invalidNumber), ("[-]", 2, .invalidNumber),
        ("[nulx]", 4, .unexpectedByte), ("\"abc", 4, .endOfInput), ("", 0, .endOfInput),
    ])
    func `an error tells its byte`(text: String, offset: Int, kind: JSONFlaw.Kind) {
        #expect(flaw(text) == JSONFlaw(kind, at: offset))
    }

    @Test func `every beginning of a value is refused at its end`() {
        let whole = Array(#"{"a":[1,-2.5e3,true,null,"x\n\ud83d\ude00é"],"b":{"c":{}}}"#.utf8)
        #expect(flaw(whole) == nil)
        for count in 0..<whole.count {
            let found = flaw(Array(whole[..<count]))
            #expect(found != nil)
            #expect((found?.offset ?? .max) <= count)
        }
    }
}
