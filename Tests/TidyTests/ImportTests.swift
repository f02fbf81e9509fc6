// Arrows point downwards: what a module imports is in its row of the table or below it. The compiler
// would not object to a module of the toolchain (a kernel call in the rules, all of Foundation), so
// those are held to a list of their own.

import Testing

/// Which sources may import which modules.
struct ImportCheck {
    var table: ModuleTable

    /// Modules of the toolchain, and the folders of `Sources` or `Tests` that may import them.
    static let toolchain: [String: Set<String>] = [
        // The kernel: HoldfastSystem calls it, the command talks to its own process; HoldfastModel has
        // its lock from there. The tests of the rules read from the environment how deep they walk, and a
        // fuzzer says what it found before it traps.
        "Glibc": [
            "HoldfastModel", "HoldfastCoreTests", "HoldfastFuzzing",
            "HoldfastSystem", "HoldfastCLI", "holdfast", "Counting", "Simulating",
            "HoldfastSystemTests", "HoldfastServerTests", "HoldfastClientTests",
            "HoldfastTestServerTests", "TestSupport",
            "HoldfastCLITests",
        ],
        // Files, and the stored thresholds.
        "FoundationEssentials": [
            "TidyTests", "Counting", "HoldfastFuzzingTests", "HoldfastServerTests",
        ],
        // Another reader of JSON, to compare with.
        "Foundation": ["HoldfastFuzzing"],
        // Long computations leave the threads that all tests share.
        "Dispatch": ["TestSupport"],
    ]

    func violations(in file: SourceFile) -> [Violation] {
        guard let target = file.target, file.isSwift else { return [] }
        return file.imports.compactMap { line, module in
            allowed(in: target, of: file.topFolder).contains(module) || isToolchain(module, target)
                ? nil : Violation(file, line: line, "\(target) may not import \(module)")
        }
    }

    private func isToolchain(_ module: String, _ target: String) -> Bool {
        module == "Synchronization" || Self.toolchain[module]?.contains(target) ?? false
    }

    private func allowed(in target: String, of topFolder: String) -> Set<String> {
        switch topFolder {
        case "Tests": allowedInTests(of: target)
        case "Benchmarks": table.closure(of: table.rows.map(\.name)).union(["CCounting"])
        default: target == "holdfast" ? ["HoldfastCLI"] : allowedInModule(target)
        }
    }

    private func allowedInModule(_ name: String) -> Set<String> {
        table.closure(of: table[name]?.imports ?? [])
    }

    private func allowedInTests(of target: String) -> Set<String> {
        let name = String(target.dropLast("Tests".count))
        let seen = table[name].map { [name] + $0.testImports } ?? []
        return table.closure(of: seen).union(["TestSupport", "Testing"])
    }
}

extension SourceFile {
    /// The modules it imports and the lines that say so; for `import struct A.B`, that is A.
    var imports: [(line: Int, module: String)] {
        let kinds: Set = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
        return code.indices.dropLast().compactMap { index in
            guard code[index].is("import") else { return nil }
            let next = code[index + 1]
            let isOfOneSymbol = kinds.contains(next.text) && index + 2 < code.count
            return (code[index].line, isOfOneSymbol ? code[index + 2].text : next.text)
        }
    }
}

struct ImportTests {
    private let repository = Repository.here
    private let planted = ImportCheck(
        table: ModuleTable(
            manifest: SourceFile(
                path: "Package.swift",
                text: """
                    let modules = [
                        Module(name: "Low", isPure: true), // Module(name: "Comment")
                        Module(name: "Middle", imports: ["CLow", "Low"], isTested: false),
                        Module(name: "High", imports: ["Middle"], testImports: ["Kit"]),
                    ]
                    """
            )
        )
    )

    private func violations(in path: String, _ text: String) -> [String] {
        planted.violations(in: SourceFile(path: path, text: text)).map(\.message)
    }

    @Test func `every import stands in the table of modules`() throws {
        let manifest = try #require(repository["Package.swift"])
        let check = ImportCheck(table: ModuleTable(manifest: manifest))
        #expect(repository.swiftFiles.flatMap(check.violations) == [])
    }

    @Test func `the table of modules points only downwards`() throws {
        let table = ModuleTable(manifest: try #require(repository["Package.swift"]))
        try #require(table.rows.count > 5)
        for (index, row) in table.rows.enumerated() {
            let below = table.rows[..<index].map(\.name) + ["CSystem"]
            #expect(Set(row.imports).isSubset(of: below), "\(row.name) points upwards")
        }
    }

    @Test func `every folder of sources and tests is a target of the package`() throws {
        let table = ModuleTable(manifest: try #require(repository["Package.swift"]))
        let folders = Set(repository.sources.compactMap(\.target))
        #expect(folders == Set(table.rows.map(\.name)).union(["CSystem", "holdfast"]))

        let tests = Set(repository.swiftFiles.filter { $0.topFolder == "Tests" }.map(\.target))
        let tested = table.rows.filter(\.isTested).map { $0.name + "Tests" }
        #expect(tests == Set(tested).union(["TestSupport", "TidyTests"]))
    }

    @Test func `the client stands on neither the rules nor the server`() throws {
        let table = ModuleTable(manifest: try #require(repository["Package.swift"]))
        let seen = table.closure(of: ["HoldfastClient"])
        #expect(seen.contains("HoldfastWire"))
        #expect(seen.isDisjoint(with: ["HoldfastCore", "HoldfastCoordinator", "HoldfastServer"]))
    }

    @Test func `the manifest is read as written`() {
        #expect(
            planted.table.rows == [
                ModuleRow(name: "Low", isPure: true),
                ModuleRow(name: "Middle", imports: ["CLow", "Low"], isTested: false),
                ModuleRow(name: "High", imports: ["Middle"], testImports: ["Kit"]),
            ]
        )
    }

    @Test func `an import from above or beside is found`() {
        #expect(
            violations(in: "Sources/Low/A.swift", "import Middle") == ["Low may not import Middle"]
        )
        #expect(
            violations(in: "Sources/Middle/A.swift", "package import struct High.Value").count == 1
        )
        #expect(violations(in: "Sources/High/A.swift", "@preconcurrency public import Low") == [])
        #expect(violations(in: "Sources/High/A.swift", "// import Nothing") == [])
    }

    @Test func `an import of the toolchain outside its list is found`() {
        #expect(violations(in: "Sources/Low/A.swift", "import Synchronization") == [])
        #expect(violations(in: "Sources/Low/A.swift", "import Glibc").count == 1)
        #expect(violations(in: "Sources/Low/A.swift", "import Foundation").count == 1)
        #expect(violations(in: "Sources/HoldfastSystem/A.swift", "import Glibc") == [])
        #expect(violations(in: "Sources/HoldfastSystem/A.swift", "import Foundation").count == 1)
        #expect(violations(in: "Sources/High/A.swift", "import Testing").count == 1)
    }

    @Test func `a test may see its module and what the table adds for tests`() {
        let text = "import High\nimport Kit\nimport Low\nimport Testing"
        #expect(violations(in: "Tests/HighTests/A.swift", text) == [])
        #expect(violations(in: "Tests/LowTests/A.swift", text).count == 2)
    }
}
