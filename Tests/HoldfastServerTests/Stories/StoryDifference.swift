// Two stories side by side: the lines that differ with a little of what stands around them, so that a failing test
// reads like the story.

/// How what came differs from what the file says.
struct StoryDifference: CustomStringConvertible {
    private var rows: [Row] = []

    private struct Row {
        var mark: Mark
        /// In the file.
        var number: Int?
        var text: String
    }

    private enum Mark: String {
        case same = " "
        case missing = "-"
        case unexpected = "+"
    }

    /// Lines shown around one that differs.
    private static let context = 3

    /// Nil where there is none.
    init?(from expected: [String], to actual: [String]) {
        let change = actual.difference(from: expected)
        guard !change.isEmpty else { return nil }
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for step in change {
            switch step {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var index = 0
        for (offset, text) in expected.enumerated() {
            if removed.contains(offset) {
                rows.append(Row(mark: .missing, number: offset + 1, text: text))
                continue
            }
            takeInserted(inserted, actual, &index)
            rows.append(Row(mark: .same, number: offset + 1, text: text))
            index += 1
        }
        takeInserted(inserted, actual, &index)
    }

    private mutating func takeInserted(_ inserted: Set<Int>, _ actual: [String], _ index: inout Int)
    {
        while inserted.contains(index) {
            rows.append(Row(mark: .unexpected, text: actual[index]))
            index += 1
        }
    }

    var description: String {
        var lines: [String] = []
        var isCut = false
        for (index, row) in rows.enumerated() {
            let around = max(0, index - Self.context)...min(rows.count - 1, index + Self.context)
            guard rows[around].contains(where: { $0.mark != .same }) else {
                isCut = true
                continue
            }
            if isCut { lines.append("     …") }
            isCut = false
            let number = row.number.map(String.init) ?? ""
            let padding = String(repeating: " ", count: max(0, 4 - number.count))
            lines.append("\(padding)\(number) \(row.mark.rawValue) \(row.text)")
        }
        if isCut { lines.append("     …") }
        return lines.joined(separator: "\n")
    }
}
