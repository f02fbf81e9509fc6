// What the tidy checks look at: the words and marks of a source file. Checks on tokens neither stumble
// over a forbidden word in a string or comment nor miss one because of a line break, which searching
// lines does; a full parser would need a package.

/// A word, mark, text or comment of a source file, with where it starts.
struct Token: Hashable {
    enum Kind {
        /// An identifier or keyword; `@` and `#` in front belong to it.
        case word
        /// An identifier in backticks, without them.
        case rawWord
        case number
        /// One byte of punctuation.
        case mark
        /// A piece of a string or regular expression; what is interpolated follows as tokens of its own.
        case text
        case comment
    }

    var kind: Kind
    var text: String
    /// Both count from 1.
    var line: Int
    var column: Int
    /// The line of its last byte; later than `line` in texts of many lines.
    var endLine: Int

    /// Whether it is this word or mark of code.
    func `is`(_ expected: String) -> Bool {
        (kind == .word || kind == .mark) && text == expected
    }
}

extension [Token] {
    /// All but comments.
    var code: [Token] { filter { $0.kind != .comment } }

    /// Where these words and marks stand one after the other; `!` only where it touches what it follows.
    func occurrences(of pattern: [String]) -> [Int] {
        indices.filter { start in
            start + pattern.count <= count
                && pattern.indices.allSatisfy { offset in
                    self[start + offset].is(pattern[offset])
                        && (pattern[offset] != "!" || touchesPrevious(start + offset))
                }
        }
    }

    /// Whether nothing stands between this token and the one before it.
    func touchesPrevious(_ index: Int) -> Bool {
        guard index > 0 else { return false }
        let before = self[index - 1]
        return before.line == self[index].line
            && before.column + before.text.utf8.count == self[index].column
    }

    /// The index of the bracket that closes the one at `open`, or the end.
    func closing(of open: Int) -> Int {
        var depth = 0
        for index in open..<count where self[index].kind == .mark {
            switch self[index].text {
            case "(", "[", "{": depth += 1
            case ")", "]", "}": depth -= 1
            default: break
            }
            if depth == 0 { return index }
        }
        return endIndex
    }
}
