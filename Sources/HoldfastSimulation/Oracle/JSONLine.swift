// A line of the protocol as the oracle reads it: a reader of its own, so that a fault of the product's reader and
// writer cannot hide itself. It reads what the server writes and nothing more.

/// A value of JSON, members in their order.
package indirect enum JSONLine: Sendable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([JSONLine])
    case object([(name: String, value: JSONLine)])

    /// Nil where the bytes are no JSON.
    package static func read(_ bytes: ArraySlice<UInt8>) -> JSONLine? {
        var reader = Reader(rest: bytes)
        guard let value = reader.value(), reader.rest.isEmpty else { return nil }
        return value
    }

    package subscript(_ name: String) -> JSONLine? {
        guard case .object(let members) = self else { return nil }
        for member in members where member.name == name { return member.value }
        return nil
    }

    package func text(_ name: String) -> String? {
        guard case .text(let text)? = self[name] else { return nil }
        return text
    }

    package func number(_ name: String) -> Double? {
        guard case .number(let number)? = self[name] else { return nil }
        return number
    }

    package func flag(_ name: String) -> Bool {
        guard case .flag(let flag)? = self[name] else { return false }
        return flag
    }

    package func list(_ name: String) -> [JSONLine] {
        guard case .list(let list)? = self[name] else { return [] }
        return list
    }

    /// Written again without these members, at whatever depth.
    package func text(without names: Set<String>) -> String {
        switch self {
        case .null: "null"
        case .flag(let flag): "\(flag)"
        case .number(let number): "\(number)"
        case .text(let text): "\"\(text)\""
        case .list(let values):
            "[" + values.map { $0.text(without: names) }.joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.filter { !names.contains($0.name) }
                .map { "\($0.name):" + $0.value.text(without: names) }.joined(separator: ",")
                + "}"
        }
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func value() -> JSONLine? {
            switch rest.first {
            case UInt8(ascii: "{"): return object()
            case UInt8(ascii: "["): return list()
            case UInt8(ascii: "\""): return text().map { .text($0) }
            case UInt8(ascii: "t"): return word("true", .flag(true))
            case UInt8(ascii: "f"): return word("false", .flag(false))
            case UInt8(ascii: "n"): return word("null", .null)
            default: return number()
            }
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        private mutating func word(_ word: String, _ value: JSONLine) -> JSONLine? {
            guard rest.starts(with: word.utf8) else { return nil }
            rest.removeFirst(word.utf8.count)
            return value
        }

        private mutating func object() -> JSONLine? {
            guard take("{") else { return nil }
            var members: [(name: String, value: JSONLine)] = []
            if take("}") { return .object(members) }
            repeat {
                guard let name = text(), take(":"), let value = value() else { return nil }
                members.append((name, value))
            } while take(",")
            return take("}") ? .object(members) : nil
        }

        private mutating func list() -> JSONLine? {
            guard take("[") else { return nil }
            var values: [JSONLine] = []
            if take("]") { return .list(values) }
            repeat {
                guard let value = value() else { return nil }
                values.append(value)
            } while take(",")
            return take("]") ? .list(values) : nil
        }

        /// Texts here need no other escapes than these; another one makes the line unreadable.
        private mutating func text() -> String? {
            guard take("\"") else { return nil }
            var bytes: [UInt8] = []
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\"") { return String(decoding: bytes, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\") else {
                    bytes.append(byte)
                    continue
                }
                guard let escaped = rest.popFirst() else { return nil }
                if escaped == UInt8(ascii: "u") {
                    guard rest.count >= 4 else { return nil }
                    rest.removeFirst(4)
                    bytes.append(UInt8(ascii: "?"))
                } else {
                    bytes.append(escaped)
                }
            }
            return nil
        }

        private mutating func number() -> JSONLine? {
            let digits = rest.prefix { byte in
                (0x30...0x39).contains(byte) || byte == 0x2d || byte == 0x2e || byte == 0x2b
                    || byte == 0x65 || byte == 0x45
            }
            guard let number = Double(String(decoding: digits, as: UTF8.self)) else { return nil }
            rest.removeFirst(digits.count)
            return .number(number)
        }
    }
}
