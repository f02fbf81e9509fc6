// Lines that are refused: which code, which byte, which field, and whose id.

import HoldfastModel
import HoldfastWire
import Testing

@Suite struct RequestRefusalTests {
    @Test(arguments: [
        ("", 0), ("   ", 3), ("[]", 0), ("1", 0), ("\"a\"", 0), (" null", 1), ("x", 0),
        ("{", 1), ("{}x", 2), ("{\"op\":\"ping\"} {}", 14), ("{\"op\":\"ping\",}", 13),
        ("{\"op\":ping}", 6), ("{\"op\":\"ping\",\"x\":1e400}", 17),
        ("{\"op\":\"ping\",\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", 32),
        ("{\"op\":\"ping\",\"x\":\"\\ud800\"}", 18), ("{\"op\":\"p\u{1}ing\"}", 8),
        ("\u{feff}{\"op\":\"ping\"}", 0),
    ])
    func `what is no JSON object is bad_request with its byte`(text: String, offset: Int) {
        let line = refused(text)
        #expect(line?.refusal.code == .badRequest)
        #expect(line?.refusal.offset == offset)
        #expect(line?.refusal.field == nil)
    }

    @Test func `bytes that are no UTF-8 are bad_request, in ignored fields too`() {
        let bytes = Array(#"{"op":"ping","x":""#.utf8) + [0xff] + Array(#""}"#.utf8)
        guard case .refused(let line) = RequestDecoder().decode(.line, bytes.span) else {
            Issue.record("accepted")
            return
        }
        #expect(line.refusal.code == .badRequest)
        #expect(line.refusal.offset == 18)
    }

    @Test(arguments: [
        (#"{"op":"ping","op":"ping"}"#, "op", 13), (#"{"id":1,"id":1,"op":"ping"}"#, "id", 8),
        (#"{"id":1,"op":"ping","id":null}"#, "id", 20),
        (#"{"op":"queue","resource":"a","resource":"b"}"#, "resource", 29),
        (#"{"op":"queue","resource":null,"resource":"b"}"#, "resource", 30),
        (#"{"op":"queue","resource":"a","r\u0065source":"b"}"#, "resource", 29),
        (#"{"resource":"a","lease":1,"lease":2,"op":"queue"}"#, "lease", 26),
        (#"{"op":"hello","version":1,"session":{"grace":1,"grace":1}}"#, "session.grace", 47),
        (
            #"{"op":"hello","version":1,"resume":{"secret":"","session":"","secret":""}}"#,
            "resume.secret", 61
        ),
        (#"{"op":"queue","resource":"a","meta":{"k":"1","k":"2"}}"#, "meta", 45),
        (#"{"op":"queue","resource":"a","meta":{"k":"1","\u006b":"2"}}"#, "meta", 45),
        (#"{"op":"queue","resource":"a","meta":{"k":null,"k":"2"}}"#, "meta", 46),
    ])
    func `a key that is read and comes twice is bad_request with its byte`(
        text: String,
        field: String,
        offset: Int
    ) {
        let line = refused(text)
        #expect(line?.refusal.code == .badRequest)
        #expect(line?.refusal.offset == offset)
        #expect(line?.refusal.field == field)
    }

    @Test(arguments: [
        #"{"op":"ping","x":1,"x":2}"#, #"{"op":"ping","lease":1,"lease":2}"#,
        #"{"op":"ping","x":{"a":1,"a":2}}"#, #"{"op":"ping","session":{"grace":1,"grace":2}}"#,
        #"{"op":"hello","version":1,"session":{"x":1,"x":2}}"#,
    ])
    func `a key that is not read may come twice`(text: String) {
        #expect(refused(text) == nil)
    }

    @Test func `canonically equal names in meta are two names`() throws {
        let line =
            "{\"op\":\"queue\",\"resource\":\"a\",\"meta\":{\"\u{e9}\":\"1\",\"e\u{301}\":\"2\"}}"
        #expect(ticketRequest(line)?.details?.meta.count == 2)
    }

    @Test(arguments: [
        (#"{"id":7,"op":"ping""#, RequestID.number(7)), (#"{"id":7,x"#, .number(7)),
        (#"{"id":7 x"#, .number(7)), (#"{"id":"a","op":ping}"#, .text("a")),
        (#"{"id":"a""#, .text("a")), (#"{"id":7,"x":1e400}"#, .number(7)),
        (#"{"op":"ping","id":7,}"#, .number(7)), (#"{"op":"ping",,"id":7}"#, .absent),
        (#"{"id":7"#, .absent), (#"{"id":7x"#, .absent), (#"{"id":"a"#, .absent),
        (#"{"id":1.5,"op":ping}"#, .absent), (#"{"id":[7],"op":ping}"#, .absent),
        (#"{"id":7,"id":8,"op":"ping"}"#, .number(7)), (#"{"id":7,"op":"nope"}"#, .number(7)),
        (#"{"op":"nope","id":7}"#, .number(7)),
        (#"{"op":"lock","resource":"","id":7}"#, .number(7)),
        (#"{"op":"ping","op":"ping","id":7}"#, .number(7)), (#"{"id":7}"#, .number(7)),
        (#"{"id":0,"x"}"#, .number(0)), (#"[{"id":7}]"#, .absent),
    ])
    func `an error echoes the id where the line could be read that far`(
        text: String,
        id: RequestID
    ) {
        #expect(refused(text)?.id == id)
    }

    @Test func `a line without its end is refused, with its id`() {
        let text = #"{"id":4,"op":"ping"}"#
        guard case .refused(let line) = RequestDecoder().decode(.unfinished, text.utf8Span.span)
        else {
            Issue.record("accepted")
            return
        }
        #expect(line.refusal.code == .badRequest)
        #expect(line.refusal.offset == 20)
        #expect(line.id == .number(4))
    }

    @Test func `a line that is too long is refused, with its id`() {
        let text = #"{"id":"long","op":"queue","resource":"aaaaaaaaaaaaaaaaaaaa"#
        guard case .refused(let line) = RequestDecoder().decode(.tooLong, text.utf8Span.span)
        else {
            Issue.record("accepted")
            return
        }
        #expect(line.refusal.code == .lineTooLong)
        #expect(line.refusal.limit == .line)
        #expect(line.refusal.offset == nil)
        #expect(line.id == .text("long"))
    }

    @Test(arguments: [
        ("0", RequestID.number(0)), ("9007199254740991", .number(9_007_199_254_740_991)),
        ("\"\"", .text("")), ("\"a\"", .text("a")), ("null", .absent),
        ("\"\\u00e9\\n\"", .text("é\n")),
    ])
    func `an id is echoed as it came`(text: String, id: RequestID) {
        #expect(request(#"{"id":\#(text),"op":"ping"}"#)?.id == id)
    }

    @Test(arguments: [
        "9007199254740992", "-1", "-0", "1.0", "1e0", "1.5", "1E2", "18446744073709551616", "true",
        "false", "[]", "{}", "[1]",
    ])
    func `another id is bad_request and not echoed`(text: String) {
        for line in [#"{"id":\#(text),"op":"ping"}"#, #"{"op":"ping","id":\#(text)}"#] {
            let refused = refused(line)
            #expect(refused?.refusal.code == .badRequest)
            #expect(refused?.refusal.field == "id")
            #expect(refused?.id == .absent)
        }
    }

    @Test(arguments: [(63, true), (64, true), (65, false)])
    func `an id may have 64 bytes`(count: Int, isAccepted: Bool) {
        let plain = String(repeating: "a", count: count)
        #expect((request(#"{"id":"\#(plain)","op":"ping"}"#) != nil) == isAccepted)
        // The bytes count after unescaping.
        let escaped = String(repeating: #"\u0061"#, count: count)
        #expect((request(#"{"id":"\#(escaped)","op":"ping"}"#) != nil) == isAccepted)
        let wide = String(repeating: "é", count: count / 2) + (count % 2 == 1 ? "a" : "")
        #expect((request(#"{"id":"\#(wide)","op":"ping"}"#) != nil) == isAccepted)
    }

    @Test(arguments: ["{}", #"{"op":null}"#, #"{"op":1}"#, #"{"op":["ping"]}"#, #"{"op":{}}"#])
    func `an operation that is missing or no string is bad_request`(text: String) {
        #expect(refused(text)?.refusal.code == .badRequest)
        #expect(refused(text)?.refusal.field == "op")
    }
}

@Suite struct IgnoredFieldTests {
    @Test func `fields that the operation does not read are named, once, in their order`() throws {
        let line = #"{"z":1,"op":"ping","maxwait":2,"resource":"a","z":3,"maxw\u0061it":4,"id":1}"#
        #expect(request(line)?.ignored == ["z", "maxwait", "resource"])
    }

    @Test func `fields inside session and resume are named with a dot`() throws {
        let line = #"""
            {"op":"hello","version":1,"session":{"grce":1},"resume":{"session":"","secret":"","a":1}}
            """#
        #expect(request(line)?.ignored == ["session.grce", "resume.a"])
    }

    @Test func `a refused line names them, too`() {
        let line = refused(#"{"op":"queue","resource":"a","lease":"long","maxwait":1}"#)
        #expect(line?.refusal.field == "lease")
        #expect(line?.ignored == ["maxwait"])
    }

    @Test func `what lock reads, queue ignores`() {
        #expect(request(#"{"op":"queue","resource":"a","wait":1}"#)?.ignored == ["wait"])
        #expect(request(#"{"op":"lock","resource":"a","wait":1}"#)?.ignored == [])
        #expect(request(#"{"op":"lock","resource":"a","force":true}"#)?.ignored == ["force"])
        #expect(request(#"{"op":"lock","resource":"a","grace":1}"#)?.ignored == ["grace"])
    }

    @Test func `a line made of nothing else is echoed within bounds`() throws {
        let many = (0..<5_000).map { "\"f\($0)\":0" }.joined(separator: ",")
        let ignored = try #require(request(#"{"op":"ping",\#(many)}"#)).ignored
        #expect(ignored.count == 65)
        #expect(ignored.last == "…")
        let long = String(repeating: "n", count: 2_000)
        #expect(request(#"{"op":"ping","\#(long)":1}"#)?.ignored == ["…"])
    }

    @Test func `a name that is ignored is the same however it is escaped, and however often`() {
        let (plain, escaped) = (
            String(repeating: "é", count: 512), String(repeating: "\\u00e9", count: 512)
        )
        for name in [plain, escaped] {
            let names = request(#"{"op":"ping","\#(name)":1,"\#(plain)":2}"#)?.ignored
            #expect(names == [plain])
            #expect(request(#"{"op":"ping","\#(name)":1,"a":2}"#)?.ignored == [plain, "…"])
            #expect(request(#"{"op":"ping","\#(name)a":1}"#)?.ignored == ["…"])
        }
    }
}

@Suite struct RefusalMessageTests {
    @Test func `an unknown operation is named where it is short`() {
        let long = String(repeating: "x", count: 65)
        #expect(refused(#"{"op":"lok"}"#)?.refusal.message.hasSuffix("called lok") == true)
        #expect(refused(#"{"op":"\#(long)"}"#)?.refusal.message.hasSuffix("called …") == true)
    }

    @Test func `a message says what would be right`() {
        let messages = [
            (queue("\"lease\":0"), "lease must be a number of seconds from 0.1 to 86400"),
            (queue("\"priority\":10"), "priority must be a whole number from 0 to 9"),
            (queue("\"mode\":\"x\""), #"mode must be one of "exclusive", "shared", "permit""#),
            (queue("\"stealable\":1"), "stealable must be true or false"),
            (queue("\"key\":\"\""), "key must have 1 to 128 bytes"),
            (#"{"op":"list","resource":"a//b"}"#, "resource is no path: a segment is empty"),
            (#"{"op":"list"}"#, "resource is missing"),
        ]
        for (line, message) in messages { #expect(refused(line)?.refusal.message == message) }
    }
}
