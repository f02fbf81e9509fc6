// Durations as people read them: two units at most, no more digits than matter.

package import HoldfastModel

extension Interval {
    /// "0.25 s", "7.5 s", "42 s", "3 m 05 s", "2 h 10 m", "3 d 4 h".
    package var text: String {
        let total = max(0, nanoseconds)
        let whole = total / 1_000_000_000
        switch whole {
        case ..<10: return fraction(of: total)
        case ..<60: return "\(whole) s"
        case ..<3_600: return "\(whole / 60) m \(padded(whole % 60)) s"
        case ..<86_400: return "\(whole / 3_600) h \(padded(whole % 3_600 / 60)) m"
        default: return "\(whole / 86_400) d \(whole % 86_400 / 3_600) h"
        }
    }

    /// The same in one column of at most four characters: "250m" is no unit, so "0.2s", "42s", "3m", "2h".
    package var shortText: String {
        let whole = max(0, nanoseconds) / 1_000_000_000
        switch whole {
        case ..<10:
            return
                "\(max(0, nanoseconds) / 100_000_000 / 10).\(max(0, nanoseconds) / 100_000_000 % 10)s"
        case ..<100: return "\(whole)s"
        case ..<6_000: return "\(whole / 60)m"
        case ..<360_000: return "\(whole / 3_600)h"
        default: return "\(whole / 86_400)d"
        }
    }

    private func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Below ten seconds hundredths count, without zeros at the end.
    private func fraction(of nanoseconds: Int64) -> String {
        let hundredths = nanoseconds / 10_000_000
        let (seconds, rest) = (hundredths / 100, hundredths % 100)
        if rest == 0 { return "\(seconds) s" }
        return rest % 10 == 0 ? "\(seconds).\(rest / 10) s" : "\(seconds).\(padded(rest)) s"
    }
}

/// Latencies: nanoseconds with three digits that matter and a unit.
package enum LatencyText {
    package static func text(_ nanoseconds: Int64) -> String {
        switch nanoseconds {
        case ..<1_000: "\(nanoseconds) ns"
        case ..<1_000_000: scaled(nanoseconds, by: 1_000, unit: "µs")
        case ..<1_000_000_000: scaled(nanoseconds, by: 1_000_000, unit: "ms")
        default: scaled(nanoseconds, by: 1_000_000_000, unit: "s")
        }
    }

    private static func scaled(_ value: Int64, by factor: Int64, unit: String) -> String {
        let hundredths = value * 100 / factor
        let whole = hundredths / 100
        let digits = hundredths % 100
        let text =
            switch whole {
            case 100...: "\(whole)"
            case 10...: "\(whole).\(digits / 10)"
            default: "\(whole).\(digits / 10)\(digits % 10)"
            }
        return "\(text) \(unit)"
    }
}
