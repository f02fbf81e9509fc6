// The table of commands. Parsing, `help`, completions and the dispatch all start here.

package enum CommandTable {
    package static let all: [CommandDescription] = CommandName.allCases.map(description)

    package static func description(of name: CommandName) -> CommandDescription {
        switch name {
        case .serve, .checkConfig: serverCommand(name)
        case .run: RunOptions.command
        case .queue, .lock, .steal: requestCommand(name)
        case .acquire, .renew, .release, .check, .clear: ticketCommand(name)
        case .status, .list, .resources, .history: viewCommand(name)
        case .watch, .top: liveCommand(name)
        case .stats, .ping, .drain: adminCommand(name)
        case .bench: BenchOptions.command
        case .journal: JournalCommand.command
        case .token: TokenCommand.command
        case .completions, .help: selfCommand(name)
        }
    }

    private static func serverCommand(_ name: CommandName) -> CommandDescription {
        let isServe = name == .serve
        return CommandDescription(
            name: name,
            group: .server,
            summary: isServe ? "run the server" : "show the settings that serve would have",
            sections: ServeOptions.sections,
            discussion: isServe
                ? "Says 'holdfast ready …' on standard error when it serves. SIGTERM stops it; no ticket "
                    + "ends by that."
                : "Prints every setting with its origin: flag, environment, file or default.",
            examples: isServe
                ? ["holdfast serve", "holdfast serve --listen 127.0.0.1:0 --max-queue 1000"]
                : ["holdfast check-config --config holdfast.conf"]
        )
    }

    private static func selfCommand(_ name: CommandName) -> CommandDescription {
        let isHelp = name == .help
        return CommandDescription(
            name: name,
            group: .tools,
            summary: isHelp ? "explain a command" : "print a completion script for a shell",
            positionals: isHelp
                ? [.optional("COMMAND", choices: CommandName.allCases.map(\.rawValue))]
                : [.required("SHELL", choices: Shell.allCases.map(\.rawValue))],
            sections: [],
            discussion: isHelp
                ? "Without COMMAND it lists the commands."
                : "SHELL is bash, zsh or fish.",
            examples: isHelp
                ? ["holdfast help run"]
                : [
                    "source <(holdfast completions bash)",
                    "holdfast completions zsh > ~/.zfunc/_holdfast",
                    "holdfast completions fish > ~/.config/fish/completions/holdfast.fish",
                ]
        )
    }

    /// The sections every client command ends with.
    static func clientSections(
        _ title: String,
        _ options: [OptionDescription],
        json: Bool = true
    ) -> [CommandDescription.Section] {
        let output =
            json
            ? OptionSections.output
            : CommandDescription.Section("General", [Options.config.description])
        let own = options.isEmpty ? [] : [CommandDescription.Section(title, options)]
        return own + [OptionSections.connection, output]
    }
}
