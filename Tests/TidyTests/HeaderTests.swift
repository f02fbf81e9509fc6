// Every file says what it is and why before it begins: the reader at night has not read the others.

import Testing

/// Whether a file opens with a comment of at least one whole sentence.
struct HeaderCheck {
    func violations(in file: SourceFile) -> [Violation] {
        guard file.isSwift || file.isC else { return [] }
        return Self.hasSentence(header(of: file))
            ? [] : [Violation(file, line: 1, "opens without a sentence that says what it is")]
    }

    /// The text of the `//` lines before anything else.
    private func header(of file: SourceFile) -> String {
        file.tokens.prefix { $0.kind == .comment }.map(\.text)
            .filter { $0.hasPrefix("//") && !$0.hasPrefix("///") }
            .filter { !$0.contains("swift-tools-version") }
            .map { $0.drop { $0 == "/" } }.joined()
    }

    /// Four words with an end after them.
    private static func hasSentence(_ text: String) -> Bool {
        let words = text.split(separator: " ")
        return words.dropFirst(3).contains { word in
            [".", "!", "?", ":"].contains { word.hasSuffix($0) }
        }
    }
}

struct HeaderTests {
    private func count(_ text: String, path: String = "Sources/A/A.swift") -> Int {
        HeaderCheck().violations(in: SourceFile(path: path, text: text)).count
    }

    @Test func `every source opens with a sentence that says what it is`() {
        let files = Repository.here.files
        #expect(files.flatMap(HeaderCheck().violations) == [])
    }

    @Test func `a file without a header is found`() {
        #expect(count("import Testing\n// This comes too late to help.\n") == 1)
        #expect(count("/// This belongs to what follows.\nstruct A {}\n") == 1)
        #expect(count("// Values\nstruct A {}\n") == 1)
        #expect(count("// swift-tools-version: 6.2\nimport PackageDescription\n") == 1)
        #expect(count("", path: "Sources/CSystem/a.c") == 1)
    }

    @Test func `a header of a sentence is enough`() {
        #expect(count("// What a lock is: the rules.\n// And why.\nimport Testing\n") == 0)
        #expect(count("// epoll and eventfd: absent from Glibc.\n#include <a.h>\n") == 0)
        #expect(count("// swift-tools-version: 6.2\n// The table of all modules.\n") == 0)
    }
}
