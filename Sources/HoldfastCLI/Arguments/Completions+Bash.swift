// The completion script for bash: words by command, values by option, commands after `--`.

extension Completions {
    static func bash(_ commands: [CommandDescription]) -> String {
        let names = commands.map(\.name.rawValue).joined(separator: " ")
        let cases = commands.map { command in
            let flags = command.options.map { "--\($0.name)" } + ["--help"]
            let places = command.positionals.flatMap(\.choices)
            return
                "        \(command.name.rawValue)) words=\"\((places + flags).joined(separator: " "))\" ;;"
        }
        // One option has the same values in every command that has it.
        let values = uniqueOptions(of: commands).compactMap { option -> String? in
            if option.takesFile { return "        --\(option.name)) files=yes ;;" }
            guard option.placeholder != nil else { return nil }
            return "        --\(option.name)) words=\"\(option.choices.joined(separator: " "))\" ;;"
        }
        return """
            # bash completion for holdfast; load it with: source <(holdfast completions bash)
            _holdfast() {
                local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
                local words="" files="" index
                COMPREPLY=()
                if [ "$COMP_CWORD" -eq 1 ]; then
                    COMPREPLY=($(compgen -W "\(names) --help --version" -- "$current"))
                    return
                fi
                for ((index = 2; index < COMP_CWORD; index++)); do
                    if [ "${COMP_WORDS[index]}" = "--" ]; then
                        COMPREPLY=($(compgen -c -- "$current"))
                        return
                    fi
                done
                case "$previous" in
            \(values.joined(separator: "\n"))
                    *)
                        case "${COMP_WORDS[1]}" in
            \(cases.map { "        " + $0 }.joined(separator: "\n"))
                        esac
                        ;;
                esac
                if [ -n "$files" ]; then
                    COMPREPLY=($(compgen -f -- "$current"))
                else
                    COMPREPLY=($(compgen -W "$words" -- "$current"))
                fi
            }
            complete -F _holdfast holdfast
            """
    }

    /// Options by name, each once.
    private static func uniqueOptions(of commands: [CommandDescription]) -> [OptionDescription] {
        var seen: Set<String> = []
        return commands.flatMap(\.options).filter { seen.insert($0.name).inserted }
    }
}
