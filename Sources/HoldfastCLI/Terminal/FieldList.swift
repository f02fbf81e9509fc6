// A reply for people: one field a line, in the order the server sent them. What a newer server adds is
// shown without this program knowing it.

import HoldfastModel
package import HoldfastWire

package enum FieldList {
    /// Fields whose numbers are seconds.
    private static let durations: Set = [
        "lease", "remaining", "waited", "grace", "age", "uptime", "oldestWait", "closedFor",
    ]

    /// The members of a reply but for those that are said elsewhere.
    package static func lines(
        of reply: JSONValue,
        without hidden: Set<String> = [],
        indent: String = "  "
    ) -> [String] {
        let skipped = hidden.union(["id", "ok"])
        let fields = (reply.members ?? []).filter { !skipped.contains($0.name) }
        let width = fields.map(\.name.count).max() ?? 0
        return fields.map { field in
            let padding = String(repeating: " ", count: width - field.name.count + 2)
            return indent + harmless(field.name) + padding
                + text(of: field.value, named: field.name)
        }
    }

    /// A value as a person reads it.
    package static func text(of value: JSONValue?, named name: String = "") -> String {
        switch value {
        case nil, .null?: ""
        case .bool(let flag)?: flag ? "yes" : "no"
        case .integer?, .number?:
            durations.contains(name)
                ? value?.interval?.text ?? "\(value?.double ?? 0)" : value?.description ?? ""
        case .string(let text)?: harmless(text)
        case .array(let elements)?: elements.map { text(of: $0) }.joined(separator: ", ")
        case .object(let members)?:
            members.map { "\(harmless($0.name))=\(text(of: $0.value, named: $0.name))" }
                .joined(separator: " ")
        }
    }

    /// "shared", "exclusive" or "2/5".
    package static func mode(of view: JSONValue) -> String {
        guard view["mode"]?.string == "permit" else { return view["mode"]?.string ?? "" }
        let of = view["of"].map { text(of: $0) } ?? "?"
        return view["permits"].map { "\(text(of: $0))/\(of)" } ?? "permits of \(of)"
    }

    /// RFC 3339 to the second, which is all that people read.
    package static func time(_ value: JSONValue?) -> String {
        guard let text = value?.string else { return "" }
        return harmless(String(text.prefix { $0 != "." })).replacing("T", with: " ")
    }
}
