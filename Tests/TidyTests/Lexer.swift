// Cuts Swift and C sources into tokens. It knows just enough of both languages never to take the inside
// of a string, comment or raw identifier for code: nested comments, raw and multi-line strings,
// interpolation, regular expressions, and the character literals of C.

/// Cuts one source file into tokens.
struct Lexer {
    enum Language {
        case swift
        case c
    }

    private let bytes: [UInt8]
    private let language: Language
    private var position = 0
    private var line = 1
    private var lineStart = 0
    private var tokens: [Token] = []

    static func tokens(of source: String, language: Language = .swift) -> [Token] {
        var lexer = Lexer(bytes: Array(source.utf8), language: language)
        lexer.readCode(untilClosingParenthesis: false)
        return lexer.tokens
    }

    private init(bytes: [UInt8], language: Language) {
        self.bytes = bytes
        self.language = language
    }

    // MARK: Code

    /// Reads to the end, or past the parenthesis that closes an interpolation.
    private mutating func readCode(untilClosingParenthesis: Bool) {
        var depth = 0
        while let byte = peek() {
            if untilClosingParenthesis {
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") {
                    if depth == 0 { return advance(1) }
                    depth -= 1
                }
            }
            readToken(startingWith: byte)
        }
    }

    private mutating func readToken(startingWith byte: UInt8) {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
            advance(1)
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
            readLineComment()
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
            readBlockComment()
        case UInt8(ascii: "\""):
            readString(hashes: 0)
        case UInt8(ascii: "#") where language == .swift && hashesBeforeQuote() > 0:
            readString(hashes: hashesBeforeQuote())
        case UInt8(ascii: "'") where language == .c:
            readDelimited(by: UInt8(ascii: "'"), as: .text)
        case UInt8(ascii: "/") where language == .swift && startsRegularExpression():
            readDelimited(by: UInt8(ascii: "/"), as: .text)
        case UInt8(ascii: "`"):
            readDelimited(by: UInt8(ascii: "`"), as: .rawWord)
        case UInt8(ascii: "@"), UInt8(ascii: "#"):
            readWord(prefixed: true)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            readNumber()
        default:
            if isWordByte(byte) { readWord(prefixed: false) } else { readMark() }
        }
    }

    private mutating func readMark() {
        emit(.mark, from: position, to: position + 1)
        advance(1)
    }

    private mutating func readWord(prefixed: Bool) {
        let start = position
        var end = position + (prefixed ? 1 : 0)
        while end < bytes.count, isWordByte(bytes[end]) { end += 1 }
        emit(end == start + 1 && prefixed ? .mark : .word, from: start, to: end)
        advance(end - start)
    }

    private mutating func readNumber() {
        let start = position
        var end = position
        while end < bytes.count, isWordByte(bytes[end]) || isDecimalPoint(at: end) { end += 1 }
        emit(.number, from: start, to: end)
        advance(end - start)
    }

    private func isDecimalPoint(at index: Int) -> Bool {
        bytes[index] == UInt8(ascii: ".") && index + 1 < bytes.count
            && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index + 1])
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"): true
        default: byte >= 0x80
        }
    }

    // MARK: Comments, texts

    private mutating func readLineComment() {
        let start = position
        while let byte = peek(), byte != UInt8(ascii: "\n") { advance(1) }
        emit(.comment, from: start, to: position)
    }

    private mutating func readBlockComment() {
        let (start, firstLine, firstColumn) = (position, line, column)
        var depth = 0
        repeat {
            if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += language == .swift || depth == 0 ? 1 : 0
                advance(2)
            } else if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                advance(2)
            } else {
                advance(1)
            }
        } while depth > 0 && position < bytes.count
        emit(.comment, from: start, to: position, line: firstLine, column: firstColumn)
    }

    /// A text on one line that a backslash escapes in.
    private mutating func readDelimited(by delimiter: UInt8, as kind: Token.Kind) {
        let start = position
        advance(1)
        while let byte = peek(), byte != delimiter, byte != UInt8(ascii: "\n") {
            advance(byte == UInt8(ascii: "\\") && kind == .text ? 2 : 1)
        }
        emit(kind, from: start + 1, to: position)
        advance(1)
    }

    private mutating func readString(hashes: Int) {
        advance(hashes)
        let quotes = bytes[position...].prefix(3).allSatisfy { $0 == UInt8(ascii: "\"") }
        let isMultiline = quotes && language == .swift && position + 3 <= bytes.count
        let quoteCount = isMultiline ? 3 : 1
        advance(quoteCount)
        var (start, firstLine, firstColumn) = (position, line, column)
        while let byte = peek() {
            if byte == UInt8(ascii: "\""), endsString(quoteCount: quoteCount, hashes: hashes) {
                break
            }
            if byte == UInt8(ascii: "\n"), !isMultiline { break }
            guard byte == UInt8(ascii: "\\"), startsEscape(hashes: hashes) else {
                advance(1)
                continue
            }
            let isInterpolation = peek(1 + hashes) == UInt8(ascii: "(")
            if isInterpolation {
                emit(.text, from: start, to: position, line: firstLine, column: firstColumn)
                advance(2 + hashes)
                readCode(untilClosingParenthesis: true)
                (start, firstLine, firstColumn) = (position, line, column)
            } else {
                advance(2 + hashes)
            }
        }
        emit(.text, from: start, to: position, line: firstLine, column: firstColumn)
        advance(peek() == UInt8(ascii: "\"") ? quoteCount + hashes : 0)
    }

    private func hashesBeforeQuote() -> Int {
        var count = 0
        while peek(count) == UInt8(ascii: "#") { count += 1 }
        return peek(count) == UInt8(ascii: "\"") ? count : 0
    }

    private func endsString(quoteCount: Int, hashes: Int) -> Bool {
        (0..<quoteCount).allSatisfy { peek($0) == UInt8(ascii: "\"") }
            && (0..<hashes).allSatisfy { peek(quoteCount + $0) == UInt8(ascii: "#") }
    }

    private func startsEscape(hashes: Int) -> Bool {
        (0..<hashes).allSatisfy { peek(1 + $0) == UInt8(ascii: "#") }
    }

    /// A slash starts a regular expression where no value can stand before it and one more follows.
    private func startsRegularExpression() -> Bool {
        guard let next = peek(1), next != UInt8(ascii: " "), next != UInt8(ascii: "\n"),
            tokens.last.map({ "([{,=:;".contains($0.text) }) ?? false
        else { return false }
        return bytes[(position + 1)...].prefix { $0 != UInt8(ascii: "\n") }
            .contains(UInt8(ascii: "/"))
    }

    // MARK: Position

    private var column: Int { position - lineStart + 1 }

    private func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private mutating func advance(_ count: Int) {
        for _ in 0..<count where position < bytes.count {
            if bytes[position] == UInt8(ascii: "\n") {
                line += 1
                lineStart = position + 1
            }
            position += 1
        }
    }

    private mutating func emit(
        _ kind: Token.Kind,
        from start: Int,
        to end: Int,
        line firstLine: Int? = nil,
        column firstColumn: Int? = nil
    ) {
        let first = firstLine ?? line
        let last = first == line ? line : line - (end == lineStart ? 1 : 0)
        tokens.append(
            Token(
                kind: kind,
                text: String(decoding: bytes[start..<min(end, bytes.count)], as: UTF8.self),
                line: first,
                column: firstColumn ?? start - lineStart + 1,
                endLine: max(first, last)
            )
        )
    }
}
