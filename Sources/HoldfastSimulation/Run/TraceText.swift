// A run as text: one line for each thing that happened, with its time; and the part of it that shows why a check
// broke.

package import HoldfastModel

/// Renders traces.
package enum TraceText {
    package static func text(of line: (at: Instant, text: String)) -> String {
        let milliseconds = line.at.nanoseconds / 1_000_000
        let digits = String(line.at.nanoseconds % 1_000_000 / 1_000)
        let micros = String(repeating: "0", count: 3 - digits.count) + digits
        return "\(milliseconds).\(micros) \(line.text)"
    }

    /// The last lines that speak of the same resource, or of everybody.
    package static func around(
        _ violation: Violation,
        in trace: [(at: Instant, text: String)],
        limit: Int = 400
    ) -> [String] {
        let lines = trace.filter { line in
            guard line.at <= violation.at else { return false }
            guard let resource = violation.resource else { return true }
            return line.text.contains(resource) || line.text.hasPrefix("--")
                || line.text.hasPrefix("**")
        }
        return lines.suffix(limit).map { text(of: $0) }
    }
}
