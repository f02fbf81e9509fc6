// A run as text: one line for each thing that happened, with its time. Two runs are the same when their lines are;
// whoever looks for a fault begins with the drawing of LaneChart.

package import HoldfastModel

/// Renders traces.
package enum TraceText {
    package static func text(of line: (at: Instant, text: String)) -> String {
        let milliseconds = line.at.nanoseconds / 1_000_000
        let digits = String(line.at.nanoseconds % 1_000_000 / 1_000)
        let micros = String(repeating: "0", count: 3 - digits.count) + digits
        return "\(milliseconds).\(micros) \(line.text)"
    }
}
