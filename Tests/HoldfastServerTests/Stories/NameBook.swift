// Ids that chance makes have names in a story, in the order in which they first appear, so that a transcript is the
// same in every run and says at a glance which ticket is meant. The brackets can stand in no id.

import HoldfastModel
import HoldfastWire

/// Which id is which name.
struct NameBook {
    private var entries: [(id: String, name: String)] = []

    /// The line as the story shows it; ids that it shows first get their names.
    mutating func named(_ line: String) -> String {
        if let value = try? JSONValue(parsing: line) { learn(value, key: "", of: "") }
        return entries.reduce(line) { $0.replacing($1.id, with: $1.name) }
    }

    /// The line as the server is to see it.
    func spelled(_ text: String) throws(Story.Misread) -> String {
        let spelled = entries.reduce(text) { $0.replacing($1.name, with: $1.id) }
        for kind in Kind.allCases where spelled.contains("<\(kind.rawValue) ") {
            throw Story.Misread("it names a \(kind.rawValue) that nobody has seen yet")
        }
        return spelled
    }

    private enum Kind: String, CaseIterable {
        case ticket
        case session
        case secret
    }

    private mutating func learn(_ value: JSONValue, key: String, of parent: String) {
        switch value {
        case .object(let members):
            for member in members { learn(member.value, key: member.name, of: key) }
        case .array(let elements):
            for element in elements { learn(element, key: key, of: parent) }
        case .string(let text):
            switch (parent, key) {
            case (_, "ticket") where TicketID(text) != nil: note(text, .ticket)
            case ("session", "id"): note(text, .session)
            case ("session", "secret"): note(text, .secret)
            default: break
            }
        case .integer, .number, .null, .bool:
            break
        }
    }

    private mutating func note(_ id: String, _ kind: Kind) {
        guard !entries.contains(where: { $0.id == id }) else { return }
        let prefix = "<\(kind.rawValue) "
        let count = entries.count { $0.name.hasPrefix(prefix) }
        entries.append((id, "\(prefix)\(count + 1)>"))
    }
}
