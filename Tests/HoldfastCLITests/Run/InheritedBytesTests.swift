// A command gets what it was given, also where that is no text.

import Testing

@testable import HoldfastCLI

struct InheritedBytesTests {
    /// "café.txt" in Latin-1, with the zero at its end.
    private let name = "caf".utf8.map { CChar($0) } + [CChar(bitPattern: 0xe9), 0]

    private func word(_ text: String) -> [CChar] { Array(text.utf8CString) }

    @Test func `a word that is no text goes on as it came`() {
        let all = [word("holdfast"), word("run"), word("a"), word("--"), word("ls"), name]
        let shown = "caf\u{fffd}"
        #expect(InheritedBytes.arguments(["ls", shown], from: all) == [word("ls"), name])
    }

    @Test func `words that are not the last ones of this process are written anew`() {
        let all = [word("holdfast"), word("run"), word("a"), word("ls")]
        #expect(InheritedBytes.arguments(["cp", "ls"], from: all) == [word("cp"), word("ls")])
        let longer = ["1", "2", "3", "4", "5"]
        #expect(InheritedBytes.arguments(longer, from: all) == longer.map(word))
    }

    @Test func `variables go on as they came, and what is new or other is written`() {
        let odd = word("X=").dropLast() + name
        let all = [word("A=1"), Array(odd), word("A=2"), word("B=\u{301}b"), word("nonsense")]
        let variables = ["A": "1", "X": "caf\u{fffd}", "B": "\u{301}b", "HOLDFAST_FENCE": "7"]
        let given = InheritedBytes.variables(variables, from: all)
        #expect(given == [word("A=1"), Array(odd), word("B=\u{301}b"), word("HOLDFAST_FENCE=7")])
        #expect(InheritedBytes.variables(["A": "3"], from: all) == [word("A=3")])
    }

    @Test func `an equals sign is one, whatever stands behind it`() throws {
        let parts = try #require("reason=\u{301}why=1".atFirstEquals)
        #expect(Array(parts.name.utf8) == Array("reason".utf8))
        #expect(Array(parts.value.utf8) == Array("\u{301}why=1".utf8))
        #expect("none".atFirstEquals == nil)
    }
}
