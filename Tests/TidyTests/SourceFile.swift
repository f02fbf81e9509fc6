// A tracked file as the checks see it. Tests plant violations by making one from a string, so every
// check is a function of files and never reads the disk itself.

/// One file of the repository: its path from the top and its text.
struct SourceFile {
    let path: String
    let text: String
    let tokens: [Token]
    /// The tokens without comments.
    let code: [Token]
    /// Every text among these, to skip a file quickly.
    let words: Set<String>

    init(path: String, text: String) {
        self.path = path
        self.text = text
        switch path.fileExtension {
        case "swift": tokens = Lexer.tokens(of: text, language: .swift)
        case "c", "h": tokens = Lexer.tokens(of: text, language: .c)
        default: tokens = []
        }
        code = tokens.code
        words = Set(code.map(\.text))
    }

    var isSwift: Bool { path.fileExtension == "swift" }
    var isC: Bool { ["c", "h"].contains(path.fileExtension) }

    /// "Sources", "Tests" … or the file itself at the top.
    var topFolder: String { folders.first ?? path }

    /// The target a source belongs to: the folder below `Sources`, `Tests` or `Benchmarks`.
    var target: String? { folders.count > 1 ? folders[1] : nil }

    private var folders: [String] { path.split(separator: "/").dropLast().map(String.init) }

    func line(_ number: Int) -> Substring {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.indices.contains(number - 1) ? lines[number - 1] : ""
    }
}

extension String {
    var fileExtension: String {
        let name = split(separator: "/").last ?? ""
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count > 1 ? String(parts[parts.count - 1]) : ""
    }
}

/// Something a check objects to, and where.
struct Violation: Hashable, CustomStringConvertible {
    var path: String
    var line: Int
    var message: String

    init(_ file: SourceFile, line: Int, _ message: String) {
        path = file.path
        self.line = line
        self.message = message
    }

    var description: String { "\(path):\(line): \(message)" }
}
