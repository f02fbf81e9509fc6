// swift-tools-version: 6.2
// The whole house: one table of modules and what each may import, one loop that gives every module
// the same settings. TidyTests reads the imports of the sources and holds them to this table.

import PackageDescription

/// A module of the house.
struct Module {
    var name: String
    var imports: [String] = []
    /// What its tests may import beyond that.
    var testImports: [String] = []
    /// Programs that its tests start; building the tests builds them.
    var testPrograms: [String] = []
    /// What its tests read from their own folder.
    var testFiles: [String] = []
    /// Folders of files whose bytes become part of the program.
    var embeddedFiles: [String] = []
    /// Pure modules call no unsafe code; strict memory safety says so where one does.
    var isPure = false
    var isTested = true
}

let modules = [
    Module(name: "HoldfastModel", isPure: true),
    Module(name: "HoldfastCore", imports: ["HoldfastModel"], isPure: true),
    Module(name: "HoldfastWire", imports: ["HoldfastModel"], isPure: true),
    Module(name: "HoldfastHTTPCodec", isPure: true),
    Module(name: "HoldfastSystem", imports: ["CSystem", "HoldfastModel"]),
    Module(
        name: "HoldfastJournal",
        imports: ["HoldfastCore"],
        testImports: ["HoldfastSimulation"],
        isPure: true
    ),
    Module(
        name: "HoldfastFuzzing",
        imports: ["HoldfastWire", "HoldfastJournal", "HoldfastHTTPCodec"],
        testFiles: ["Corpus"]
    ),
    Module(
        name: "HoldfastCoordinator",
        imports: ["HoldfastCore", "HoldfastJournal"],
        testImports: ["HoldfastSimulation"],
        isPure: true
    ),
    Module(
        name: "HoldfastServer",
        imports: [
            "HoldfastCoordinator", "HoldfastWire", "HoldfastHTTPCodec", "HoldfastSystem",
        ],
        testImports: ["HoldfastSimulation"],
        testFiles: ["Scenarios"],
        embeddedFiles: ["HTTP/Dashboard/Assets"]
    ),
    Module(
        name: "HoldfastClient",
        imports: ["HoldfastWire", "HoldfastSystem"],
        testImports: ["HoldfastSimulation"]
    ),
    Module(
        name: "HoldfastSimulation",
        imports: ["HoldfastServer", "HoldfastClient"]
    ),
    Module(name: "HoldfastTestServer", imports: ["HoldfastServer", "HoldfastClient"]),
    Module(
        name: "HoldfastCLI",
        imports: ["HoldfastServer", "HoldfastClient"],
        testPrograms: ["holdfast"]
    ),
]

/// `HOLDFAST_ONLY=HoldfastCore,HoldfastWire` builds these modules, what they import, and their tests: a check
/// of one module need not wait for the whole house.
let only = Context.environment["HOLDFAST_ONLY"]?.split(separator: ",").map { name in
    // A name that is not here would build nothing, test nothing, and pass.
    guard modules.contains(where: { $0.name == name }) else {
        fatalError("HOLDFAST_ONLY: there is no module \(name)")
    }
    return String(name)
}

let testedModules = modules.filter { $0.isTested && only?.contains($0.name) ?? true }

let builtModules = modules.filter { module in
    only == nil
        || testedModules.contains { tested in
            ([tested.name] + tested.testImports).flatMap(closure).contains(module.name)
        }
}

/// What a module may import: what it names, and what that names.
func closure(of name: String) -> [String] {
    guard let module = modules.first(where: { $0.name == name }) else { return [name] }
    var all = [name]
    for dependency in module.imports.flatMap(closure) where !all.contains(dependency) {
        all.append(dependency)
    }
    return all
}

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

/// Every module in the closures of these, once: a target names all it may import.
func dependencies(on names: [String]) -> [Target.Dependency] {
    names.flatMap(closure).reduce(into: [String]()) { all, name in
        if !all.contains(name) { all.append(name) }
    }.map { .target(name: $0) }
}

let libraries: [Target] =
    builtModules.map { module in
        .target(
            name: module.name,
            dependencies: dependencies(on: module.imports),
            resources: module.embeddedFiles.map { .embedInCode($0) },
            swiftSettings: settings + (module.isPure ? [.strictMemorySafety()] : [])
        )
    }
    + testedModules.map { module in
        .testTarget(
            name: module.name + "Tests",
            dependencies: dependencies(on: [module.name] + module.testImports)
                + ["TestSupport"] + module.testPrograms.map { .target(name: $0) },
            exclude: module.testFiles,
            swiftSettings: settings
        )
    }
    + [
        .target(name: "CSystem"),
        // What the tests of several modules share.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    ]

/// Programs that tests start; they stay where their tests do.
let testedPrograms: [Target] = [
    .executableTarget(
        name: "holdfast",
        dependencies: ["HoldfastCLI"],
        swiftSettings: settings
    )
].filter { program in testedModules.contains { $0.testPrograms.contains(program.name) } }

let programs: [Target] = [
    .testTarget(name: "TidyTests", swiftSettings: settings),
    .target(name: "CCounting", path: "Benchmarks/CCounting"),
    .executableTarget(
        name: "holdfast-count",
        dependencies: ["CCounting"] + dependencies(on: ["HoldfastServer"]),
        path: "Benchmarks/Counting",
        exclude: ["instructions.json", "thresholds.json"],
        swiftSettings: settings
    ),
    .executableTarget(
        name: "holdfast-sim",
        dependencies: dependencies(on: ["HoldfastSimulation"]),
        path: "Benchmarks/Simulating",
        swiftSettings: settings
    ),
]

let package = Package(
    name: "holdfast",
    products: only != nil
        ? []
        : [
            .executable(name: "holdfast", targets: ["holdfast"]),
            .library(name: "HoldfastClient", targets: ["HoldfastClient"]),
            .library(name: "HoldfastTestServer", targets: ["HoldfastTestServer"]),
        ],
    targets: libraries + testedPrograms + (only == nil ? programs : [])
)
