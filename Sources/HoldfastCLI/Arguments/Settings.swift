// The settings of one invocation: flags over environment over file over default, each with its origin,
// so that `check-config` can say where a value comes from and an error can name the place.

/// Where a value was found.
package enum Origin: Equatable, Sendable {
    case flag
    case environment(String)
    case file(String, line: Int)
    case builtIn

    /// Of two the lower one counts.
    package var rank: Int {
        switch self {
        case .flag: 0
        case .environment: 1
        case .file: 2
        case .builtIn: 3
        }
    }

    /// As messages name it: "--lease", "HOLDFAST_LEASE", "holdfast.conf:3".
    package func place(of option: String) -> String {
        switch self {
        case .flag, .builtIn: "--\(option)"
        case .environment(let name): name
        case .file(let name, let line): "\(name):\(line)"
        }
    }

    /// As `check-config` shows it.
    package var label: String {
        switch self {
        case .flag: "flag"
        case .environment(let name): "environment \(name)"
        case .file(let name, let line): "file \(name):\(line)"
        case .builtIn: "default"
        }
    }
}

/// What was asked for, every value checked and typed.
package struct Settings: Sendable {
    package struct Entry: Sendable {
        package var text: String
        package var value: any OptionValue
        package var origin: Origin
    }

    package var command: CommandDescription
    package var entries: [String: [Entry]] = [:]
    package var positionals: [String] = []
    /// What came after `--` for a command that starts another.
    package var tail: [String] = []

    package init(command: CommandDescription) { self.command = command }

    /// The value of an option, or nil where nobody set it.
    package subscript<Value>(_ option: Option<Value>) -> Value? {
        all(option).last
    }

    /// Every value of an option that may repeat, in the order given.
    package func all<Value>(_ option: Option<Value>) -> [Value] {
        precondition(
            command.option(named: option.description.name) != nil,
            "\(command.name.rawValue) has no option --\(option.description.name)"
        )
        return (entries[option.description.name] ?? []).compactMap { $0.value as? Value }
    }

    /// Whether it was said nearer by than the other: a flag wins over a variable that means the same.
    package func isNearer<One, Other>(_ option: Option<One>, than other: Option<Other>) -> Bool {
        func rank(_ name: String) -> Int { entries[name]?.last?.origin.rank ?? .max }
        return rank(option.description.name) < rank(other.description.name)
    }

    /// Whether a switch is on.
    package func isOn(_ option: Option<Bool>) -> Bool { self[option] ?? false }

    package func positional(_ index: Int) -> String? {
        index < positionals.count ? positionals[index] : nil
    }
}
