// What `bench` prints: progress while it runs, then throughput, percentiles and a text histogram. Pure,
// from counts and a histogram.

package import HoldfastModel

/// The outcome of a measurement.
package struct BenchReport: Sendable {
    package var cycles: UInt64
    package var errors: UInt64
    package var elapsed: Interval
    /// From the sending of the acquire to its grant.
    package var acquire: Histogram
    package var release: Histogram
    package var connections: Int
    package var pipeline: Int

    package init(
        cycles: UInt64 = 0,
        errors: UInt64 = 0,
        elapsed: Interval,
        acquire: Histogram = Histogram(),
        release: Histogram = Histogram(),
        connections: Int,
        pipeline: Int
    ) {
        self.cycles = cycles
        self.errors = errors
        self.elapsed = elapsed
        self.acquire = acquire
        self.release = release
        self.connections = connections
        self.pipeline = pipeline
    }

    package static let percentiles = [50.0, 90, 99, 99.9]

    package var cyclesPerSecond: Double {
        elapsed > .zero ? Double(cycles) / elapsed.seconds : 0
    }

    /// For people.
    package func lines(style: Style) -> [String] {
        var lines = [
            "\(style.paint(grouped(Int(cyclesPerSecond.rounded())), .bold)) cycles/s"
                + "  (\(grouped(Int(cycles))) in \(elapsed.text), \(connections) connections"
                + " × \(pipeline))"
        ]
        if errors > 0 { lines.append(style.paint("\(errors) errors", .red)) }
        var table = TextTable(
            [TextTable.Column("")]
                + (BenchReport.percentiles.map { "p\(BenchReport.text(of: $0))" } + ["max", "mean"])
                .map { TextTable.Column($0, .right) }
        )
        for (name, histogram) in [("acquire", acquire), ("release", release)] {
            let values = BenchReport.percentiles.map(histogram.percentile) + [histogram.maximum]
            table.add(
                [name] + values.map(LatencyText.text)
                    + [LatencyText.text(Int64(histogram.mean.rounded()))]
            )
        }
        return lines + [""] + table.lines(style: style) + ["", "acquire latency"]
            + BenchReport.bars(of: acquire, style: style)
    }

    /// One object, for programs.
    package var json: String {
        func object(_ histogram: Histogram) -> String {
            let parts = BenchReport.percentiles.map {
                "\"p\(BenchReport.text(of: $0))\":\(microseconds(histogram.percentile($0)))"
            }
            return "{" + parts.joined(separator: ",")
                + ",\"max\":\(microseconds(histogram.maximum))"
                + ",\"mean\":\(microseconds(Int64(histogram.mean.rounded())))}"
        }
        return "{\"cycles\":\(cycles),\"errors\":\(errors),\"seconds\":\(elapsed.seconds)"
            + ",\"cyclesPerSecond\":\(Int(cyclesPerSecond.rounded()))"
            + ",\"connections\":\(connections),\"pipeline\":\(pipeline)"
            + ",\"acquireMicroseconds\":\(object(acquire))"
            + ",\"releaseMicroseconds\":\(object(release))}"
    }

    /// How the values spread, one line for each doubling; the bars are relative to the longest.
    package static func bars(of histogram: Histogram, style: Style) -> [String] {
        guard histogram.count > 0 else { return ["  nothing was measured"] }
        var lower: Int64 = 1_024
        while lower * 2 <= histogram.minimum { lower *= 2 }
        var rows: [(below: Int64, count: UInt64)] = []
        var from: Int64 = 0
        while from <= histogram.maximum {
            let below = from == 0 ? lower * 2 : from * 2
            rows.append((below, histogram.count(from: from, below: below)))
            from = below
        }
        let most = rows.map(\.count).max() ?? 1
        let width = rows.map { LatencyText.text($0.below).count }.max() ?? 0
        var seen: UInt64 = 0
        return rows.map { row in
            seen += row.count
            let cells = Int((Double(row.count) / Double(most) * 40).rounded(.up))
            let bar = String(repeating: "█", count: cells)
            let label = LatencyText.text(row.below)
            let padding = String(repeating: " ", count: width - label.count)
            let share = Double(seen) / Double(histogram.count) * 100
            return "  < \(padding)\(label) \(style.paint(bar, .blue))"
                + String(repeating: " ", count: 41 - cells) + "\(hundredths(share)) %"
        }
    }

    private static func text(of percent: Double) -> String {
        percent == percent.rounded() ? "\(Int(percent))" : "\(percent)"
    }

    private static func hundredths(_ value: Double) -> String {
        let scaled = Int((value * 100).rounded(.down))
        return "\(scaled / 100).\(String(scaled % 100 + 100).dropFirst())"
    }

    private func microseconds(_ nanoseconds: Int64) -> Double {
        (Double(nanoseconds) / 100).rounded() / 10
    }

    private func grouped(_ number: Int) -> String {
        var digits = String(number)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return ([digits] + groups).joined(separator: ",")
    }
}
