// Reads a command line against the table of commands. It knows no command by name: what is not in the
// table does not exist.

/// What a command line asks for.
package enum Invocation: Sendable {
    case run(Settings)
    case help(CommandDescription?)
    case version
}

package struct ArgumentParser {
    package var commands: [CommandDescription]
    package var environment: [String: String]
    /// Reads a configuration file; nil where it cannot be read.
    package var readFile: (String) -> String?

    package init(
        commands: [CommandDescription],
        environment: [String: String],
        readFile: @escaping (String) -> String?
    ) {
        self.commands = commands
        self.environment = environment
        self.readFile = readFile
    }

    /// `arguments` without the name of the program.
    package func parse(_ arguments: [String]) throws(UsageError) -> Invocation {
        guard let first = arguments.first else { throw UsageError("which command?") }
        let flags = arguments.prefix { $0 != "--" }
        let asksForHelp = flags.contains { $0 == "--help" || $0 == "-h" }
        if flags.contains("--version") { return .version }
        if first.hasPrefix("-") {
            if asksForHelp { return .help(nil) }
            throw UsageError("the command comes first, then options such as \(first)")
        }
        let command = try command(named: first)
        if asksForHelp { return .help(command) }
        if command.name == .help {
            return .help(try arguments.dropFirst().first.map(self.command(named:)))
        }
        return .run(try settings(of: command, from: Array(arguments.dropFirst())))
    }

    private func command(named name: String) throws(UsageError) -> CommandDescription {
        if let command = commands.first(where: { $0.name.rawValue == name }) { return command }
        let names = commands.map(\.name.rawValue)
        let hint = Spelling.nearest(to: name, among: names).map { "; did you mean '\($0)'?" }
        throw UsageError("there is no command '\(name)'\(hint ?? "")")
    }

    private func settings(
        of command: CommandDescription,
        from arguments: [String]
    ) throws(UsageError) -> Settings {
        var reader = FlagReader(command: command, arguments: arguments[...])
        try reader.readAll()
        var settings = Settings(command: command)
        settings.positionals = reader.positionals
        settings.tail = reader.tail
        let file = try configuration(of: command, named: reader.found["config"]?.last)
        for option in command.options {
            settings.entries[option.name] = try entries(
                of: option,
                in: command.name,
                from: sources(of: option, flags: reader.found, file: file)
            )
        }
        return settings
    }

    /// Flags, else the environment, else the file: the first that has any decides alone.
    private func sources(
        of option: OptionDescription,
        flags: [String: [String]],
        file: [ConfigurationFile.Line]
    ) -> [(text: String, origin: Origin)] {
        if let texts = flags[option.name] { return texts.map { ($0, .flag) } }
        if option.readsEnvironment, let text = environment[option.environmentName], !text.isEmpty {
            return [(text, .environment(option.environmentName))]
        }
        return file.filter { $0.key == option.name }.map { ($0.value, $0.origin) }
    }

    private func entries(
        of option: OptionDescription,
        in command: CommandName,
        from sources: [(text: String, origin: Origin)]
    ) throws(UsageError) -> [Settings.Entry]? {
        var entries: [Settings.Entry] = []
        for source in sources {
            let place = source.origin.place(of: option.name)
            for text in option.texts(in: source.text) {
                do {
                    let value = try option.read(text)
                    entries.append(Settings.Entry(text: text, value: value, origin: source.origin))
                } catch {
                    throw UsageError("\(place): \(error.problem)", in: command)
                }
            }
        }
        guard let last = entries.last else { return nil }
        switch option.repetition {
        case .lastWins: return [last]
        case .adds, .addsByCommas: return entries
        }
    }

    private func configuration(
        of command: CommandDescription,
        named flag: String?
    ) throws(UsageError) -> [ConfigurationFile.Line] {
        guard command.option(named: "config") != nil else { return [] }
        guard let name = flag ?? environment["HOLDFAST_CONFIG"], !name.isEmpty else { return [] }
        guard let text = readFile(name) else {
            throw UsageError("cannot read the configuration file \(name)", in: command.name)
        }
        return try ConfigurationFile.lines(of: text, named: name, for: command)
    }
}

extension OptionDescription {
    /// The values in one text: several where commas separate them.
    fileprivate func texts(in text: String) -> [String] {
        switch repetition {
        case .lastWins, .adds: [text]
        case .addsByCommas: text.split(separator: ",").map { $0.trimmingSpaces() }
        }
    }
}
