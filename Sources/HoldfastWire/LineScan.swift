// The first of two passes over a request line: checks the whole line as JSON, and writes down where the
// value of each known field stands. Only then is known which operation it is and which fields it reads, in
// whatever order they came. No value is made yet, so this allocates nothing.

import HoldfastModel

/// What stands where in one line.
struct LineScan {
    /// The `id`, as soon as it was read, also where the line is wrong behind it.
    private(set) var id = RequestID.absent
    private(set) var idIsWrong = false
    private(set) var operation: JSONText?
    private(set) var fields = FieldSet()
    /// Fields that came more than once.
    private(set) var repeated = FieldSet()
    private(set) var hasUnknown = false
    /// Where the value of a field begins; no value can begin at 0.
    private var offsets = [35 of UInt32](repeating: 0)

    init() { precondition(offsets.count == FieldName.allCases.count) }

    /// The values of a field that is there; nil also for `null`, which is the same as absent.
    func offset(of field: FieldName) -> Int? {
        let offset = offsets[Int(field.rawValue)]
        return offset == 0 ? nil : Int(offset)
    }

    mutating func scan(_ bytes: Span<UInt8>) throws(JSONFlaw) {
        var reader = JSONReader()
        guard try reader.peek(bytes) == 0x7b else {
            throw JSONFlaw(.notAnObject, at: reader.offset)
        }
        try reader.beginObject(bytes)
        while let name = try reader.nextMember(bytes) {
            let first = try reader.peek(bytes)
            let field = FieldName(name, in: bytes)
            note(field, at: reader.offset, isNull: first == 0x6e)
            switch field {
            case .id: try readID(first, &reader, bytes)
            case .op where first == 0x22: operation = try reader.string(bytes)
            default: try reader.skipValue(bytes)
            }
        }
        try reader.end(bytes)
    }

    private mutating func note(_ field: FieldName?, at offset: Int, isNull: Bool) {
        guard let field else {
            hasUnknown = true
            return
        }
        if fields.contains(field) { repeated.insert(FieldSet(field)) }
        fields.insert(FieldSet(field))
        if !isNull { offsets[Int(field.rawValue)] = UInt32(offset) }
    }

    /// Takes the first `id`; a second one is found by whoever looks at `repeated`.
    private mutating func readID(
        _ first: UInt8,
        _ reader: inout JSONReader,
        _ bytes: Span<UInt8>
    ) throws(JSONFlaw) {
        guard !repeated.contains(.id) else { return try reader.skipValue(bytes) }
        switch first {
        case 0x22:
            let text = try reader.string(bytes)
            idIsWrong = text.byteCount(in: bytes) > RequestDecoder.idBytesMax
            if !idIsWrong { id = .text(text.text(in: bytes)) }
        case 0x2d, 0x30...0x39:
            let number = try reader.number(bytes)
            let value = number.isPlainInteger && !number.isNegative ? number.integer : nil
            idIsWrong = value.map { $0 > RequestDecoder.integerMax } ?? true
            // A number that something else sticks to was not read to its end.
            let next = number.end < bytes.count ? bytes[number.end] : 0
            let isWhole = [0x20, 0x09, 0x0d, 0x2c, 0x7d].contains(next)
            if let value, !idIsWrong, isWhole { id = .number(UInt64(value)) }
        case 0x6e: try reader.skipValue(bytes)
        default:
            idIsWrong = true
            try reader.skipValue(bytes)
        }
    }
}
