// A test's name is a sentence that says what must be true, and a test file expects something.

import Testing

/// Whether tests are named by sentences and check anything.
struct TestNameCheck {
    func violations(in file: SourceFile) -> [Violation] {
        let code = file.code
        let tests = code.indices.filter { code[$0].is("@Test") }
        let names = tests.compactMap { start in
            code[start...].first { $0.is("func") || $0.is("{") } == nil
                ? nil : code[start...].drop { !$0.is("func") }.dropFirst().first
        }
        let unnamed = names.filter { !isSentence($0) }.map { name in
            Violation(file, line: name.line, "\(name.text) is not a sentence in backticks")
        }
        return unnamed + (tests.isEmpty || expects(code) ? [] : [silent(file)])
    }

    private func isSentence(_ name: Token) -> Bool {
        name.kind == .rawWord && name.text.split(separator: " ").count >= 3
            && name.text.last != "."
    }

    private func silent(_ file: SourceFile) -> Violation {
        Violation(file, line: 1, "has tests that expect nothing")
    }

    private func expects(_ code: [Token]) -> Bool {
        let prefixes = ["#expect", "#require", "expect", "check", "assert", "confirmation"]
        return code.contains { token in
            token.kind == .word && prefixes.contains { token.text.hasPrefix($0) }
                || token.is("Issue")
        }
    }
}

struct TestNameTests {
    private func count(_ text: String) -> Int {
        let file = SourceFile(path: "Tests/ATests/A.swift", text: text)
        return TestNameCheck().violations(in: file).count
    }

    @Test func `every test is named by a sentence and expects something`() {
        let tests = Repository.here.swiftFiles.filter { $0.topFolder == "Tests" }
        #expect(tests.flatMap(TestNameCheck().violations) == [])
    }

    @Test func `a test without a sentence for a name is found`() {
        #expect(count("@Test func works() { #expect(a) }") == 1)
        #expect(count("@Test func `it works`() { #expect(a) }") == 1)
        #expect(count("@Test(arguments: [1])\nfunc release(n: Int) { #expect(a) }") == 1)
    }

    @Test func `a test that expects nothing is found`() {
        #expect(count("@Test func `a waiter is served`() { run() }") == 1)
        #expect(count("@Test func `a waiter is served`() { #expect(run()) }") == 0)
        #expect(count("func helper() {}") == 0)
    }
}
