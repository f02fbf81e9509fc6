// The table of modules, read from the text of Package.swift: what the build uses is what the check
// uses, so the two cannot drift apart.

/// A row of the table in Package.swift.
struct ModuleRow: Equatable {
    var name: String
    var imports: [String] = []
    var testImports: [String] = []
    var isPure = false
    var isTested = true
}

/// The modules in the order of the table, and what each may see.
struct ModuleTable: Equatable {
    var rows: [ModuleRow]

    /// Reads every `Module(name: …)` of a manifest.
    init(manifest: SourceFile) {
        let code = manifest.code
        rows = code.occurrences(of: ["Module", "(", "name", ":"]).map { start in
            Self.row(in: Array(code[start...code.closing(of: start + 1)]))
        }
    }

    subscript(name: String) -> ModuleRow? { rows.first { $0.name == name } }

    /// What a module may import: what it names, and what that names.
    func closure(of names: [String]) -> Set<String> {
        names.reduce(into: Set(names)) { all, name in
            all.formUnion(closure(of: self[name]?.imports ?? []))
        }
    }

    private static func row(in code: [Token]) -> ModuleRow {
        var row = ModuleRow(name: texts(after: "name", in: code).first ?? "")
        row.imports = texts(after: "imports", in: code)
        row.testImports = texts(after: "testImports", in: code)
        row.isPure = code.occurrences(of: ["isPure", ":", "true"]).count == 1
        row.isTested = code.occurrences(of: ["isTested", ":", "false"]).isEmpty
        return row
    }

    /// The text, or the list of texts, that a label stands before.
    private static func texts(after label: String, in code: [Token]) -> [String] {
        guard let start = code.occurrences(of: [label, ":"]).first else { return [] }
        let value = start + 2
        let end = code[value].is("[") ? code.closing(of: value) : value + 1
        return code[value..<end].filter { $0.kind == .text }.map(\.text)
    }
}
