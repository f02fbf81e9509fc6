// Every field of PROTOCOL §3 at its edges: just outside, at and just inside both ends, and with the types it
// does not have.

import HoldfastModel
import HoldfastWire
import Testing

/// One way to write a field, in the line of an operation that reads it.
private struct Trial: CustomTestStringConvertible {
    var operation: String
    var field: String
    var value: String
    var isAccepted: Bool
    var reported: String

    init(
        _ operation: String,
        _ field: String,
        _ value: String,
        _ isAccepted: Bool,
        reported: String? = nil
    ) {
        self.operation = operation
        self.field = field
        self.value = value
        self.isAccepted = isAccepted
        self.reported = reported ?? field
    }

    /// What else the operation must have.
    private var others: String {
        let required: [(String, String)] =
            switch operation {
            case "queue", "lock", "list", "history", "clear": [("resource", "\"a\"")]
            case "steal": [("resource", "\"a\""), ("reason", "\"r\"")]
            case "check": [("resource", "\"a\""), ("fence", "1")]
            case "acquire", "renew", "release", "status": [("ticket", "\"x\"")]
            case "unwatch": [("watch", "1")]
            case "hello": [("version", "1")]
            default: []
            }
        return required.filter { $0.0 != field }.map { ",\"\($0.0)\":\($0.1)" }.joined()
    }

