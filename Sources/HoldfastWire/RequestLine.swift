// The first of two passes over a request line: checks the whole line as JSON, and writes down where the
// value of each known field stands. Only then is known which operation it is and which fields it reads, in
// whatever order they came. No value is made yet, so this allocates nothing.

import HoldfastModel

/// What stands where in one line.
struct RequestLine: ~Copyable {
    /// The `id`, as soon as it was read, also where the line is wrong behind it.
    private(set) var id = RequestID.absent
    private(set) var idIsWrong = false
    /// The fields that are there, also those that are `null`.
    private(set) var fields = FieldSet()
    /// Fields that came more than once.
    private(set) var repeated = FieldSet()
    private(set) var hasUnknown = false
    /// Strings that must be unescaped.
    private var escaped = FieldSet()
    /// By field; no value can begin at 0.
    private var places = [35 of Place](repeating: Place())

    /// Where a value begins and ends.
    private struct Place {
        var start: UInt32 = 0
        var end: UInt32 = 0
    }

    /// Where the value of a field stands; nil also for `null`, which is the same as absent.
    ///
    /// Mutating only so that the places are read where they are: a borrowed line is copied for every look.
    mutating func value(of field: FieldName) -> FieldValue? {
        let place = places[Int(field.rawValue)]
        guard place.start > 0 else { return nil }
        return FieldValue(
            field: field,
            start: Int(place.start),
            end: Int(place.end),
            isPlain: !escaped.contains(field)
        )
    }

    mutating func has(_ field: FieldName) -> Bool { places[Int(field.rawValue)].start > 0 }

    /// What is wrong with the line, if anything is.
    mutating func scan(_ bytes: Span<UInt8>) -> JSONFlaw? {
        do throws(JSONFlaw) {
            try scanObject(bytes)
            return nil
        } catch {
            return error
        }
    }

    private mutating func scanObject(_ bytes: Span<UInt8>) throws(JSONFlaw) {
        var reader = JSONReader()
        guard try reader.peek(bytes) == 0x7b else {
            throw JSONFlaw(.notAnObject, at: reader.offset)
        }
        try reader.beginObject(bytes)
        while let name = try reader.nextMember(bytes) {
            let first = try reader.peek(bytes)
            guard let field = FieldName(name, in: bytes) else {
                hasUnknown = true
                try reader.skipValue(bytes)
                continue
            }
            try scanValue(of: field, first, &reader, bytes)
        }
        try reader.end(bytes)
    }

    private mutating func scanValue(
        of field: FieldName,
        _ first: UInt8,
        _ reader: inout JSONReader,
        _ bytes: Span<UInt8>
    ) throws(JSONFlaw) {
        let start = reader.offset
        let isFirst = !fields.contains(field)
        if isFirst { fields.insert(FieldSet(field)) } else { repeated.insert(FieldSet(field)) }
        switch first {
        case 0x22:
            let text = try reader.string(bytes)
            if !text.isPlain { escaped.insert(FieldSet(field)) }
            if field == .id, isFirst { take(id: text, bytes) }
        case 0x2d, 0x30...0x39:
            let number = try reader.number(bytes)
            if field == .id, isFirst { take(id: number, bytes) }
        default:
            try reader.skipValue(bytes)
            if field == .id, isFirst { idIsWrong = first != 0x6e }
        }
        guard first != 0x6e else { return }
        places[Int(field.rawValue)] = Place(start: UInt32(start), end: UInt32(reader.offset))
    }

    private mutating func take(id text: JSONText, _ bytes: Span<UInt8>) {
        idIsWrong = text.byteCount(in: bytes) > RequestDecoder.idBytesMax
        if !idIsWrong { id = .text(text.text(in: bytes)) }
    }

    private mutating func take(id number: JSONNumber, _ bytes: Span<UInt8>) {
        let value = number.isPlainInteger && !number.isNegative ? number.integer : nil
        guard let value, value <= RequestDecoder.integerMax else {
            idIsWrong = true
            return
        }
        // A number that something else sticks to was not read to its end.
        guard number.end < bytes.count else { return }
        switch bytes[number.end] {
        case 0x20, 0x09, 0x0a, 0x0d, 0x2c, 0x7d: id = .number(UInt64(value))
        default: break
        }
    }
}
