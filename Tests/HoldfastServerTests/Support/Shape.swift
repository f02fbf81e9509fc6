// Whole lines compared, but for what chance and clocks decide: ids, fences, times, what is left of a
// lease. Those become names, so that everything else, and the order of the fields, is held to the
// letter.

import HoldfastModel
import HoldfastWire

/// The line with `T` for a ticket, `F` for a fence, `TIME` for a time, `S` for seconds that run, `M` for a sentence.
///
/// A line that is no compact JSON is given back with a word that says so.
func shape(_ line: String) -> String {
    guard let value = try? JSONValue(parsing: line) else { return "no JSON: " + line }
    guard value.description == line else { return "not compact: " + line }
    return named(value, key: "", in: "").description
}

private let times: Set = [
    "at", "time", "createdAt", "acquiredAt", "renewedAt", "expiresAt", "endedAt",
]
private let running: Set = ["remaining", "waited", "age", "oldestWait", "closedFor", "uptime"]

private func named(_ value: JSONValue, key: String, in parent: String) -> JSONValue {
    switch value {
    case .object(let members):
        return .object(
            members.map { JSONMember($0.name, named($0.value, key: $0.name, in: key)) }
        )
    case .array(let elements):
        return .array(elements.map { named($0, key: key, in: parent) })
    case .string(let text):
        if key == "ticket", TicketID(text) != nil { return .string("T") }
        if times.contains(key), text.isTime { return .string("TIME") }
        if key == "message", parent == "error" || parent == "", text.contains(" ") {
            return .string("M")
        }
        if parent == "session", key == "id" || key == "secret" { return .string("S") }
        return value
    case .integer(let number):
        if key == "fence", number > 1_700_000_000_000_000 { return .string("F") }
        return running.contains(key) ? .string("S") : value
    case .number:
        return running.contains(key) ? .string("S") : value
    case .null, .bool:
        return value
    }
}

extension String {
    /// RFC 3339, UTC, milliseconds.
    var isTime: Bool {
        let pattern = "dddd-dd-ddTdd:dd:dd.dddZ"
        return utf8.count == pattern.utf8.count
            && zip(utf8, pattern.utf8).allSatisfy { byte, wanted in
                wanted == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == wanted
            }
    }

    /// The line as a value; `null` where it is none.
    var json: JSONValue { (try? JSONValue(parsing: self)) ?? .null }

    /// The text of a field at the top.
    func text(_ name: String) -> String { json[name]?.string ?? "(no \(name))" }

    /// The ticket that a reply names.
    var ticket: String { text("ticket") }

    var state: String { text("state") }

    var fence: Int64 { json["fence"]?.integer ?? 0 }

    /// The code of an error; "ok" where it is none.
    var code: String {
        json["ok"]?.bool == true ? "ok" : json["error"]?["code"]?.string ?? "(no code)"
    }

    /// A number at the top, in seconds where it is a duration.
    func number(_ name: String) -> Double { json[name]?.double ?? .nan }
}
