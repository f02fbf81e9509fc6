// Wrong usage: one line that says what is wrong, one that says where to look. Exit code 2.

/// Something in the arguments, the environment or the configuration file that cannot be meant.
package struct UsageError: Error, Equatable {
    package var message: String
    /// The command it happened in, for the hint.
    package var command: CommandName?

    package init(_ message: String, in command: CommandName? = nil) {
        self.message = message
        self.command = command
    }

    /// Both lines, without a newline at the end.
    package var text: String {
        let prefix = command.map { "holdfast \($0.rawValue)" } ?? "holdfast"
        let hint = command.map { "holdfast help \($0.rawValue)" } ?? "holdfast help"
        return "\(prefix): \(message)\nTry '\(hint)'."
    }
}

/// Finds what somebody probably meant.
package enum Spelling {
    /// The word nearest to `word`, if it is near enough to be worth a hint.
    package static func nearest(to word: String, among words: [String]) -> String? {
        let ranked = words.map { (word: $0, distance: distance(word, $0)) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, word.utf8.count / 3) ? best.word : nil
    }

    /// Insertions, deletions and substitutions that turn one into the other.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (one, other) = (Array(left.utf8), Array(right.utf8))
        var previous = Array(0...other.count)
        for row in one.indices {
            var current = [row + 1]
            for column in other.indices {
                let substituted = previous[column] + (one[row] == other[column] ? 0 : 1)
                current.append(min(substituted, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[other.count]
    }
}
