// The article "Getting started" says what compiles, and what it says works.

import Glibc
import HoldfastClient
import Testing

struct ArticleTests {
    /// A file of this repository, line by line.
    private func lines(of path: String, file: String = #filePath) throws -> [String] {
        let top = file.split(separator: "/").dropLast(4).joined(separator: "/")
        let text = try #require(fopen("/\(top)/\(path)", "r"))
        defer { fclose(text) }
        var lines: [String] = []
        while let line = readLine(from: text) { lines.append(line) }
        return lines
    }

    private func readLine(from file: UnsafeMutablePointer<FILE>) -> String? {
        var bytes: [UInt8] = []
        while true {
            let byte = getc(file)
            if byte == EOF, bytes.isEmpty { return nil }
            if byte == EOF || byte == 0x0a { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
    }

    /// What stands between two marks, once for each time they do, without common indentation.
    private func blocks(in lines: [String], from begin: String, to end: String) -> [[String]] {
        var blocks: [[String]] = []
        var isInside = false
        for line in lines {
            let text = line.drop { $0 == " " }
            if isInside, text == end {
                isInside = false
            } else if isInside {
                blocks[blocks.count - 1].append(line)
            } else if text == begin {
                isInside = true
                blocks.append([])
            }
        }
        return blocks.map(withoutIndentation)
    }

    private func withoutIndentation(_ block: [String]) -> [String] {
        let indents = block.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }
        return block.map { String($0.dropFirst(indents.min() ?? 0)) }
    }

    @Test func `the code of the article is the code that compiles`() throws {
        let article = blocks(
            in: try lines(of: "Sources/HoldfastClient/HoldfastClient.docc/GettingStarted.md"),
            from: "```swift",
            to: "```"
        )
        let code = blocks(in: try lines(of: filePath), from: "// begin", to: "// end")
        #expect(article.count == 9)
        #expect(article == code)
    }

    private let filePath = "Tests/HoldfastTestServerTests/Article/GettingStartedCode.swift"

    @Test func `locks do what the article says`() async throws {
        try await Stage.with { stage in
            let program = ArticleProgram()
            try await program.loss(stage.client)
            try await program.refusal(stage.client)
            try await program.modes(stage.client)
            try await program.queue(stage.client)
            try await program.keep(stage.other)
            let expected = [
                "page 1", "page 2", "page 3", "deployed", "read", "trained", "deployed",
            ]
            #expect(program.log == expected)
        }
    }

    @Test func `watching does what the article says`() async throws {
        try await Stage.with { stage in
            let program = ArticleProgram()
            let lock = try await stage.other.lock("deploy/prod")
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await program.watch(stage.client) }
                while !program.log.contains("deploy/prod: 1 holding, 0 waiting") {
                    await Task.yield()
                }
                _ = try? await lock.release()
                while !program.log.contains("deploy/prod: released by anonymous") {
                    await Task.yield()
                }
                group.cancelAll()
            }
            // A holder renews in its own time.
            let others = program.log.filter { !$0.contains("renewed") }
            #expect(others.count == 2)
        }
    }

    @Test func `the test server does what the article says`() async throws {
        let program = ArticleProgram()
        try await program.testing()
        #expect(program.log == ["deployed"])
    }
}
