// The file of `--config`: `flag = value` lines, `#` comments. Everything in it is an option of the
// command that reads it; anything else is an error with its line, because a setting that is silently
// ignored is found out at night.

package enum ConfigurationFile {
    package struct Line: Equatable {
        package var key: String
        package var value: String
        package var origin: Origin
    }

    package static func lines(
        of text: String,
        named file: String,
        for command: CommandDescription
    ) throws(UsageError) -> [Line] {
        var lines: [Line] = []
        let rows = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, row) in rows.enumerated() {
            let content = withoutComment(row).trimmingSpaces()
            if content.isEmpty { continue }
            let origin = Origin.file(file, line: index + 1)
            let line = try line(content, at: origin, for: command)
            if let option = command.option(named: line.key), case .lastWins = option.repetition,
                lines.contains(where: { $0.key == line.key })
            {
                throw UsageError(
                    "\(file):\(index + 1): '\(line.key)' is set twice",
                    in: command.name
                )
            }
            lines.append(line)
        }
        return lines
    }

    /// A `#` begins a comment at the start of a line or after a blank; elsewhere it belongs to the value.
    private static func withoutComment(_ row: Substring) -> Substring {
        var isAfterBlank = true
        for index in row.indices {
            if row[index] == "#", isAfterBlank { return row[..<index] }
            isAfterBlank = row[index] == " " || row[index] == "\t"
        }
        return row
    }

    private static func line(
        _ content: String,
        at origin: Origin,
        for command: CommandDescription
    ) throws(UsageError) -> Line {
        let place = origin.place(of: "")
        guard let parts = content.atFirstEquals else {
            throw UsageError("\(place): '\(content)' is not 'flag = value'", in: command.name)
        }
        let key = parts.name.trimmingSpaces()
        guard command.option(named: key) != nil, key != "config" else {
            let names = command.options.map(\.name).filter { $0 != key }
            let nearest = Spelling.nearest(to: key, among: names)
            let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
            throw UsageError("\(place): unknown key '\(key)'\(hint)", in: command.name)
        }
        return Line(key: key, value: parts.value.trimmingSpaces(), origin: origin)
    }
}

extension String {
    /// What stands before and behind the first equals sign; nil where there is none.
    ///
    /// By bytes: with a mark behind it that combines, the sign would be another character.
    var atFirstEquals: (name: String, value: String)? {
        guard let equals = utf8.firstIndex(of: 0x3d) else { return nil }
        let value = utf8[utf8.index(after: equals)...]
        return (String(Substring(utf8[..<equals])), String(Substring(value)))
    }
}

extension StringProtocol {
    /// Without the spaces and tabs at both ends.
    func trimmingSpaces() -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        var rest = self[...]
        while let first = rest.first, isBlank(first) { rest = rest.dropFirst() }
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return String(rest)
    }
}
