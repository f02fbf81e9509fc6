// The completion script for fish: one line for each option of each command.

extension Completions {
    static func fish(_ commands: [CommandDescription]) -> String {
        var lines = [
            "# fish completion for holdfast; save it as ~/.config/fish/completions/holdfast.fish",
            "complete -c holdfast -f",
        ]
        for command in commands {
            lines.append(
                "complete -c holdfast -n __fish_use_subcommand -a \(command.name.rawValue)"
                    + " -d \(quoted(command.summary))"
            )
            let when = quoted("__fish_seen_subcommand_from \(command.name.rawValue)")
            for place in command.positionals where !place.choices.isEmpty {
                lines.append(
                    "complete -c holdfast -n \(when) -a \(quoted(place.choices.joined(separator: " ")))"
                )
            }
            for option in command.options {
                let value =
                    option.takesFile
                    ? " -r -F"
                    : option.placeholder == nil
                        ? "" : " -x"
                let choices =
                    option.choices.isEmpty || option.placeholder == nil
                    ? "" : " -a \(quoted(option.choices.joined(separator: " ")))"
                lines.append(
                    "complete -c holdfast -n \(when) -l \(option.name)\(value)\(choices)"
                        + " -d \(quoted(option.help))"
                )
            }
        }
        return lines.joined(separator: "\n")
    }
}
