// The picture of `top`: a function from what is known and the size of the terminal to lines. Everything
// fits its width; what does not is cut with an ellipsis.

import HoldfastModel

package struct TopPicture {
    package struct Canvas: Equatable, Sendable {
        package var columns: Int
        package var rows: Int
        package var style: Style
        /// Whether the terminal knows block characters.
        package var hasBlocks: Bool

        package init(columns: Int, rows: Int, style: Style = .plain, hasBlocks: Bool = true) {
            self.columns = columns
            self.rows = rows
            self.style = style
            self.hasBlocks = hasBlocks
        }
    }

    private let model: TopModel
    private let canvas: Canvas

    /// Rows that are not the table's: two of numbers, a blank, the titles, the keys.
    private static let otherRows = 6

    /// How many resources fit.
    package static func pageRows(of canvas: Canvas) -> Int { max(1, canvas.rows - otherRows) }

    package init(of model: TopModel, on canvas: Canvas) {
        self.model = model
        self.canvas = canvas
    }

    /// As many lines as the canvas has rows.
    package var lines: [String] {
        let page = TopPicture.pageRows(of: canvas)
        let rows = Array(model.rows.dropFirst(model.firstRow).prefix(page))
        var lines = header + ["", titles] + rows.map(line)
        if model.rows.isEmpty { lines.append(cut("nothing is locked\(filterNote)")) }
        let blank = max(0, canvas.rows - 1 - lines.count)
        lines += Array(repeating: "", count: blank)
        return Array(lines.prefix(canvas.rows - 1)) + [footer]
    }

    /// Without what only makes sense on a screen: for pipes and `--once`.
    package var plainLines: [String] {
        let rows = model.rows.isEmpty ? ["nothing is locked\(filterNote)"] : model.rows.map(line)
        return (header + ["", titles] + rows).map(TopPicture.withoutBlanks)
    }

    private var filterNote: String { model.prefix.isEmpty ? "" : " below \(model.prefix)" }

    // MARK: Numbers

    private var header: [String] {
        let counters = model.counters
        let state =
            model.trouble.map { style($0, .red) }
            ?? (model.isPaused ? style("paused", .yellow) : "up \(counters.uptime.text)")
        let rates = model.rates
        return [
            join(style("holdfast", .bold), model.server, state),
            join(
                "\(bold(rate(rates?.grants))) grants/s",
                "\(bold(rate(rates?.requests))) requests/s",
                "\(bold(count(counters.held))) held",
                "\(bold(count(counters.waiting))) waiting",
                "\(bold(count(counters.connections))) connections"
            ),
            join(
                grantLine,
                "\(count(counters.resources)) resources",
                "\(count(counters.granted)) granted",
                "\(count(counters.expired)) expired",
                "\(count(counters.lost)) lost",
                "\(count(counters.stolen)) stolen"
            ),
        ]
    }

    /// Parts side by side, as many as fit.
    private func join(_ parts: String...) -> String {
        var line = ""
        var width = 0
        for part in parts where !part.isEmpty {
            let needed = TopPicture.width(of: part) + (width == 0 ? 0 : 3)
            guard width + needed <= canvas.columns else { continue }
            line += (width == 0 ? "" : "   ") + part
            width += needed
        }
        return line
    }

    private func rate(_ value: Double?) -> String {
        value.map { count(Int($0.rounded())) } ?? "-"
    }

    /// "1,234", from a hundred thousand on "123k", "12.3M".
    private func count(_ value: Int) -> String {
        switch value {
        case ..<1_000: "\(value)"
        case ..<100_000: "\(value / 1_000),\(String(value % 1_000 + 1_000).dropFirst())"
        case ..<1_000_000: "\(value / 1_000)k"
        default: "\(value / 1_000_000).\(value / 100_000 % 10)M"
        }
    }

    // MARK: Table

    private struct Widths {
        var resource: Int
        var holder: Int
        static let age = 5
        static let lease = 15
        static let queue = 17
        static let wait = 5
        /// Blanks between six columns, two each.
        static let gaps = 10
    }

    private var widths: Widths {
        let fixed = Widths.age + Widths.lease + Widths.queue + Widths.wait + Widths.gaps
        let free = max(16, canvas.columns - fixed)
        let resource = max(8, free * 3 / 5)
        return Widths(resource: resource, holder: max(8, free - resource))
    }

    private var titles: String {
        let widths = widths
        let row = [
            pad("RESOURCE", widths.resource), pad("HOLDER", widths.holder),
            padLeft("AGE", Widths.age), pad("LEASE", Widths.lease), pad("QUEUE", Widths.queue),
            padLeft("WAIT", Widths.wait),
        ]
        return style(cut(row.joined(separator: "  ")), .dim)
    }

    private func line(_ row: TopModel.Row) -> String {
        let widths = widths
        let more = row.holderCount > 1 ? " +\(row.holderCount - 1)" : ""
        let holder = row.holderCount == 0 ? "-" : row.holder
        let cells = [
            pad(row.resource, widths.resource),
            pad(pad(holder, min(holder.count, widths.holder - more.count)) + more, widths.holder),
            padLeft(row.age.map(\.shortText) ?? "", Widths.age), leaseCell(row), queueCell(row),
            padLeft(row.queueLength > 0 ? row.oldestWait.shortText : "", Widths.wait),
        ]
        return cut(cells.joined(separator: "  "))
    }

    /// How much of the lease remains: green, yellow from a half on, red from a quarter on.
    private func leaseCell(_ row: TopModel.Row) -> String {
        if let closed = row.closedFor, row.holderCount == 0 {
            return style(pad("closed \(closed.shortText)", Widths.lease), .yellow)
        }
        guard let remaining = row.remaining, let lease = row.leaseSeen, lease > .zero else {
            return pad("", Widths.lease)
        }
        let part = min(1, max(0, remaining.seconds / lease.seconds))
        let tone: Style.Tone = part > 0.5 ? .green : part > 0.25 ? .yellow : .red
        let bar = bar(part, cells: Widths.lease - 5, rest: canvas.hasBlocks ? "░" : ".")
        return style(bar, tone) + padLeft(remaining.shortText, 5)
    }

    /// The length of the queue, as a bar relative to the longest one shown.
    private func queueCell(_ row: TopModel.Row) -> String {
        guard row.queueLength > 0 else { return pad("", Widths.queue) }
        let longest = model.rows.map(\.queueLength).max() ?? row.queueLength
        let part = Double(row.queueLength) / Double(longest)
        return style(bar(part, cells: Widths.queue - 8, rest: " "), .blue)
            + padLeft(count(row.queueLength), 8)
    }

    /// At least a sliver for anything that is not nothing.
    private func bar(_ part: Double, cells: Int, rest: Character) -> String {
        let eighths = max(part > 0 ? 1 : 0, Int((part * Double(cells * 8)).rounded()))
        guard canvas.hasBlocks else {
            let full = max(part > 0 ? 1 : 0, eighths / 8)
            return String(repeating: "#", count: full)
                + String(repeating: rest, count: cells - full)
        }
        let tips = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        let (full, tip) = (eighths / 8, tips[eighths % 8])
        return String(repeating: "█", count: full) + tip
            + String(repeating: rest, count: max(0, cells - full - tip.count))
    }

    /// The last rates of grants as a line of bars, the highest as high as the line.
    private var grantLine: String {
        guard canvas.hasBlocks, let highest = model.pastGrants.max(), highest > 0 else { return "" }
        let heights = Array("▁▂▃▄▅▆▇█")
        let bars = model.pastGrants.suffix(max(0, canvas.columns / 4)).map { rate in
            rate == 0 ? " " : heights[min(7, Int(rate / highest * 7.99))]
        }
        return style(String(bars), .green)
    }

    private var footer: String {
        if let typed = model.editedPrefix { return cut("filter by prefix: \(typed)_") }
        let filter = model.prefix.isEmpty ? "" : ": \(model.prefix)"
        let shown =
            model.rows.isEmpty ? "" : "   \(model.firstRow + 1) of \(model.rows.count)"
        return style(
            cut("q quit   s sort: \(model.order.rawValue)   / filter\(filter)   p pause\(shown)"),
            .dim
        )
    }

    // MARK: Text

    private func style(_ text: String, _ tone: Style.Tone) -> String {
        canvas.style.paint(text, tone)
    }

    private func bold(_ text: String) -> String { style(text, .bold) }

    /// Cut to the screen; coloured text is left whole where it fits.
    private func cut(_ text: String) -> String {
        TopPicture.width(of: text) <= canvas.columns
            ? text : TopPicture.cut(TopPicture.withoutColour(text), to: canvas.columns)
    }

    private func pad(_ text: String, _ width: Int) -> String {
        let text = TopPicture.cut(text, to: width)
        return text + String(repeating: " ", count: width - text.count)
    }

    private func padLeft(_ text: String, _ width: Int) -> String {
        let text = TopPicture.cut(text, to: width)
        return String(repeating: " ", count: width - text.count) + text
    }

    private static func withoutBlanks(_ text: String) -> String {
        String(text.reversed().drop { $0 == " " }.reversed())
    }

    private static func cut(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        return width > 0 ? text.prefix(width - 1) + "…" : ""
    }

    /// How much room a text takes.
    private static func width(of text: String) -> Int { withoutColour(text).count }

    private static func withoutColour(_ text: String) -> String {
        var isInEscape = false
        return text.filter { character in
            if character == "\u{1b}" { isInEscape = true }
            defer { if character == "m" { isInEscape = false } }
            return !isInEscape
        }
    }
}
