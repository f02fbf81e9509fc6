// Files of one idea and lines that fit a screen. The formatter breaks what it can break; this finds
// what it leaves behind.

import Testing

/// How wide lines and how long files may be.
struct SizeCheck {
    static let codeColumnsMax = 100
    static let commentColumnsMax = 120
    static let fileLinesMax = 400

    /// Files that may be longer, each with its reason.
    var longFiles: [String: String] = [
        "Tests/HoldfastWireTests/ReplyWriterTests.swift": "the golden line of every reply and event"
    ]

    func violations(in file: SourceFile) -> [Violation] {
        var lines: Set<Int> = []
        return wideTokens(in: file).filter { lines.insert($0.line).inserted } + length(of: file)
    }

    private func length(of file: SourceFile) -> [Violation] {
        let count = file.text.utf8.count { $0 == UInt8(ascii: "\n") }
        if count <= Self.fileLinesMax || longFiles[file.path] != nil { return [] }
        return [Violation(file, line: count, "more than \(Self.fileLinesMax) lines")]
    }

    /// Judged by the token that crosses the limit: texts and names in backticks cannot be broken.
    private func wideTokens(in file: SourceFile) -> [Violation] {
        file.tokens.compactMap { token in
            let text = token.text.split(separator: "\n").first.map(\.count) ?? 0
            switch token.kind {
            case .word, .mark, .number:
                return token.column + text - 1 <= Self.codeColumnsMax || follows(token, in: file)
                    ? nil : Violation(file, line: token.line, "code beyond column 100")
            case .comment:
                return token.column + text - 1 <= Self.commentColumnsMax
                    ? nil : Violation(file, line: token.line, "comment beyond column 120")
            case .text, .rawWord:
                return nil
            }
        }
    }

    /// Whether something that cannot be broken stands before this token on its line.
    private func follows(_ token: Token, in file: SourceFile) -> Bool {
        file.tokens.contains { other in
            other.endLine == token.line && other.column < token.column
                && (other.kind == .text || other.kind == .rawWord)
        }
    }
}

struct SizeTests {
    private func messages(_ text: String) -> [String] {
        let file = SourceFile(path: "Sources/A/A.swift", text: text)
        return SizeCheck().violations(in: file).map(\.message)
    }

    @Test func `no line is too wide and no file too long`() {
        let files = Repository.here.files.filter { $0.isSwift || $0.isC }
        #expect(files.flatMap(SizeCheck().violations) == [])
    }

    @Test func `code beyond the last column is found`() {
        let line = String(repeating: "a", count: 99)
        #expect(messages(line + "b") == [])
        #expect(messages(line + "bc") == ["code beyond column 100"])
        #expect(messages(line + " + b") == ["code beyond column 100"])
    }

    @Test func `a text or a test's name may be wide`() {
        let long = String(repeating: "word ", count: 30)
        #expect(messages("let text = \"\(long)\"") == [])
        #expect(messages("func `\(long)`() {}") == [])
    }

    @Test func `a comment may be a little wider than code`() {
        #expect(messages("// " + String(repeating: "a", count: 117)) == [])
        #expect(messages("// " + String(repeating: "a", count: 118)).count == 1)
    }

    @Test func `a file of too many lines is found`() {
        #expect(messages(String(repeating: "\n", count: 400)) == [])
        #expect(messages(String(repeating: "\n", count: 401)) == ["more than 400 lines"])
    }
}