    var line: String { #"{"op":"\#(operation)"\#(others),"\#(field)":\#(value)}"# }
    var testDescription: String { line.count < 100 ? line : "\(operation) \(field)" }
}

private func numbers(
    _ operations: [String],
    _ field: String,
    good: [String],
    bad: [String],
    reported: String? = nil
) -> [Trial] {
    operations.flatMap { operation in
        good.map { Trial(operation, field, $0, true, reported: reported) }
            + (bad + ["\"1\"", "true", "[]", "{}"]).map {
                Trial(operation, field, $0, false, reported: reported)
            }
    }
}

private func durations(
    _ operations: [String],
    _ field: String,
    _ from: String,
    _ to: String
)
    -> [Trial]
{
    let below =
        from == "0" ? ["-1", "-0.1", "-1e-9", "-0.000001"] : ["0", "0.099", "0.0999999999"]
    let inside =
        from == "0" ? ["0", "-0", "0.0", "0.001", "1e-3"] : ["0.1", "1e-1", "0.10", "0.101"]
    return numbers(
        operations,
        field,
        good: inside + [to, to + ".0", "1.5"],
        bad: below + [to + ".001", to + "0", to + ".0000000001", "1e300"]
    )
}

private func texts(_ operations: [String], _ field: String, _ counts: ClosedRange<Int>) -> [Trial] {
    func text(_ count: Int) -> String { "\"" + String(repeating: "a", count: count) + "\"" }
    let most = counts.upperBound
    let wide = "\"" + String(repeating: "é", count: most / 2) + "\""
    let escaped = "\"" + String(repeating: #"\u0061"#, count: most) + "\""
    return operations.flatMap { operation -> [Trial] in
        var trials = ["1", "true", "[]", "{}", text(most + 1), wide.dropLast() + "é\""].map {
            Trial(operation, field, $0, false)
        }
        if counts.lowerBound > 0 { trials.append(Trial(operation, field, text(0), false)) }
        let good = [text(counts.lowerBound), text(most - 1), text(most), wide, escaped]
        trials += good.map { Trial(operation, field, $0, true) }
        return trials
    }
}

private func words(_ operations: [String], _ field: String, _ words: [String]) -> [Trial] {
    operations.flatMap { operation in
        words.map { Trial(operation, field, "\"\($0)\"", true) }
            + ["\"\"", "\"\(words[0])x\"", "\"\(words[0].uppercased())\"", "1", "true", "[]"].map {
                Trial(operation, field, $0, false)
            }
    }
}

private func flags(_ operations: [String], _ field: String) -> [Trial] {
    operations.flatMap { operation in
        ["true", "false"].map { Trial(operation, field, $0, true) }
            + ["0", "1", "\"true\"", "[]", "{}"].map { Trial(operation, field, $0, false) }
    }
}

private func paths(_ operations: [String], _ field: String) -> [Trial] {
    let long = String(repeating: "a", count: 512)
    let good = ["a", "a/b", "é", "...", "a b", long, #"a\u002fb"#, "e\u{301}", "a\u{a0}"]
    let bad = [
        "", "/", "/a", "a/", "a//b", ".", "..", "a/.", "../b", "a/./b", #"a\u0000"#, #"a\n"#,
        "a\u{7f}", "a\u{85}", long + "a",
    ]
    return operations.flatMap { operation in
        good.map { Trial(operation, field, "\"\($0)\"", true) }
            + bad.map { Trial(operation, field, "\"\($0)\"", false) }
            + ["1", "true", "[]", "{}"].map { Trial(operation, field, $0, false) }
    }
}

private let makers = ["queue", "lock", "steal"]

private let trials: [Trial] = [
    paths(["queue", "lock", "steal", "list", "history", "clear", "check", "watch"], "resource"),
    paths(["acquire", "renew", "release", "status"], "resource"),
    paths(["resources", "watch"], "prefix"),
    paths(["resources"], "after"),
    durations(makers + ["renew"], "lease", "0.1", "86400"),
    durations(makers, "maxWait", "0", "86400"),
    durations(["lock", "acquire"], "wait", "0", "86400"),
    durations(makers, "lockDelay", "0", "60"),
    durations(makers, "pollWithin", "0.1", "86400"),
    durations(["steal"], "grace", "0", "300"),
    numbers(
        makers,
        "priority",
        good: ["0", "9", "3.0", "3e0", "0.9e1", "-0"],
        bad: ["-1", "10", "0.5", "8.9999", "1e300", "3.0000000000000000000000001"]
    ),
    numbers(
        ["list", "resources", "history"],
        "limit",
        good: ["1", "2", "999", "1000", "1e3"],
        bad: ["0", "1001", "-1", "1.5", "1e300"]
    ),
    numbers(
        ["list"],
        "after",
        good: ["0", "1", "9007199254740991"],
        bad: ["-1", "0.5", "9007199254740992", "9007199254740991.5"]
    ),
    numbers(
        ["check"],
        "fence",
        good: ["0", "1763683200000041", "9007199254740991"],
        bad: ["-1", "1.5", "9007199254740992", "18446744073709551617"]
    ),
    numbers(
        ["unwatch"],
        "watch",
        good: ["0", "1", "9007199254740991"],
        bad: ["-1", "1.5", "9007199254740992"]
    ),
    numbers(["hello"], "version", good: ["1", "1.0", "1e0"], bad: ["0", "2", "-1", "1.5"]),
    texts(makers, "key", 1...128),
    texts(["queue", "lock", "release", "clear", "drain"], "reason", 0...256),
    texts(["steal"], "reason", 1...256),
    texts(makers, "holder", 0...256),
    texts(["hello"], "client", 0...256),
    texts(["hello"], "token", 0...16_384),
    words(makers, "mode", ["exclusive", "shared"]),
    words(makers, "ifMine", ["queue", "return"]),
    words(makers, "bind", ["ticket", "session"]),
    words(makers, "notify", ["none", "state", "position"]),
    words(["resources"], "sort", ["queue", "wait"]),
    flags(makers, "stealable"),
    flags(["steal"], "force"),
    flags(["drain"], "off"),
    ["1", "true", "[]", "{}"].flatMap { value in
        ["acquire", "renew", "release", "status"].map {
            Trial($0, "ticket", value, false)
        }
    },
].flatMap(\.self)

@Suite struct FieldRangeTests {
    @Test func `every field is held to its type and range, ends included`() {
        #expect(trials.count > 700)
        for trial in trials {
            let refused = refused(trial.line)
            #expect((refused == nil) == trial.isAccepted, "\(trial.line)")
            guard !trial.isAccepted else { continue }
            #expect(refused?.refusal.code == .badRequest, "\(trial.line)")
            #expect(refused?.refusal.field == trial.reported, "\(trial.line)")
            #expect(refused?.refusal.offset == nil, "\(trial.line)")
        }
    }

    @Test(arguments: [
        ("queue", "resource"), ("lock", "resource"), ("list", "resource"), ("history", "resource"),
        ("clear", "resource"), ("steal", "resource"), ("check", "resource"), ("acquire", "ticket"),
        ("renew", "ticket"), ("release", "ticket"), ("status", "ticket"), ("unwatch", "watch"),
        ("hello", "version"),
    ])
    func `what an operation needs must be there`(operation: String, field: String) {
        for line in [#"{"op":"\#(operation)"}"#, #"{"op":"\#(operation)","\#(field)":null}"#] {
            #expect(refused(line)?.refusal.code == .badRequest)
            #expect(refused(line)?.refusal.field == field)
        }
    }

    @Test func `a steal needs a reason, a check of a resource a fence`() {
        #expect(refused(#"{"op":"steal","resource":"a"}"#)?.refusal.field == "reason")
        #expect(refused(#"{"op":"check","resource":"a"}"#)?.refusal.field == "fence")
        #expect(refused(#"{"op":"check","fence":1}"#)?.refusal.field == "resource")
    }

    @Test func `a check is about a ticket or a fence, a watch about a resource or a prefix`() {
        let both = #"{"op":"check","ticket":"x","resource":"a","fence":1}"#
        #expect(refused(both)?.refusal.field == "fence")
        #expect(refused(#"{"op":"watch","resource":"a","prefix":"b"}"#)?.refusal.field == "prefix")
    }

    @Test(arguments: ["1", "true", "[]", "{}"])
    func `a check's ticket is a text`(value: String) {
        #expect(refused(#"{"op":"check","ticket":\#(value)}"#)?.refusal.field == "ticket")
    }

    @Test func `after goes with the order of paths alone`() {
        #expect(refused(#"{"op":"resources","sort":"wait","after":"a"}"#)?.refusal.field == "after")
    }

    @Test func `the lease is held to the limits of this server`() {
        var limits = Limits()
        limits.leaseMin = .seconds(1)
        limits.leaseMax = .seconds(60)
        for (lease, isAccepted) in [
            ("0.999", false), ("1", true), ("1.001", true), ("59.999", true), ("60", true),
            ("60.001", false),
        ] {
            for line in [
                queue("\"lease\":\(lease)"), #"{"op":"renew","ticket":"","lease":\#(lease)}"#,
            ] {
                let refusal = refused(line, limits: limits)?.refusal
                #expect((refusal == nil) == isAccepted)
                if !isAccepted { #expect(refusal?.limit == .lease) }
            }
        }
        #expect(refused(queue("\"lease\":\"1\""))?.refusal.limit == .lease)
    }

    @Test func `fractions of a lease are kept to the nanosecond`() {
        #expect(ticketRequest(queue("\"lease\":0.123456789"))?.lease.nanoseconds == 123_456_789)
        #expect(
            ticketRequest(queue("\"lease\":86399.999999999"))?.lease.nanoseconds
                == 86_399_999_999_999
        )
    }
}

@Suite struct PermitFieldTests {
    @Test(arguments: [
        ("\"of\":1", Mode.permit(count: 1, of: 1)),
        ("\"of\":1000000", .permit(count: 1, of: 1_000_000)),
        ("\"of\":3,\"permits\":1", .permit(count: 1, of: 3)),
        ("\"of\":3,\"permits\":3", .permit(count: 3, of: 3)),
        ("\"of\":3,\"permits\":null", .permit(count: 1, of: 3)),
    ])
    func `of is 1 to a million, permits 1 to of`(fields: String, mode: Mode) {
        #expect(ticketRequest(queue("\"mode\":\"permit\",\(fields)"))?.mode == mode)
    }

    @Test(arguments: [
        ("\"permits\":1", "of"), ("\"of\":null", "of"), ("\"of\":0", "of"), ("\"of\":-1", "of"),
        ("\"of\":1000001", "of"), ("\"of\":1.5", "of"), ("\"of\":\"3\"", "of"),
        ("\"of\":3,\"permits\":0", "permits"), ("\"of\":3,\"permits\":4", "permits"),
        ("\"of\":3,\"permits\":1.5", "permits"), ("\"of\":3,\"permits\":true", "permits"),
    ])
    func `other numbers of permits are bad_request`(fields: String, field: String) {
        let refusal = refused(queue("\"mode\":\"permit\",\(fields)"))?.refusal
        #expect(refusal?.code == .badRequest)
        #expect(refusal?.field == field)
    }

    @Test(arguments: ["", "\"mode\":\"exclusive\",", "\"mode\":\"shared\","])
    func `permits and of belong to permits alone`(mode: String) {
        #expect(refused(queue("\(mode)\"permits\":1"))?.refusal.field == "permits")
        #expect(refused(queue("\(mode)\"of\":1"))?.refusal.field == "of")
    }
}

@Suite struct MetaFieldTests {
    private func meta(_ entries: [(String, String)]) -> String {
        let members = entries.map { "\"\($0.0)\":\"\($0.1)\"" }.joined(separator: ",")
        return queue("\"meta\":{\(members)}")
    }

    private func isAccepted(_ line: String, limits: Limits = Limits()) -> Bool {
        let refusal = refused(line, limits: limits)?.refusal
        #expect(refusal == nil || refusal?.field == "meta")
        return refusal == nil
    }

    @Test(arguments: [(0, true), (15, true), (16, true), (17, false)])
    func `meta has at most sixteen strings`(count: Int, isAccepted: Bool) {
        let line = meta((0..<count).map { ("n\($0)", "v") })
        #expect(self.isAccepted(line) == isAccepted)
        if !isAccepted { #expect(refused(line)?.refusal.limit == .meta) }
    }

    @Test(arguments: [(1_023, true), (1_024, true), (1_025, false)])
    func `meta has at most so many bytes, names counted`(count: Int, isAccepted: Bool) {
        let line = meta([("name", String(repeating: "v", count: count - 4))])
        #expect(self.isAccepted(line) == isAccepted)
        if !isAccepted { #expect(refused(line)?.refusal.limit == .meta) }
        let names = meta([(String(repeating: "n", count: count - 1), "v")])
        #expect(self.isAccepted(names) == isAccepted)
    }

    @Test func `the operator moves the bound`() {
        var limits = Limits()
        limits.metaBytes = 2
        #expect(isAccepted(meta([("a", "1")]), limits: limits))
        #expect(!isAccepted(meta([("a", "11")]), limits: limits))
    }

    @Test(arguments: ["1", "\"a\"", "true", "[]", "{\"a\":1}", "{\"a\":{}}", "{\"a\":true}"])
    func `meta is an object of strings`(value: String) {
        #expect(!isAccepted(queue("\"meta\":\(value)")))
    }

    @Test func `an empty meta, or one of nulls, is none`() {
        #expect(ticketRequest(queue("\"meta\":{}"))?.details == nil)
        #expect(ticketRequest(queue("\"meta\":{\"a\":null}"))?.details == nil)
    }

    @Test func `meta is kept in the order of its bytes, unescaped`() {
        let line = queue(#""meta":{"é":"4","b":"2\n","Z":"1","ba":"3","":"0"}"#)
        let entries = ticketRequest(line)?.details?.meta.map { $0.name + "=" + $0.value }
        #expect(entries == ["=0", "Z=1", "b=2\n", "ba=3", "é=4"])
    }
}

@Suite struct NestedFieldTests {
    @Test(arguments: [
        ("\"session\":1", "session"), ("\"session\":\"a\"", "session"),
        ("\"session\":[]", "session"),
        ("\"session\":true", "session"), ("\"session\":{\"grace\":0.09}", "session.grace"),
        ("\"session\":{\"grace\":300.001}", "session.grace"),
        ("\"session\":{\"grace\":\"1\"}", "session.grace"), ("\"resume\":1", "resume"),
        ("\"resume\":{}", "resume.session"), ("\"resume\":{\"secret\":\"\"}", "resume.session"),
        ("\"resume\":{\"session\":\"\"}", "resume.secret"),
        ("\"resume\":{\"session\":1,\"secret\":\"\"}", "resume.session"),
        ("\"resume\":{\"session\":\"\",\"secret\":1}", "resume.secret"),
        ("\"resume\":{\"session\":\"\",\"secret\":null}", "resume.secret"),
    ])
    func `what is wrong inside an object is named with a dot`(fields: String, field: String) {
        let refusal = refused(#"{"op":"hello","version":1,\#(fields)}"#)?.refusal
        #expect(refusal?.code == .badRequest)
        #expect(refusal?.field == field)
    }

    @Test(arguments: [
        ("0.1", Interval.milliseconds(100)), ("0.101", .milliseconds(101)), ("10", .seconds(10)),
        ("300", .seconds(300)), ("3e2", .seconds(300)),
    ])
    func `a grace is 0.1 to 300 seconds`(text: String, grace: Interval) {
        let line = #"{"op":"hello","version":1,"session":{"grace":\#(text)}}"#
        guard case .hello(let hello)? = request(line)?.operation else {
            Issue.record("refused")
            return
        }
        #expect(hello.sessionGrace == grace)
    }
}
