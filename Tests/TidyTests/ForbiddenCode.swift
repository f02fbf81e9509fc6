// What the sources do not say, and where they may after all. Each row is a pattern of tokens, so a
// mention in a comment or a text is no violation, and every exception names its reason.

/// A pattern of code that only some folders or files may contain.
struct ForbiddenCode {
    /// What must stand side by side.
    var patterns: [[String]] = []
    /// Functions that must not be called by their bare name; a method of that name is another.
    var functions: [String] = []
    var reason: String
    /// Paths, or folders when they end with a slash, below which it is allowed.
    var allowedBelow: [String] = []

    func violations(in file: SourceFile) -> [Violation] {
        if allowedBelow.contains(where: { file.path.hasPrefix($0) }) { return [] }
        let found = patterns.filter(file.words.isSuperset).flatMap { pattern in
            file.code.occurrences(of: pattern).map { ($0, pattern.joined()) }
        }
        return (found + calls(in: file)).map { index, name in
            Violation(file, line: file.code[index].line, "\(name): \(reason)")
        }
    }

    private func calls(in file: SourceFile) -> [(Int, String)] {
        let code = file.code
        return functions.filter(file.words.contains).flatMap { name in
            code.occurrences(of: [name, "("]).filter { index in
                (index == 0 || !code[index - 1].is(".") && !code[index - 1].is("func"))
                    && !isLabelled(at: index + 2, in: code)
            }.map { ($0, name) }
        }
    }

    /// The functions of C have no labels; one of that name with a label is the file's own.
    private func isLabelled(at index: Int, in code: [Token]) -> Bool {
        index + 1 < code.count && code[index].kind == .word && code[index + 1].is(":")
    }
}

extension ForbiddenCode {
    /// Held in `Sources`.
    static let inSources =
        [looseTasks, clocks, randomness, otherSchedulers, publicNames, output] + everywhere

    /// Held in sources, tests and benchmarks alike.
    static let everywhere = [traps, sleeps, backDoors]

    static let looseTasks = ForbiddenCode(
        patterns: [
            ["Task", "{"], ["Task", "("], ["Task", ".", "init"], ["Task", ".", "detached"],
            ["Task", ".", "immediate"], ["Task", ".", "immediateDetached"],
        ],
        reason: "work belongs to a task group that someone waits for",
        // A client or test server made outside of any scope, and the simulated server that ends with its object, are
        // each driven by one task of their own; the files say why. A fuzzer's loop runs one on the thread that asks.
        allowedBelow: [
            "Sources/HoldfastClient/Driver/DriverTask.swift",
            "Sources/HoldfastFuzzing/FuzzLoop.swift",
            "Sources/HoldfastSimulation/VirtualServer.swift",
            "Sources/HoldfastTestServer/ServerTask.swift",
        ]
    )

    static let clocks = ForbiddenCode(
        patterns: [
            ["ContinuousClock"], ["SuspendingClock"], ["Date", "("], ["Date", "."],
            ["DispatchTime"], ["time", "(", "nil", ")"],
        ],
        functions: ["clock_gettime", "gettimeofday", "timerfd_create"],
        reason: "only the kernel's edge reads a clock; take `now` as a parameter",
        allowedBelow: ["Sources/HoldfastSystem/", "Sources/CSystem/"]
    )

    static let randomness = ForbiddenCode(
        patterns: [["SystemRandomNumberGenerator"], ["UUID", "("]],
        functions: ["getrandom", "arc4random", "rand", "random"],
        reason: "only the kernel's edge draws random numbers; take a generator as a parameter",
        allowedBelow: ["Sources/HoldfastSystem/", "Sources/CSystem/"]
    )

    static let otherSchedulers = ForbiddenCode(
        patterns: [["DispatchQueue"], ["DispatchGroup"], ["Thread", "."], ["Thread", "("]],
        reason: "work runs on the event loops"
    )

    static let publicNames = ForbiddenCode(
        patterns: [["public"], ["open", "class"]],
        reason: "modules of the house see each other by package",
        allowedBelow: [
            "Sources/HoldfastClient/", "Sources/HoldfastTestServer/", "Sources/HoldfastModel/",
        ]
    )

    static let output = ForbiddenCode(
        functions: ["print", "debugPrint", "dump", "printf"],
        reason: "only the command speaks to a terminal",
        allowedBelow: ["Sources/HoldfastCLI/", "Sources/holdfast/"]
    )

