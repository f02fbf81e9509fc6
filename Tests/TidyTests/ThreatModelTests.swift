// The threat model names a test for each of its claims; a name that no test has shows nothing.

import Testing

/// The claims of the article and what is said to show them.
struct ThreatModelCheck {
    /// The last cell of a row of a table: a test's sentence, or a file of `.ci` and a function in it.
    func proofs(in article: String) -> [String] {
        article.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| ---") }
            .compactMap { row in
                row.split(separator: "|").last.map { $0.trimmed }
            }
            .filter { $0 != "Shown by" }
    }

    /// What is named and is not there.
    func missing(in article: String, tests: [SourceFile], checks: [SourceFile]) -> [String] {
        proofs(in: article).filter { proof in
            let parts = proof.split(separator: "`", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].isEmpty else { return true }
            guard parts[1].hasPrefix(".ci/") else {
                return !tests.contains { $0.text.contains("func `\(parts[1])`(") }
            }
            guard let file = checks.first(where: { $0.path == parts[1] }) else { return true }
            let function = parts[2].drop { $0 == " " }
            return !function.isEmpty && !file.text.contains("def \(function)(")
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

struct ThreatModelTests {
    @Test func `every claim of the threat model names a test that there is`() throws {
        let here = Repository.here
        let path = "Sources/HoldfastServer/HoldfastServer.docc/ThreatModel.md"
        let article = try #require(here[path]).text
        let check = ThreatModelCheck()
        #expect(check.proofs(in: article).count > 25)
        let missing = check.missing(
            in: article,
            tests: here.files.filter { $0.topFolder == "Tests" && $0.isSwift },
            checks: here.files.filter { $0.topFolder == ".ci" }
        )
        #expect(missing == [])
    }

    @Test func `a claim without a test, or with one that is not there, is found`() {
        let tests = [SourceFile(path: "Tests/A.swift", text: "@Test func `it holds`() {}")]
        let checks = [SourceFile(path: ".ci/a.py", text: "def one(house):\n")]
        func missing(_ proof: String) -> Bool {
            let article = "| Claim | Shown by |\n| --- | --- |\n| It holds | \(proof) |\n"
            return ThreatModelCheck().missing(in: article, tests: tests, checks: checks) != []
        }
        #expect(!missing("`it holds`") && !missing("`.ci/a.py`") && !missing("`.ci/a.py` one"))
        #expect(missing("`it does not`") && missing("`.ci/b.py`") && missing("`.ci/a.py` two"))
        #expect(missing("it holds") && missing(""))
    }
}
