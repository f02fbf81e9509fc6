// The completion script for zsh, on top of its `_arguments`.

extension Completions {
    static func zsh(_ commands: [CommandDescription]) -> String {
        let names = commands.map {
            "        \(quoted("\($0.name.rawValue):\($0.summary)"))"
        }
        let cases = commands.map { command in
            let options = command.options.map(zshArgument)
            let places = command.positionals.map(zshPlace)
            let tail = command.tail == nil ? [] : ["'*::command:_normal'"]
            let all = ["'--help[show this]'"] + options + places + tail
            return "        \(command.name.rawValue)) _arguments \\\n            "
                + all.joined(separator: " \\\n            ") + " ;;"
        }
        return """
            #compdef holdfast
            # zsh completion for holdfast; save it as _holdfast in a directory of $fpath
            _holdfast() {
                local -a commands
                commands=(
            \(names.joined(separator: "\n"))
                )
                if (( CURRENT == 2 )); then
                    _describe 'command' commands
                    return
                fi
                local command="${words[2]}"
                shift words
                (( CURRENT-- ))
                case "$command" in
            \(cases.joined(separator: "\n"))
                esac
            }
            if [ "$funcstack[1]" = "_holdfast" ]; then
                _holdfast "$@"
            else
                compdef _holdfast holdfast
            fi
            """
    }

    private static func zshArgument(_ option: OptionDescription) -> String {
        let help = option.help.filter { $0 != "[" && $0 != "]" && $0 != ":" }
        let star = if case .lastWins = option.repetition { "" } else { "*" }
        guard option.placeholder != nil else { return quoted("--\(option.name)[\(help)]") }
        let values =
            option.takesFile
            ? "_files"
            : option.choices.isEmpty
                ? "" : "(\(option.choices.joined(separator: " ")))"
        return quoted("\(star)--\(option.name)=[\(help)]:\(option.name):\(values)")
    }

    private static func zshPlace(_ place: CommandDescription.Positional) -> String {
        let values = place.choices.isEmpty ? "" : "(\(place.choices.joined(separator: " ")))"
        return quoted("\(place.isRequired ? "" : ":"):\(place.name.lowercased()):\(values)")
    }
}
