// The second pass over a request line: reads single fields at the places that the first pass found. What is
// absent or `null` is nil.

import HoldfastModel

extension RequestLine {
    mutating func text(
        _ field: FieldName,
        _ bytes: Span<UInt8>,
        byteCounts: ClosedRange<Int> = 0...TicketRequest.textBytesMax
    ) throws(FieldFlaw) -> String? {
        guard let value = value(of: field) else { return nil }
        return try value.text(bytes, byteCounts: byteCounts)
    }

    mutating func path(_ field: FieldName, _ bytes: Span<UInt8>) throws(FieldFlaw) -> ResourcePath?
    {
        guard let value = value(of: field) else { return nil }
        return try value.path(bytes)
    }

    mutating func resource(_ bytes: Span<UInt8>) throws(FieldFlaw) -> ResourcePath {
        guard let path = try path(.resource, bytes) else { throw .missing(.resource) }
        return path
    }

    mutating func ticket(_ bytes: Span<UInt8>) throws(FieldFlaw) -> TicketReference {
        guard let value = value(of: .ticket) else { throw .missing(.ticket) }
        let ticket = try value.ticket(bytes)
        return TicketReference(ticket: ticket, resource: try path(.resource, bytes))
    }

    mutating func duration(
        _ field: FieldName,
        _ range: ClosedRange<Interval>,
        _ bytes: Span<UInt8>,
        limit: LimitName? = nil
    ) throws(FieldFlaw) -> Interval? {
        guard let value = value(of: field) else { return nil }
        return try value.duration(range, bytes, limit: limit)
    }

    mutating func wait(_ bytes: Span<UInt8>) throws(FieldFlaw) -> Interval? {
        try duration(.wait, .zero ... .day, bytes)
    }

    mutating func integer(
        _ field: FieldName,
        _ range: ClosedRange<Int64>,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> Int64? {
        guard let value = value(of: field) else { return nil }
        return try value.integer(range, bytes)
    }

    mutating func pageLimit(default limit: Int, _ bytes: Span<UInt8>) throws(FieldFlaw) -> Int {
        Int(try integer(.limit, 1...Int64(ListPage.limitMax), bytes) ?? Int64(limit))
    }

    mutating func flag(_ field: FieldName, _ bytes: Span<UInt8>) throws(FieldFlaw) -> Bool {
        guard let value = value(of: field) else { return false }
        return try value.flag(bytes)
    }

    mutating func word<Meaning>(
        _ field: FieldName,
        _ vocabulary: Vocabulary<Meaning>,
        _ bytes: Span<UInt8>
    ) throws(FieldFlaw) -> Meaning? {
        guard let value = value(of: field) else { return nil }
        return try value.word(vocabulary, bytes)
    }
}
