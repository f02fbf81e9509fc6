// The shape of the tree: what lies at the top, what the README promises, and nothing that is true only
// on the machine of whoever wrote it.

import Testing

/// The agreed top level; dotfiles are free.
struct TopLevelCheck {
    private let agreed: Set = [
        "Package.swift", "Sources", "Tests", "Benchmarks", "README.md", "deploy",
    ]

    func unexpected(in names: [String]) -> [String] {
        names.filter { !$0.hasPrefix(".") && !agreed.contains($0) }
    }
}

/// Whether a README names the command that tests the project, as a line of a code block.
struct ReadmeCheck {
    func testCommand(in text: String) -> String? {
        text.split(separator: "\n").map { $0.drop { $0 == " " } }
            .first { $0 == "swift test" || $0.hasPrefix("swift test ") }.map(String.init)
    }
}

/// Paths and hosts that exist for one machine or company only.
struct MachineTraces {
    /// Put together here, so that this file passes its own check.
    private let folders = ["home", "root", "work", "Users", "opt/swift", "tmp/w"].map {
        "/" + $0 + "/"
    }

    /// Hosts that anybody may be sent to, besides names that stand for the reader's own.
    private let hosts: Set = [
        "localhost", "127.0.0.1", "[::1]", "www.swift.org", "swift.org", "docs.swift.org",
        "www.rfc-editor.org", "json-schema.org", "www.freedesktop.org",
        // The name of SVG's elements, which nobody fetches.
        "www.w3.org",
    ]

    func violations(in file: SourceFile) -> [Violation] {
        file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .flatMap { index, line in
                (paths(in: line) + foreignHosts(in: line)).map { trace in
                    Violation(file, line: index + 1, "\(trace) is of one machine")
                }
            }
    }

    private func paths(in line: Substring) -> [String] {
        folders.filter { folder in
            // A folder of that name inside a longer path is none of the machine's.
            line.ranges(of: folder).contains { range in
                let before = line[..<range.lowerBound].last
                return before.map { !($0.isLetter || $0.isNumber || "._-*}".contains($0)) } ?? true
            }
        }
    }

    private func foreignHosts(in line: Substring) -> [String] {
        line.ranges(of: "://").compactMap { range in
            let host = line[range.upperBound...].prefix { character in
                character.isLetter || character.isNumber || ".-[]".contains(character)
            }
            if !host.contains(".") || hosts.contains(String(host)) { return nil }
            let isExample = ["example.com", "example.org", "example.net", ".internal"].contains {
                host.hasSuffix($0)
            }
            return isExample ? nil : String(host)
        }
    }
}

struct TreeTests {
    private let repository = Repository.here

    private func traces(_ text: String) -> Int {
        MachineTraces().violations(in: SourceFile(path: "README.md", text: text)).count
    }

    @Test func `the top level holds only what was agreed`() {
        #expect(repository.topLevel.contains("Package.swift"))
        #expect(TopLevelCheck().unexpected(in: repository.topLevel) == [])
    }

    @Test func `an entry that was not agreed is found`() {
        let names = ["Sources", "Tests", ".ci", "docs", "Makefile"]
        #expect(TopLevelCheck().unexpected(in: names) == ["docs", "Makefile"])
    }

    @Test func `the README names the command that tests the project`() throws {
        let readme = try #require(repository["README.md"])
        #expect(ReadmeCheck().testCommand(in: readme.text) == "swift test")
    }

    @Test func `a README without a test command is found`() {
        #expect(ReadmeCheck().testCommand(in: "Run `swift test`, they say.") == nil)
        #expect(ReadmeCheck().testCommand(in: "    swift test\n") == "swift test")
    }

    @Test func `no file names a path or host of one machine`() {
        #expect(repository.files.flatMap(MachineTraces().violations) == [])
    }

    @Test func `a path or host of one machine is found`() {
        #expect(traces("cd /" + "home/someone/holdfast") == 1)
        #expect(traces("see https:" + "//packages.corp.invalid/simple") == 1)
    }

    @Test func `paths and hosts that hold everywhere pass`() {
        #expect(traces("curl http://127.0.0.1:7421/v1 https://lock.example.com/") == 0)
        #expect(traces("cat /proc/self/status /tmp/log; mkdir build/work/out") == 0)
    }

    @Test func `what is ignored is not looked at`() {
        let rules = IgnoreRules(text: ".build/\n.build-*/\n*.o\n/data/\n")
        #expect(rules.ignore(path: ".build", isFolder: true))
        #expect(rules.ignore(path: "Sources/.build-tsan", isFolder: true))
        #expect(rules.ignore(path: "Sources/A/a.o", isFolder: false))
        #expect(rules.ignore(path: "data", isFolder: true))
        #expect(!rules.ignore(path: "Sources/data", isFolder: true))
        #expect(!rules.ignore(path: "Sources/A/a.swift", isFolder: false))
    }
}
