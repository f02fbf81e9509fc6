// The files of `Scenarios`, read from the folder that stands beside this one, and written back where a maintainer
// asks for it.

import FoundationEssentials
import Glibc
import Testing

/// One story on disk.
struct StoryFile: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String

    var testDescription: String { name }

    /// In the order of their names.
    static let all: [StoryFile] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { name in
            FileManager.default.contents(atPath: folder + "/" + name).map {
                StoryFile(name: name, text: String(decoding: $0, as: UTF8.self))
            }
        }
    }()

    /// The variable that has transcripts written over the files.
    static let rewriteVariable = "HOLDFAST_REWRITE_SCENARIOS"

    static let isRewriting = getenv(rewriteVariable) != nil

    var lines: [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// The file with these lines; where they are its own, the same file.
    func rewritten(with lines: [String]) -> StoryFile {
        StoryFile(name: name, text: lines.map { $0 + "\n" }.joined())
    }

    func write() throws {
        try Data(text.utf8).write(to: URL(filePath: Self.folder + "/" + name))
    }

    private static let folder =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        .joined(separator: "/") + "/Scenarios"
}
