// The operator's file of people and roles: what it may say, and that nothing in it is passed over.

import HoldfastCoordinator
import HoldfastModel
import Testing

@testable import HoldfastServer

/// The hash of a token where a test needs no cryptography: itself, made longer.
func plainDigest(_ token: [UInt8]) -> [UInt8] {
    Array((token + [UInt8](repeating: 0, count: 32)).prefix(32))
}

/// The same as the file has it.
func hashText(of token: String) -> String {
    plainDigest(Array(token.utf8)).reduce(into: "sha256:") { text, byte in
        text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}

struct AccessTableTests {
    private static let hash = hashText(of: "t")

    @Test func `people and roles may stand in any order, between comments`() throws {
        let table = try AccessTable(
            parsing: """
                # people
                {"name":"ann","display":"Ann","token":"\(Self.hash)","roles":["deployer","reader"]}

                {"name":"ann","display":"Ann","token":"\(hashText(of: "u"))","roles":["deployer","reader"]}
                {"role":"deployer","rights":["lock:deploy/**"]}
                {"role":"reader","rights":["read:**"]}
                {"name":"bot","token":"\(hashText(of: "b"))","kind":"application","limits":{"tickets_per_principal":2,"connections_per_principal":1,"requests_per_second":9}}
                """
        )
        for token in ["t", "u"] {
            let person = try #require(table.person(tokenHash: plainDigest(Array(token.utf8))))
            #expect(person.name == "ann")
            #expect(person.kind == .user)
            let patterns = table.patterns(ofRoles: person.roles).map(\.text)
            #expect(patterns == ["lock:deploy/**", "read:**"])
        }
        let bot = try #require(table.person(named: "bot"))
        #expect(bot.kind == .application)
        #expect(bot.limits.tickets == 2)
        #expect(bot.limits.connections == 1)
        #expect(bot.limits.requests == 9)
        #expect(table.person(tokenHash: plainDigest(Array("x".utf8))) == nil)
    }

    /// Rule 7.
    @Test func `the most generous of somebody's roles says how urgent a request may be`() throws {
        let table = try AccessTable(
            parsing: """
                {"role":"low","rights":["lock:**"],"maxPriority":0}
                {"role":"mid","rights":["lock:**"],"maxPriority":5}
                {"role":"any","rights":["lock:**"]}
                """
        )
        #expect(table.priorityMax(ofRoles: ["low"]) == 0)
        #expect(table.priorityMax(ofRoles: ["low", "mid"]) == 5)
        #expect(table.priorityMax(ofRoles: ["mid", "any"]) == nil)
        #expect(table.priorityMax(ofRoles: []) == nil)
    }

    @Test(arguments: [
        ("nonsense", "this is no JSON object"),
        ("[1]", "this is no JSON object"),
        (#"{"name":"a","token":"\#(hash)","role":"r"}"#, "unknown field name"),
        (#"{"name":"a","token":"\#(hash)","rols":[]}"#, "unknown field rols"),
        (#"{"role":"","rights":[]}"#, "role must be a name"),
        (#"{"role":"r"}"#, #"rights must be a list like ["lock:ci/**"]"#),
        (
            #"{"role":"r","rights":[],"maxPriority":10}"#,
            "maxPriority must be a whole number from 0 to 9"
        ),
        (
            #"{"role":"r","rights":[],"maxPriority":1.5}"#,
            "maxPriority must be a whole number from 0 to 9"
        ),
        (
            #"{"role":"r","rights":["own:a"]}"#,
            #""own:a" is no right: it must be like lock:ci/**, with lock, read, steal or admin"#
        ),
        (
            #"{"name":"anonymous","token":"\#(hash)"}"#,
            "name must be a text of at most 256 bytes, and not anonymous"
        ),
        (
            #"{"name":"a","token":"secret"}"#,
            "token must be sha256: and 64 hexadecimal digits; holdfast token create makes one"
        ),
        (
            #"{"name":"a","token":"sha256:\#(String(repeating: "+1", count: 32))"}"#,
            "token must be sha256: and 64 hexadecimal digits; holdfast token create makes one"
        ),
        (
            #"{"name":"a","token":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}"#,
            "this is the hash of an empty token: whoever says nothing would be a"
        ),
        (#"{"name":"a","token":"\#(hash)","kind":"robot"}"#, "kind must be user or application"),
        (#"{"name":"a","token":"\#(hash)","roles":"r"}"#, "roles must be a list of names"),
        (
            #"{"name":"a","token":"\#(hash)","limits":{"waits":1}}"#,
            "limits knows tickets_per_principal, connections_per_principal and requests_per_second, not waits"
        ),
        (
            #"{"name":"a","token":"\#(hash)","limits":{"tickets_per_principal":0}}"#,
            "limits.tickets_per_principal must be a whole number above zero"
        ),
    ])
    func `a line that cannot be read stops everything, and is named`(line: String, problem: String)
    {
        #expect(throws: AccessFlaw(line: 2, problem: problem)) {
            try AccessTable(parsing: "\n" + line)
        }
    }

    @Test func `lines may end as those of Windows do`() throws {
        let text = "# people\r\n" + #"{"role":"r","rights":["read:**"]}"# + "\r\n\r\n"
        #expect(try AccessTable(parsing: text).patterns(ofRoles: ["r"]).map(\.text) == ["read:**"])
        #expect(throws: AccessFlaw(line: 4, problem: "this is no JSON object")) {
            try AccessTable(parsing: text + "x")
        }
    }

    @Test func `a role that no line tells of is named with the line that has it`() {
        let problem = "a has the role nobody, which no line tells of"
        #expect(throws: AccessFlaw(line: 2, problem: problem)) {
            try AccessTable(parsing: "#\n" + #"{"name":"a","roles":["nobody"]}"# + "\n#")
        }
    }

    @Test(arguments: [
        (#"{"role":"r","rights":[],"rights":["admin:**"]}"#, "rights stands twice"),
        (#"{"name":"a","roles":[],"roles":["r"]}"#, "roles stands twice"),
        (
            #"{"name":"a","limits":{"tickets_per_principal":1,"tickets_per_principal":2}}"#,
            "limits.tickets_per_principal stands twice"
        ),
    ])
    func `nothing is said twice on a line`(line: String, problem: String) {
        #expect(throws: AccessFlaw(line: 1, problem: problem)) { try AccessTable(parsing: line) }
    }

    @Test func `what contradicts itself is refused`() {
        let one = #"{"name":"a","token":"\#(Self.hash)"}"#
        let flaws = [
            one + "\n" + one,
            one + "\n" + #"{"name":"a","token":"\#(hashText(of: "u"))","kind":"application"}"#,
            #"{"role":"r","rights":[]}"# + "\n" + #"{"role":"r","rights":[]}"#,
            #"{"name":"a","token":"\#(Self.hash)","roles":["nobody"]}"#,
        ]
        for text in flaws {
            #expect(throws: AccessFlaw.self) { try AccessTable(parsing: text) }
        }
    }
}
