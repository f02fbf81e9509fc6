// Colour, where it is wanted: on a terminal, and not against NO_COLOR (no-color.org's convention: any
// text that is not empty means no).

/// How text may look.
package struct Style: Hashable, Sendable {
    package var isColoured: Bool

    package init(isColoured: Bool) { self.isColoured = isColoured }

    package static let plain = Style(isColoured: false)

    /// Colour only where somebody sees it and nobody objected.
    package init(isTerminal: Bool, environment: [String: String]) {
        let isRefused = !(environment["NO_COLOR"] ?? "").isEmpty
        isColoured = isTerminal && !isRefused && environment["TERM"] != "dumb"
    }

    package enum Tone: String, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case inverse = "7"
    }

    /// The text in this tone.
    package func paint(_ text: String, _ tone: Tone) -> String {
        isColoured ? "\u{1b}[\(tone.rawValue)m\(text)\u{1b}[0m" : text
    }
}

/// The text without control characters, which could move the cursor or rename the window.
///
/// Names, reasons and labels come from other people.
package func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
        return text
    }
    return String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{fffd}" : $0 }
        )
    )
}