    static let backDoors = ForbiddenCode(
        patterns: [["@_exported"], ["@_implementationOnly"], ["@_spi"]],
        reason: "modules use what `package` shows"
    )

    static let traps = ForbiddenCode(
        patterns: [["try", "!"], ["as", "!"]],
        functions: ["fatalError"],
        reason: "an error is an answer; what only a bug can do is a precondition"
    )

    static let sleeps = ForbiddenCode(
        patterns: [["Task", ".", "sleep"], ["Thread", ".", "sleep"]],
        functions: ["sleep", "usleep", "nanosleep"],
        reason: "nothing waits for time to pass; wait for what should happen",
        // Over real sockets a lease takes real time to end; in memory the same test moves a clock.
        allowedBelow: ["Tests/HoldfastServerTests/Support/SocketHouse.swift"]
    )
}

/// Calls that draw from the system's generator because they do not name one.
struct HiddenRandomness {
    func violations(in file: SourceFile) -> [Violation] {
        let code = file.code
        return code.indices.dropFirst().dropLast().compactMap { index in
            guard code[index - 1].is("."), code[index + 1].is("(") else { return nil }
            let arguments = code[index...code.closing(of: index + 1)]
            let isNamed = arguments.contains { $0.is("using") }
            return draws(at: index, arguments, in: code) && !isNamed
                ? Violation(file, line: code[index].line, "\(code[index].text) names no generator")
                : nil
        }
    }

    /// A function of one's own may be called `random`; the library's takes a range but for `Bool`.
    private func draws(at index: Int, _ arguments: ArraySlice<Token>, in code: [Token]) -> Bool {
        switch code[index].text {
        case "randomElement", "shuffled", "shuffle": true
        case "random": code[max(0, index - 2)].is("Bool") || arguments.contains { $0.is("in") }
        default: false
        }
    }
}

/// Types whose order differs from process to process, in the rules that must not.
struct UnorderedCollections {
    /// Files of HoldfastCore that may hash, because no order comes out of it, and why not.
    var allowed: [String: String] = [
        "Sources/HoldfastCore/Directory.swift": "keys are looked up one by one",
        "Sources/HoldfastCore/Extras.swift": "notes of the end are looked up by ticket",
        "Sources/HoldfastCore/StealBook.swift": "looked up by victim and by stealer",
        "Sources/HoldfastCore/PositionFeed.swift":
            "looked up by ticket; the order is a list beside it",
        "Sources/HoldfastCore/LockState+Invariants.swift": "checked and counted, never shown",
        "Sources/HoldfastCore/LockState+History.swift":
            "sorted by stamps, of which no two are equal",
    ]

    func violations(in file: SourceFile) -> [Violation] {
        if !file.path.hasPrefix("Sources/HoldfastCore/") || allowed[file.path] != nil { return [] }
        let code = file.code
        return code.indices.compactMap { index in
            let isNamed = ["Dictionary", "Set"].contains { code[index].is($0) }
            guard isNamed || isDictionaryType(at: index, in: code) else { return nil }
            return Violation(file, line: code[index].line, "its order differs in every process")
        }
    }

    /// `[Key: Value]` or a literal of one; not a subscript, nor a choice inside brackets.
    private func isDictionaryType(at index: Int, in code: [Token]) -> Bool {
        guard code[index].is("["), !isSubscript(at: index, in: code) else { return false }
        var inner = index + 1
        while inner < code.closing(of: index) {
            if code[inner].is("?") { return false }
            if code[inner].is(":") { return true }
            inner =
                ["(", "[", "{"].contains { code[inner].is($0) }
                ? code.closing(of: inner) + 1 : inner + 1
        }
        return false
    }

    private func isSubscript(at index: Int, in code: [Token]) -> Bool {
        guard code.touchesPrevious(index) else { return false }
        let before = code[index - 1]
        return before.kind == .word || before.is(")") || before.is("]")
    }
}

/// Words in comments that say a line is not finished.
struct UnfinishedMarks {
    /// Put together here, so that this file passes its own check and every search by hand.
    private let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

    func violations(in file: SourceFile) -> [Violation] {
        file.tokens.filter { $0.kind == .comment }.flatMap { comment in
            let words = comment.text.split { !$0.isLetter }
            return marks.filter { words.contains($0[...]) }.map { mark in
                Violation(file, line: comment.line, "\(mark) is an issue, not a comment")
            }
        }
    }
}
