// The tree that the checks walk. It follows `.gitignore` instead of asking git, so that the tests also
// hold in an exported tree, and what a build leaves behind is not looked at.

import FoundationEssentials

/// The files of this repository, read once.
struct Repository {
    static let here = Repository(at: top)

    /// All files that `.gitignore` does not leave out, sorted by path.
    let files: [SourceFile]
    /// The names at the top, folders and files, that `.gitignore` does not leave out.
    let topLevel: [String]

    var swiftFiles: [SourceFile] { files.filter(\.isSwift) }
    var sources: [SourceFile] { files.filter { $0.topFolder == "Sources" && !$0.tokens.isEmpty } }

    subscript(path: String) -> SourceFile? { files.first { $0.path == path } }

    private static let top = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast(3).joined(separator: "/")

    private init(at top: String) {
        let rules = IgnoreRules(text: Self.read(top + "/.gitignore") ?? "")
        topLevel = Self.entries(of: top).filter { name in
            !rules.ignore(path: name, isFolder: Self.isFolder(top + "/" + name))
        }
        files = Self.paths(below: "", of: top, rules: rules).sorted().compactMap { path in
            Self.read(top + "/" + path).map { SourceFile(path: path, text: $0) }
        }
    }

    private static func paths(below folder: String, of top: String, rules: IgnoreRules) -> [String]
    {
        entries(of: top + "/" + folder).flatMap { name -> [String] in
            let path = folder.isEmpty ? name : folder + "/" + name
            let isFolder = isFolder(top + "/" + path)
            if rules.ignore(path: path, isFolder: isFolder) { return [] }
            return isFolder ? paths(below: path, of: top, rules: rules) : [path]
        }
    }

    private static func entries(of folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    private static func isFolder(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && isDirectory
    }

    private static func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// The part of `.gitignore` that this repository uses: names, folders, a leading slash, and `*`.
struct IgnoreRules {
    private var patterns: [String]

    init(text: String) {
        patterns = text.split(separator: "\n").map(String.init)
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }

    func ignore(path: String, isFolder: Bool) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if name == ".git" { return true }
        return patterns.contains { pattern in
            var pattern = pattern[...]
            if pattern.hasSuffix("/") {
                if !isFolder { return false }
                pattern = pattern.dropLast()
            }
            let isAnchored = pattern.contains("/")
            if pattern.hasPrefix("/") { pattern = pattern.dropFirst() }
            return Self.matches(pattern, (isAnchored ? path : name)[...])
        }
    }

    private static func matches(_ pattern: Substring, _ text: Substring) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        if first == "*" {
            let ends = text.prefix { $0 != "/" }.count
            return (0...ends).contains { matches(rest, text.dropFirst($0)) }
        }
        return text.first == first && matches(rest, text.dropFirst())
    }
}
