// A small tree of JSON for clients, who look into replies of many shapes. Objects keep the order of their
// members. The server does not use it: it reads what it expects in place.

package import HoldfastModel

/// One JSON value.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number written without fraction and exponent that fits; fences are kept exactly.
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// Reads one value, and nothing behind it; a line of a server is an object.
    package init(parsing bytes: Span<UInt8>) throws(JSONFlaw) {
        var reader = JSONReader()
        self = try reader.value(bytes)
        try reader.end(bytes)
    }

    package init(parsing text: String) throws(JSONFlaw) {
        try self.init(parsing: text.utf8Span.span)
    }
}

/// A name and its value in an object.
package struct JSONMember: Hashable, Sendable {
    package var name: String
    package var value: JSONValue
    package init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

/// What a value is, or nil where it is something else; a member that is absent is nil, too.
extension JSONValue {
    package subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    package subscript(_ index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else {
            return nil
        }
        return elements[index]
    }

    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    package var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .number(let number): Int64(exactly: number)
        case .null, .bool, .string, .array, .object: nil
        }
    }

    package var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }

    package var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    package var members: [JSONMember]? {
        if case .object(let members) = self { members } else { nil }
    }

    package var isNull: Bool { self == .null }

    /// A number of seconds, at most so large that nanoseconds can count it.
    package var interval: Interval? {
        guard let seconds = double, seconds.magnitude < 9_000_000_000 else { return nil }
        return Interval(seconds: seconds)
    }

    package var fence: Fence? {
        guard let integer, integer >= 0 else { return nil }
        return Fence(number: UInt64(integer))
    }

    package var ticketID: TicketID? { string.flatMap { TicketID($0) } }
}

extension JSONReader {
    fileprivate mutating func value(_ bytes: Span<UInt8>) throws(JSONFlaw) -> JSONValue {
        switch try peek(bytes) {
        case 0x22: return .string(try string(bytes).text(in: bytes))
        case 0x7b: return .object(try members(bytes))
        case 0x5b: return .array(try elements(bytes))
        case 0x2d, 0x30...0x39:
            let number = try number(bytes)
            if number.isPlainInteger, let integer = number.integer { return .integer(integer) }
            return .number(number.double(in: bytes))
        default: return try constant(bytes).map { .bool($0) } ?? .null
        }
    }

    private mutating func members(_ bytes: Span<UInt8>) throws(JSONFlaw) -> [JSONMember] {
        var members: [JSONMember] = []
        try beginObject(bytes)
        while let name = try nextMember(bytes) {
            members.append(JSONMember(name.text(in: bytes), try value(bytes)))
        }
        return members
    }

    private mutating func elements(_ bytes: Span<UInt8>) throws(JSONFlaw) -> [JSONValue] {
        var elements: [JSONValue] = []
        try beginArray(bytes)
        while try nextElement(bytes) { elements.append(try value(bytes)) }
        return elements
    }
}

extension JSONWriter {
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): self.value(flag)
        case .integer(let number): self.value(Int(number))
        case .number(let number): self.value(number)
        case .string(let text): self.value(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                freeKey(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    package mutating func member(_ name: JSONWord, _ value: JSONValue?) {
        guard let value else { return }
        key(name)
        self.value(value)
    }
}

extension JSONValue: CustomStringConvertible {
    /// Compact JSON.
    package var description: String {
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
