// The second pass over a request line: reads the fields of one operation at the places that the first pass
// found, with their types and ranges (PROTOCOL §3). Every range includes its ends.

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
}

/// The fields of one scanned line.
struct FieldReader {
    let scan: LineScan
    let limits: Limits

    func has(_ field: FieldName) -> Bool { scan.offset(of: field) != nil }

    func text(
        _ field: FieldName,
        _ bytes: Span<UInt8>,
        byteCounts: ClosedRange<Int> = 0...TicketRequest.textBytesMax
    ) throws(FieldFlaw) -> String? {
        guard let offset = scan.offset(of: field) else { return nil }
        return try ValueReader(name: field.text, offset: offset).text(byteCounts, bytes)
    }

    func path(_ field: FieldName, _ bytes: Span<UInt8>) throws(FieldFlaw) -> ResourcePath? {
        guard let offset = scan.offset(of: field) else { return nil }
        return try ValueReader(name: field.text, offset: offset).path(bytes)
    }

    func ticket(_ bytes: Span<UInt8>) throws(FieldFlaw) -> TicketReference {
        guard let offset = scan.offset(of: .ticket) else { throw .missing(.ticket) }
        let ticket = try ValueReader(name: "ticket", offset: offset).ticket(bytes)
        return TicketReference(ticket: ticket, resource: try path(.resource, bytes))
    }

    func duration(
        _ field: FieldName,
        _ range: ClosedRange<Interval>,
        limit: LimitName? = nil,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> Interval? {
        guard let offset = scan.offset(of: field) else { return nil }
        let value = ValueReader(name: field.text, offset: offset)
        return try value.duration(range, limit: limit, bytes)
    }

    func lease(_ bytes: Span<UInt8>) throws(FieldFlaw) -> Interval? {
        try duration(.lease, limits.leaseMin...limits.leaseMax, limit: .lease, bytes)
    }

    func integer(
        _ field: FieldName,
        _ range: ClosedRange<Int64>,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> Int64? {
        guard let offset = scan.offset(of: field) else { return nil }
        return try ValueReader(name: field.text, offset: offset).integer(range, bytes)
    }

    func flag(_ field: FieldName, _ bytes: Span<UInt8>) throws(FieldFlaw) -> Bool {
        guard let offset = scan.offset(of: field) else { return false }
        return try ValueReader(name: field.text, offset: offset).flag(bytes)
    }

    /// One of a few words; nil where the field is absent.
    func word<Word>(
        _ field: FieldName,
        _ words: [(String, Word)],
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> Word? {
        guard let offset = scan.offset(of: field) else { return nil }
        let value = ValueReader(name: field.text, offset: offset)
        let text = try value.rawText(bytes)
        for (name, word) in words where text.equals(name, in: bytes) { return word }
        let names = words.map { "\"\($0.0)\"" }.joined(separator: ", ")
        throw FieldFlaw(field.text, "\(field.text) must be one of \(names)")
    }
}

extension FieldFlaw {
    static func missing(_ field: FieldName) -> FieldFlaw {
        FieldFlaw(field.text, "\(field.text) is missing")
    }
}

/// One value in the line, whose name is known for what may have to be said about it.
struct ValueReader {
    /// Dotted where it stands in a nested object.
    var name: String
    var offset: Int

    func rawText(_ bytes: Span<UInt8>) throws(FieldFlaw) -> JSONText {
        var reader = JSONReader(offset: offset)
        guard bytes[offset] == 0x22, let text = try? reader.string(bytes) else {
            throw FieldFlaw(name, "\(name) must be a string")
        }
        return text
    }

    func text(
        _ byteCounts: ClosedRange<Int>,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> String {
        let text = try rawText(bytes)
        guard byteCounts.contains(text.byteCount(in: bytes)) else {
            let (least, most) = (byteCounts.lowerBound, byteCounts.upperBound)
            throw FieldFlaw(name, "\(name) must have \(least) to \(most) bytes")
        }
        return text.text(in: bytes)
    }

    func path(_ bytes: Span<UInt8>) throws(FieldFlaw) -> ResourcePath {
        let text = try rawText(bytes)
        do {
            return try ResourcePath(checking: text.text(in: bytes))
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

    func duration(
        _ range: ClosedRange<Interval>,
        limit: LimitName?,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> Interval {
        let (least, most) = (range.lowerBound.seconds, range.upperBound.seconds)
        guard let number = number(bytes) else {
            throw FieldFlaw(name, "\(name) must be a number of seconds")
        }
        let seconds = number.double(in: bytes)
        // Compared before rounding to nanoseconds, which would let the nearest outside pass.
        guard seconds >= least, seconds <= most else {
            var text: [UInt8] = []
            text.append(contentsOf: "\(name) must be from ".utf8)
            text.appendSeconds(range.lowerBound)
            text.append(contentsOf: " to ".utf8)
            text.appendSeconds(range.upperBound)
            text.append(contentsOf: " seconds".utf8)
            throw FieldFlaw(name, String(decoding: text, as: UTF8.self), limit: limit)
        }
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
        switch bytes[offset] {
        case 0x74: return true
        case 0x66: return false
        default: throw FieldFlaw(name, "\(name) must be true or false")
        }
    }

    private func number(_ bytes: Span<UInt8>) -> JSONNumber? {
        var reader = JSONReader(offset: offset)
        return try? reader.number(bytes)
    }
}

extension ResourcePath.Flaw {
    fileprivate var explanation: String {
        switch self {
        case .empty: "it is empty"
        case .tooLong: "it has more than \(ResourcePath.byteCountMax) bytes"
        case .leadingOrTrailingSlash: "it begins or ends with a slash"
        case .emptySegment: "a segment is empty"
        case .dotSegment: "a segment is \".\" or \"..\""
        case .controlCharacter: "it has a control character"
        }
    }
}
