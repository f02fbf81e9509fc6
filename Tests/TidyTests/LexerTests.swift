// The lexer is what every check stands on, so it has tests of its own.

import Testing

struct LexerTests {
    private func words(_ source: String, _ language: Lexer.Language = .swift) -> [String] {
        Lexer.tokens(of: source, language: language).filter { $0.kind == .word }.map(\.text)
    }

    @Test func `comments nest in Swift and not in C`() {
        #expect(words("a /* b /* c */ d */ e // f\ng") == ["a", "e", "g"])
        #expect(words("a /* b /* c */ d", .c) == ["a", "d"])
    }

    @Test func `texts of every kind are no code`() {
        #expect(words(#"a "b \" c" d"#) == ["a", "d"])
        #expect(words("a #\"b \" c\"# d") == ["a", "d"])
        #expect(words("a \"\"\"\n b \" c\n \"\"\" d") == ["a", "d"])
        #expect(words("a = '\"'; b", .c) == ["a", "b"])
        #expect(words(#"split(separator: /a"b/) { c }"#) == ["split", "separator", "c"])
    }

    @Test func `interpolation is code down to any depth`() {
        #expect(words(#"a "b \(c(d)) e \("f \(g)") h" i"#) == ["a", "c", "d", "g", "i"])
        #expect(words(##"#"a \(b) \#(c)"#"##) == ["c"])
    }

    @Test func `a raw identifier is one word of its own kind`() {
        let tokens = Lexer.tokens(of: "func `a name`()")
        #expect(tokens.map(\.kind) == [.word, .rawWord, .mark, .mark])
        #expect(tokens[1].text == "a name")
    }

    @Test func `a division is no regular expression`() {
        #expect(words("a / b; c = d / e") == ["a", "b", "c", "d", "e"])
    }

    @Test func `places are counted from one`() {
        let tokens = Lexer.tokens(of: "a\n  b /* c\n */ d")
        #expect(tokens.map(\.line) == [1, 2, 2, 3])
        #expect(tokens.map(\.column) == [1, 3, 5, 5])
        #expect(tokens[2].endLine == 3)
    }

    @Test func `a text that never ends does not hang the lexer`() {
        #expect(words("a \"b\nc") == ["a", "c"])
        #expect(words("a /* b") == ["a"])
        #expect(words("a \"\\(b") == ["a", "b"])
    }
}
