// The words of the protocol are short: at most 16 bytes fit into two integers and are compared at once,
// without a string for what stands in the line and without hashing what a stranger chose.

/// At most 16 bytes of text.
struct ShortWord: Hashable, Sendable {
    private var head: UInt64 = 0
    private var tail: UInt64 = 0
    private(set) var count = 0

    static let byteCountMax = 16

    /// Nil for a text that is too long to be a word.
    init?(_ text: String) {
        self.init(bytes: text.utf8Span.span)
    }

    /// The word that stands there, unescaped.
    init?(_ text: JSONText, in bytes: Span<UInt8>) {
        guard text.isPlain else {
            let unescaped = text.unescaped(in: bytes)
            self.init(bytes: unescaped.span)
            return
        }
        // Bytes behind the text may be read, too, as long as there are some.
        guard text.end - text.start <= ShortWord.byteCountMax, text.start + 16 <= bytes.count else {
            self.init(bytes: bytes.extracting(text.start..<text.end))
            return
        }
        self.init(at: text.start, count: text.end - text.start, in: bytes)
    }

    @inline(__always)
    private init(at start: Int, count: Int, in bytes: Span<UInt8>) {
        self.count = count
        head = EightBytes(bytes, at: start).number(of: min(count, 8))
        tail = EightBytes(bytes, at: start + 8).number(of: max(count, 8) - 8)
    }

    @inline(__always)
    private init?(bytes: Span<UInt8>) {
        guard bytes.count <= ShortWord.byteCountMax else { return nil }
        count = bytes.count
        var index = 0
        let headCount = min(count, 8)
        while index < headCount {
            head = head << 8 | UInt64(bytes[index])
            index &+= 1
        }
        while index < count {
            tail = tail << 8 | UInt64(bytes[index])
            index &+= 1
        }
    }

    /// Mixes the bits so that the upper ones choose a place in a table.
    fileprivate var hash: UInt64 {
        (head ^ tail &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(count)) &* 0xd6e8_feb8_6659_fd93
    }
}

/// Finds the number of a word among few that are known from the start.
struct WordTable: Sendable {
    private var words: [ShortWord?]
    private var numbers: [UInt8]
    private let shift: UInt64

    /// At least four places per word: most look-ups end at the first.
    init(_ texts: [String]) {
        let bits = UInt64(64 - (texts.count * 4).leadingZeroBitCount)
        shift = 64 - bits
        words = Array(repeating: nil, count: 1 << Int(bits))
        numbers = Array(repeating: 0, count: words.count)
        for (number, text) in texts.enumerated() {
            guard let word = ShortWord(text) else { preconditionFailure("\(text) is too long") }
            var place = Int(word.hash >> shift)
            while words[place] != nil { place = (place + 1) & (words.count - 1) }
            (words[place], numbers[place]) = (word, UInt8(number))
        }
    }

    func number(of word: ShortWord) -> UInt8? {
        var place = Int(word.hash >> shift)
        while let candidate = words[place] {
            if candidate == word { return numbers[place] }
            place = (place + 1) & (words.count - 1)
        }
        return nil
    }
}

/// The few words that a field may have, and what each means.
struct Vocabulary<Meaning: Sendable>: Sendable {
    private let table: WordTable
    private let meanings: [Meaning]
    /// For what is said about another word.
    let names: String

    init(_ words: [(String, Meaning)]) {
        table = WordTable(words.map(\.0))
        meanings = words.map(\.1)
        names = words.map { "\"\($0.0)\"" }.joined(separator: ", ")
    }

    func meaning(of word: ShortWord?) -> Meaning? {
        guard let word, let number = table.number(of: word) else { return nil }
        return meanings[Int(number)]
    }
}
