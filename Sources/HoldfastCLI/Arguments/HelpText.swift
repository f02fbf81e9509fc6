// What `help` prints, made from the table of commands. Pure text; colour would only get in the way of
// paging and searching.

package enum HelpText {
    private static let width = 88

    /// The list of commands.
    package static func overview(of commands: [CommandDescription]) -> String {
        var lines = [
            "holdfast: locks for shells, services and people", "",
            "Usage: holdfast COMMAND [arguments] [options]",
        ]
        let column = (commands.map(\.name.rawValue.count).max() ?? 0) + 4
        for group in CommandDescription.Group.allCases {
            lines += ["", "\(group.rawValue):"]
            for command in commands where command.group == group {
                lines.append(row("  \(command.name.rawValue)", command.summary, column: column))
            }
        }
        lines += [
            "", "'holdfast help COMMAND' explains one. An option --some-flag can also be set as",
            "HOLDFAST_SOME_FLAG in the environment, or as 'some-flag = …' in the file of --config;",
            "flags win over the environment, the environment over the file.",
        ]
        return lines.joined(separator: "\n")
    }

    /// Everything about one command.
    package static func page(of command: CommandDescription) -> String {
        var lines = ["holdfast \(command.name.rawValue): \(command.summary)", ""]
        lines.append("Usage: \(command.usage)")
        lines.append("")
        lines += wrapped(command.discussion, width: width)
        let shown = command.sections.map { section in
            CommandDescription.Section(section.title, section.options)
        }
        let heads = shown.flatMap(\.options).map(head)
        let column = min((heads.map(\.count).max() ?? 0) + 2, 34)
        for section in shown where !section.options.isEmpty {
            lines += ["", "\(section.title):"]
            for option in section.options { lines += rows(of: option, column: column) }
        }
        if !command.examples.isEmpty {
            lines += ["", "Examples:"] + command.examples.map { "  \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    private static func head(of option: OptionDescription) -> String {
        "  --\(option.name)" + (option.placeholder.map { " \($0)" } ?? "")
    }

    private static func rows(of option: OptionDescription, column: Int) -> [String] {
        let fallback = option.fallback.map { " (default \($0))" } ?? ""
        let texts = wrapped(option.help + fallback, width: width - column)
        let head = head(of: option)
        let padding = String(repeating: " ", count: column)
        guard head.count + 2 <= column else { return [head] + texts.map { padding + $0 } }
        return texts.enumerated().map { index, text in
            index == 0 ? row(head, text, column: column) : padding + text
        }
    }

    private static func row(_ head: String, _ text: String, column: Int) -> String {
        head + String(repeating: " ", count: max(2, column - head.count)) + text
    }

    /// Breaks at spaces; a word longer than the line stands alone.
    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
