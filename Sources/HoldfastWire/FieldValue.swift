// One value in a line that was already checked as JSON, and how it is read as what the field wants
// (PROTOCOL §3). Every range includes its ends.

import HoldfastModel

/// What is wrong with one field.
struct FieldFlaw: Error {
    var field: String
    var message: String
    var limit: LimitName?
    /// Set where the flaw is a key that came twice.
    var offset: Int?

    init(_ field: String, _ message: String, limit: LimitName? = nil, offset: Int? = nil) {
        self.field = field
        self.message = message
        self.limit = limit
        self.offset = offset
    }

    static func missing(_ field: FieldName) -> FieldFlaw {
        FieldFlaw(field.text, "\(field.text) is missing")
    }

    static func repeated(_ name: String, at offset: Int) -> FieldFlaw {
        FieldFlaw(name, "\(name) is there more than once", offset: offset)
    }
}

/// Where a value stands, and whose it is for what may have to be said about it.
struct FieldValue {
    private let field: FieldName
    /// Set for a member of a nested object: its name, dotted.
    private let nestedName: StaticString?
    let start: Int
    private let end: Int
    private let isPlain: Bool

    init(field: FieldName, start: Int, end: Int, isPlain: Bool) {
        self.field = field
        nestedName = nil
        self.start = start
        self.end = end
        self.isPlain = isPlain
    }

    /// The value that begins at `start`, inside that of `field`.
    init(inside field: FieldName, named name: StaticString, at start: Int, _ bytes: Span<UInt8>) {
        self.field = field
        nestedName = name
        self.start = start
        var reader = JSONReader(offset: start)
        let text = bytes[start] == 0x22 ? try? reader.string(bytes) : nil
        end = text.map { $0.end + 1 } ?? start
        isPlain = text?.isPlain ?? true
    }

    var name: String { nestedName?.description ?? field.text }

    func rawText(_ bytes: Span<UInt8>) throws(FieldFlaw) -> JSONText {
        guard bytes[start] == 0x22 else { throw FieldFlaw(name, "\(name) must be a string") }
        return JSONText(start: start + 1, end: end - 1, isPlain: isPlain)
    }

    func text(
        _ bytes: Span<UInt8>,
        byteCounts: ClosedRange<Int>
    ) throws(FieldFlaw) -> String {
        let text = try rawText(bytes)
        guard byteCounts.contains(text.byteCount(in: bytes)) else {
            let (least, most) = (byteCounts.lowerBound, byteCounts.upperBound)
            throw FieldFlaw(name, "\(name) must have \(least) to \(most) bytes")
        }
        return text.text(in: bytes)
    }

    func path(_ bytes: Span<UInt8>) throws(FieldFlaw) -> ResourcePath {
        let text = try rawText(bytes).text(in: bytes)
        do throws(ResourcePath.Flaw) {
            return try ResourcePath(checking: text)
        } catch {
            throw FieldFlaw(name, "\(name) is no path: \(error.explanation)")
        }
    }

    /// Nil for a text that no ticket can have.
    func ticket(_ bytes: Span<UInt8>) throws(FieldFlaw) -> TicketID? {
        let text = try rawText(bytes)
        guard text.isPlain else { return TicketID(text.text(in: bytes)) }
        return TicketID(text: bytes.extracting(text.start..<text.end))
    }

    func word<Meaning>(
        _ vocabulary: Vocabulary<Meaning>,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> Meaning {
        let word = ShortWord(try rawText(bytes), in: bytes)
        guard let meaning = vocabulary.meaning(of: word) else {
            throw FieldFlaw(name, "\(name) must be one of \(vocabulary.names)")
        }
        return meaning
    }

    func duration(
        _ range: ClosedRange<Interval>,
        _ bytes: Span<UInt8>,
        limit: LimitName? = nil
    ) throws(FieldFlaw) -> Interval {
        let seconds = number(bytes)?.double(in: bytes)
        // Compared before rounding to nanoseconds, which would let the nearest outside pass.
        guard let seconds, seconds >= range.lowerBound.seconds, seconds <= range.upperBound.seconds
        else { throw FieldFlaw(name, range.rule(name), limit: limit) }
        return Interval(seconds: seconds)
    }

    func integer(
        _ range: ClosedRange<Int64>,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> Int64 {
        guard let value = number(bytes)?.integer, range.contains(value) else {
            let (least, most) = (range.lowerBound, range.upperBound)
            throw FieldFlaw(name, "\(name) must be a whole number from \(least) to \(most)")
        }
        return value
    }

    func flag(_ bytes: Span<UInt8>) throws(FieldFlaw) -> Bool {
        switch bytes[start] {
        case 0x74: return true
        case 0x66: return false
        default: throw FieldFlaw(name, "\(name) must be true or false")
        }
    }

    private func number(_ bytes: Span<UInt8>) -> JSONNumber? {
        var reader = JSONReader(offset: start)
        return try? reader.number(bytes)
    }
}

extension ClosedRange<Interval> {
    fileprivate func rule(_ name: String) -> String {
        var text = Array("\(name) must be a number of seconds from ".utf8)
        text.appendSeconds(lowerBound)
        text.append(contentsOf: " to ".utf8)
        text.appendSeconds(upperBound)
        return String(decoding: text, as: UTF8.self)
    }
}
