// Splits the arguments of one command into options, places and what comes after `--`.

import HoldfastModel

struct FlagReader {
    let command: CommandDescription
    var arguments: ArraySlice<String>
    private(set) var found: [String: [String]] = [:]
    private(set) var positionals: [String] = []
    private(set) var tail: [String] = []

    init(command: CommandDescription, arguments: ArraySlice<String>) {
        self.command = command
        self.arguments = arguments
    }

    mutating func readAll() throws(UsageError) {
        while let argument = arguments.popFirst() {
            if argument == "--" {
                readRest()
            } else if argument.utf8.first == 0x2d, TicketID(argument) != nil {
                // One ticket id in 64 begins with a dash (rule 3); no option looks like one.
                positionals.append(argument)
            } else if argument.hasPrefix("--") {
                try readOption(String(argument.dropFirst(2)))
            } else if argument.hasPrefix("-"), argument != "-" {
                throw unknown(argument)
            } else {
                positionals.append(argument)
            }
        }
        try checkPlaces()
    }

    /// After `--` nothing is an option: it is the other command's, or a place that begins with a dash.
    private mutating func readRest() {
        if command.tail != nil {
            let missing = max(0, command.positionals.count - positionals.count)
            positionals += arguments.prefix(missing)
            tail = Array(arguments.dropFirst(missing))
        } else {
            positionals += arguments
        }
        arguments = []
    }

    private mutating func readOption(_ text: String) throws(UsageError) {
        let parts = text.atFirstEquals
        let name = parts?.name ?? text
        guard let option = command.option(named: name) else { throw unknown("--\(name)") }
        let value = if let parts { parts.value } else { try followingValue(of: option) }
        found[name, default: []].append(value)
    }

    private mutating func followingValue(
        of option: OptionDescription
    ) throws(UsageError) -> String {
        guard let placeholder = option.placeholder else { return "true" }
        guard let next = arguments.first, next != "--" else {
            throw UsageError("--\(option.name) needs a value (\(placeholder))", in: command.name)
        }
        if next.hasPrefix("--") {
            throw UsageError(
                "--\(option.name) needs a value (if '\(next)' is meant: --\(option.name)=\(next))",
                in: command.name
            )
        }
        arguments.removeFirst()
        return next
    }

    private func checkPlaces() throws(UsageError) {
        let required = command.positionals.filter(\.isRequired)
        if positionals.count < required.count {
            throw UsageError("\(required[positionals.count].name) is missing", in: command.name)
        }
        if positionals.count > command.positionals.count {
            let extra = positionals[command.positionals.count]
            let hint = command.tail == nil ? "" : "; put -- before the command"
            throw UsageError("unexpected argument '\(extra)'\(hint)", in: command.name)
        }
        if command.tail != nil, tail.isEmpty {
            throw UsageError("which command? put it after --", in: command.name)
        }
    }

    private func unknown(_ argument: String) -> UsageError {
        let names = command.options.map { "--\($0.name)" }
        let nearest = Spelling.nearest(to: argument, among: names)
        let hint = nearest.map { "; did you mean \($0)?" } ?? ""
        return UsageError("unknown option \(argument)\(hint)", in: command.name)
    }
}
