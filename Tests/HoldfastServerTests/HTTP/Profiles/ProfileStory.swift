// A conformance table is a list of stories: requests in their order, each with the status and the exact body that the
// API's own document promises. What differs from run to run (ids, times) is masked. Every answer is also held against
// the OpenAPI document, so that the two cannot tell different stories.

import HoldfastServer
import HoldfastWire
import Testing

/// One request of a story and what must come back.
struct ProfileStep: Sendable {
    var method: String
    var target: String
    var body: String?
    var fields: [String]
    var expected: String

    init(
        _ method: String,
        _ target: String,
        _ body: String? = nil,
        _ fields: [String] = [],
        gives expected: String
    ) {
        self.method = method
        self.target = target
        self.body = body
        self.fields = fields
        self.expected = expected
    }
}

/// What happens one after another on a fresh server.
struct ProfileStory: Sendable, CustomTestStringConvertible {
    var name: String
    var steps: [ProfileStep]

    init(_ name: String, _ steps: ProfileStep...) {
        self.name = name
        self.steps = steps
    }

    var testDescription: String { name }

    /// In each step `{ticket}`, `{id}` and `{token}` stand for what the last response named so.
    func play(
        mounts: [AtLockMount] = HTTPSetting().atLockMounts,
        mask: (String) -> String = { $0 }
    ) async throws {
        var http = HTTPSetting()
        http.atLockMounts = mounts
        func choose(_ configuration: inout Configuration) { configuration.http = http }
        try await Place.inMemory(choose) { house in
            let client = try await house.http()
            let told = try DocumentedAnswers(http)
            var names: [String: String] = [:]
            for step in steps {
                func named(_ text: String) -> String {
                    names.reduce(text) { $0.replacing($1.key, with: $1.value) }
                }
                let target = named(step.target)
                let response = try await client.ask(
                    step.method,
                    target,
                    step.body,
                    fields: step.fields.map(named)
                )
                #expect(mask(response.short) == step.expected, "\(step.method) \(target)")
                #expect(told.flaws(of: response, to: step.method, target) == [])
                if let ticket = response["Holdfast-Ticket"] { names["{ticket}"] = ticket }
                if let id = response.json["id"]?.string { names["{id}"] = id }
                if let token = response.json["token"]?.string { names["{token}"] = token }
            }
        }
    }
}

/// Replaces the values of these members, whatever they are.
func masking(_ names: String...) -> @Sendable (String) -> String {
    { text in
        guard let start = text.firstIndex(where: { $0 == "{" || $0 == "[" }),
            let value = try? JSONValue(parsing: String(text[start...]))
        else { return text }
        return text[..<start] + value.masked(names).description
    }
}

extension JSONValue {
    fileprivate func masked(_ names: [String]) -> JSONValue {
        switch self {
        case .object(let members):
            .object(
                members.map { member in
                    names.contains(member.name)
                        ? JSONMember(member.name, .string("*"))
                        : JSONMember(member.name, member.value.masked(names))
                }
            )
        case .array(let elements): .array(elements.map { $0.masked(names) })
        case .null, .bool, .integer, .number, .string: self
        }
    }
}
