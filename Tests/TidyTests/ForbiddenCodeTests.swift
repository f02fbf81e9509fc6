// Holds the sources to the table of forbidden code, and every row of the table to a planted sample.

import Testing

struct ForbiddenCodeTests {
    private let repository = Repository.here

    private func source(
        _ text: String,
        at path: String = "Sources/HoldfastCore/A.swift"
    )
        -> SourceFile
    {
        SourceFile(path: path, text: text)
    }

    @Test(arguments: ForbiddenCode.inSources.indices)
    func `no source contains forbidden code`(row: Int) {
        let rule = ForbiddenCode.inSources[row]
        #expect(repository.sources.flatMap(rule.violations) == [])
    }

    @Test(arguments: ForbiddenCode.everywhere.indices)
    func `no test or benchmark traps or sleeps`(row: Int) {
        let rule = ForbiddenCode.everywhere[row]
        let files = repository.files.filter { ["Tests", "Benchmarks"].contains($0.topFolder) }
        #expect(files.flatMap(rule.violations) == [])
    }

    @Test func `every source that draws a random number names its generator`() {
        let files = repository.sources.filter { $0.target != "HoldfastSystem" }
        #expect(files.flatMap(HiddenRandomness().violations) == [])
    }

    @Test func `the rules hold nothing whose order differs from process to process`() {
        #expect(repository.sources.flatMap(UnorderedCollections().violations) == [])
    }

    @Test func `no comment says that its line is unfinished`() {
        #expect(repository.files.flatMap(UnfinishedMarks().violations) == [])
    }

    @Test(
        arguments: [
            "Task { await run() }", "Task\n{ }", "Task.detached(priority: .low) { }",
            "let task = Task(executorPreference: loop) { }", "Task.immediate { }",
        ]
    )
    func `a loose task is found`(sample: String) {
        #expect(ForbiddenCode.looseTasks.violations(in: source(sample)).count == 1)
    }

    @Test(arguments: ["ContinuousClock().now", "let d = Date()", "_ = clock_gettime(1, &t)"])
    func `a clock is found outside the edge of the kernel and allowed there`(sample: String) {
        let edge = source(sample, at: "Sources/HoldfastSystem/Clock.swift")
        #expect(ForbiddenCode.clocks.violations(in: source(sample)).count == 1)
        #expect(ForbiddenCode.clocks.violations(in: edge) == [])
    }

    @Test(arguments: ["var g = SystemRandomNumberGenerator()", "getrandom(p, 8, 0)", "UUID()"])
    func `a source of randomness is found outside the edge of the kernel`(sample: String) {
        #expect(ForbiddenCode.randomness.violations(in: source(sample)).count == 1)
    }

    @Test func `a random call without a generator is found`() {
        let hidden = HiddenRandomness()
        #expect(hidden.violations(in: source("let n = Int.random(in: 0..<f(3))")).count == 1)
        #expect(hidden.violations(in: source("a.shuffled()")).count == 1)
        #expect(hidden.violations(in: source("let coin = Bool.random()")).count == 1)
        #expect(hidden.violations(in: source("Int.random(in: 0..<f(3), using: &g)")) == [])
        #expect(hidden.violations(in: source("foundation.random()")) == [])
    }

    @Test(arguments: ["DispatchQueue.main.async { }", "Thread.detachNewThread { }"])
    func `another scheduler is found`(sample: String) {
        #expect(ForbiddenCode.otherSchedulers.violations(in: source(sample)).count == 1)
    }

    @Test(arguments: ["public struct A {}", "public import Low"])
    func `a public name outside the client is found`(sample: String) {
        let client = source(sample, at: "Sources/HoldfastClient/A.swift")
        #expect(ForbiddenCode.publicNames.violations(in: source(sample)).count == 1)
        #expect(ForbiddenCode.publicNames.violations(in: client) == [])
    }

    @Test func `output outside the command is found`() {
        let command = source("print(1)", at: "Sources/HoldfastCLI/A.swift")
        #expect(ForbiddenCode.output.violations(in: source("print(1)")).count == 1)
        #expect(ForbiddenCode.output.violations(in: command) == [])
    }

    @Test(arguments: ["@_exported import Low", "@_spi(Kit) import Low"])
    func `a back door is found`(sample: String) {
        #expect(ForbiddenCode.backDoors.violations(in: source(sample)).count == 1)
    }

    @Test(arguments: ["try! f()", "x as! Int", "fatalError(\"no\")"])
    func `a trap is found`(sample: String) {
        #expect(ForbiddenCode.traps.violations(in: source(sample)).count == 1)
    }

    @Test(arguments: ["try await Task.sleep(for: .seconds(1))", "usleep(10)", "_ = sleep(1)"])
    func `a sleep is found`(sample: String) {
        #expect(ForbiddenCode.sleeps.violations(in: source(sample)).count == 1)
    }

    @Test(
        arguments: [
            "var a: [Int: String]", "let a: Dictionary<Int, Int>", "f([1: 2])", "var s: Set<Int>",
            "func f() -> [K: [V]] { }", "x = [:]",
        ]
    )
    func `an unordered collection in the rules is found`(sample: String) {
        let check = UnorderedCollections()
        #expect(check.violations(in: source(sample)).count == 1)
        #expect(check.violations(in: source(sample, at: "Sources/HoldfastWire/A.swift")) == [])
    }

    @Test(arguments: ["a[at: 1]", "[x ? 1 : 2]", "[Int]()", "[f(a: 1), { (b: Int) in b }]"])
    func `brackets that hold no dictionary pass`(sample: String) {
        #expect(UnorderedCollections().violations(in: source(sample)) == [])
    }

    @Test func `an unfinished mark in a comment is found`() {
        let mark = "TO" + "DO"
        let check = UnfinishedMarks()
        #expect(check.violations(in: source("let a = 1 // \(mark): more")).count == 1)
        #expect(check.violations(in: source("/* \(mark) */")).count == 1)
        #expect(check.violations(in: source("let a = \"\(mark)\"")) == [])
    }

    @Test(arguments: [
        "try !isEmpty()", "sleep(from: now)", "loop.sleep(1)", "func sleep(_ n: Int)",
    ])
    func `code that only looks forbidden passes`(sample: String) {
        #expect(ForbiddenCode.everywhere.flatMap { $0.violations(in: source(sample)) } == [])
    }

    @Test func `forbidden words in comments, texts and names pass`() {
        let innocent = source(
            """
            // Task { } would escape; Date() is a clock.
            let help = "Task { } and \\(name) try! ContinuousClock"
            let raw = #"Task { "quoted" Date()"#
            func `a Task { } in a name`() {}
            """
        )
        #expect(ForbiddenCode.inSources.flatMap { $0.violations(in: innocent) } == [])
    }

    @Test func `code inside an interpolation is seen`() {
        let hidden = source(#"let text = "at \(Date()) or \("\(try! f())")""#)
        #expect(ForbiddenCode.clocks.violations(in: hidden).count == 1)
        #expect(ForbiddenCode.traps.violations(in: hidden).count == 1)
    }
}
