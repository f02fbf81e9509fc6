// Rule 1: what is a path, what is wrong with what is none, and that paths are bytes and nothing else.

import HoldfastModel
import Testing

struct ResourcePathTests {
    private func flaw(of text: String) -> ResourcePath.Flaw? {
        do {
            _ = try ResourcePath(checking: text)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            "a", "deploy/prod", "a.b/..c/...", ".hidden/x", "a b", "é/ü", "a\\b", "*", "a/**",
            "\u{a0}", "\u{a1}", "\u{200b}", "日本/🔒",
        ]
    )
    func `rule 1 a text of whole segments is a path and keeps its text`(text: String) throws {
        #expect(try ResourcePath(checking: text).text == text)
        #expect(ResourcePath(text)?.description == text)
    }

    @Test(
        arguments: [
            ("", ResourcePath.Flaw.empty),
            ("/", .leadingOrTrailingSlash),
            ("/a", .leadingOrTrailingSlash),
            ("a/", .leadingOrTrailingSlash),
            ("a//b", .emptySegment),
            ("a///b", .emptySegment),
            (".", .dotSegment),
            ("..", .dotSegment),
            ("./a", .dotSegment),
            ("a/..", .dotSegment),
            ("a/./b", .dotSegment),
            ("a/../b", .dotSegment),
            ("a\u{0}", .controlCharacter),
            ("a\nb", .controlCharacter),
            ("a\tb", .controlCharacter),
            ("\u{1f}", .controlCharacter),
            ("a\u{7f}", .controlCharacter),
            ("a\u{80}b", .controlCharacter),
            ("\u{85}", .controlCharacter),
            ("a/\u{9f}", .controlCharacter),
        ]
    )
    func `rule 1 a text that is no path says what is wrong with it`(
        text: String,
        expected: ResourcePath.Flaw
    ) {
        #expect(flaw(of: text) == expected)
        #expect(ResourcePath(text) == nil)
    }

    @Test func `rule 1 every control character of Unicode is refused and its neighbours are not`() {
        for value in UInt32(0)...0x2ff {
            guard let scalar = Unicode.Scalar(value), scalar != "/", scalar != "." else { continue }
            let isControl = scalar.properties.generalCategory == .control
            let expected: ResourcePath.Flaw? = isControl ? .controlCharacter : nil
            #expect(flaw(of: String(scalar)) == expected, "U+\(String(value, radix: 16))")
        }
    }

    @Test(arguments: [(511, true), (512, true), (513, false)])
    func `rule 1 a path has at most 512 bytes`(byteCount: Int, isPath: Bool) {
        let text = String(repeating: "a", count: byteCount)
        #expect(flaw(of: text) == (isPath ? nil : .tooLong))
    }

    @Test func `rule 1 the short way takes what the careful way takes, or leaves it alone`() {
        let alphabet = Array(" !/.a~\u{7f}".utf8) + [0x80]
        var taken = 0
        for start in 0...9 {
            for word in 0..<(alphabet.count * alphabet.count * alphabet.count) {
                let last = [word / 64, word / 8 % 8, word % 8].map { alphabet[$0] }
                let bytes = Array(repeating: UInt8(ascii: "b"), count: start) + last
                let isPlain = bytes.allSatisfy { (0x21...0x7e).contains($0) }
                let text = String(decoding: bytes, as: UTF8.self)
                let segments = text.split(separator: "/", omittingEmptySubsequences: false)
                let isTaken = isPlain && !segments.contains { $0.isEmpty || $0.first == "." }
                let path = ResourcePath(plainASCII: bytes.span)
                #expect((path != nil) == isTaken, "\(bytes)")
                if let path { #expect(path == ResourcePath(text)) }
                taken += isTaken ? 1 : 0
            }
        }
        #expect(taken > 800)
    }

    @Test func `rule 1 the short way has the same bound`() {
        let longest = Array(repeating: UInt8(ascii: "a"), count: ResourcePath.byteCountMax)
        #expect(ResourcePath(plainASCII: longest.span) != nil)
        #expect(ResourcePath(plainASCII: (longest + [0x61]).span) == nil)
        #expect(ResourcePath(plainASCII: [UInt8]().span) == nil)
    }

    @Test func `rule 1 the bound counts bytes, not characters`() {
        #expect(flaw(of: String(repeating: "é", count: 256)) == nil)
        #expect(flaw(of: String(repeating: "é", count: 256) + "a") == .tooLong)
    }

    @Test func `rule 1 canonically equal texts are different paths`() throws {
        let composed = try #require(ResourcePath("caf\u{e9}"))
        let decomposed = try #require(ResourcePath("cafe\u{301}"))
        #expect(composed.text == decomposed.text)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(composed.stableHash != decomposed.stableHash)
        #expect(decomposed < composed)
        #expect(!(composed < decomposed))
    }

    @Test func `rule 1 paths sort by their bytes, a start before what continues it`() throws {
        let texts = ["a", "a!", "a-b", "a/b", "a0", "aa", "b", "z", "é", "日", "🔒"]
        let paths = texts.compactMap { ResourcePath($0) }
        try #require(paths.count == texts.count)
        #expect(paths.shuffled().sorted().map(\.text) == texts)
        for path in paths { #expect(!(path < path)) }
    }

    @Test(
        arguments: [
            ("a", "a", true),
            ("a/b", "a", true),
            ("a/b/c", "a/b", true),
            ("ab", "a", false),
            ("a-b", "a", false),
            ("a", "a/b", false),
            ("b/a", "a", false),
        ]
    )
    func `a prefix ends at a segment`(text: String, prefix: String, lies: Bool) throws {
        let path = try #require(ResourcePath(text))
        let scope = try #require(ResourcePath(prefix))
        #expect(path.lies(under: scope) == lies)
        #expect(WatchScope.prefix(scope).covers(path) == lies)
        #expect(WatchScope.resource(scope).covers(path) == (text == prefix))
        #expect(WatchScope.everything.covers(path))
    }

    @Test func `the stable hash is FNV-1a folded once and names the slot`() throws {
        let published: UInt64 = 0xaf63_dc4c_8601_ec8c
        let path = try #require(ResourcePath("a"))
        #expect(path.stableHash == published ^ (published >> 32))
        #expect(Slot(of: path).number == UInt8(truncatingIfNeeded: path.stableHash))
    }

    @Test func `ten thousand paths reach every slot`() {
        let slots = (0..<10_000).compactMap { ResourcePath("jobs/\($0)") }.map { Slot(of: $0) }
        #expect(Set(slots).count == Slot.count)
    }
}
