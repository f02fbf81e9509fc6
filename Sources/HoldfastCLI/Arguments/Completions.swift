// Completion scripts, made from the table of commands. The scripts hold the whole table: completing asks
// no server and starts no process.

/// The shells there are completions for.
package enum Shell: String, ChoiceValue {
    case bash
    case zsh
    case fish
}

package enum Completions {
    /// The script for one shell.
    package static func script(for shell: Shell, commands: [CommandDescription]) -> String {
        switch shell {
        case .bash: bash(commands)
        case .zsh: zsh(commands)
        case .fish: fish(commands)
        }
    }

    /// In single quotes, for any of the shells.
    static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
