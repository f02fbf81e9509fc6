// Rows in columns, as wide as what they hold. Widths are counted in characters; most names are ASCII.

/// A table of texts.
package struct TextTable {
    package enum Alignment: Sendable {
        case left
        case right
    }

    package struct Column: Sendable {
        package var title: String
        package var alignment: Alignment
        package init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    package var columns: [Column]
    package private(set) var rows: [[String]] = []

    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row with a text for every column.
    package mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has a cell for every column")
        rows.append(cells.map(harmless))
    }

    /// The rows under their titles; a column without any text is left out, and so are titles alone.
    package func lines(style: Style = .plain) -> [String] {
        guard !rows.isEmpty else { return [] }
        let shown = columns.indices.filter { index in rows.contains { !$0[index].isEmpty } }
        let widths = shown.map { index in
            max(columns[index].title.count, rows.map { $0[index].count }.max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(shown, widths).map { index, width in
                pad(cells[index], to: width, columns[index].alignment)
            }
            return String(padded.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        return [style.paint(line(columns.map(\.title)), .dim)] + rows.map(line)
    }

    private func pad(_ text: String, to width: Int, _ alignment: Alignment) -> String {
        let padding = String(repeating: " ", count: max(0, width - text.count))
        return alignment == .left ? text + padding : padding + text
    }
}
