// Who there is and what they may do, as the operator writes it down: a file of JSON lines, people and roles. Only
// hashes of tokens are in it. What it does not say it does not grant, and what cannot be read in it stops the start,
// because a line that is skipped is a right that somebody expects.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire

/// The content of a token file.
package struct AccessTable: Sendable {
    /// Whoever has one of these tokens.
    struct Person: Hashable, Sendable {
        var name: String
        var display: String?
        var kind: Principal.Kind
        var roles: [String]
        var limits: PrincipalLimits
    }

    /// By the bytes of the SHA-256 of the token.
    private var names: [[UInt8]: [UInt8]] = [:]
    /// By the bytes of the name.
    private var people: [[UInt8]: Person] = [:]
    private var roles: [[UInt8]: Role] = [:]
    /// How many were before it.
    var edition = 0

    private struct Role {
        var patterns: [RightPattern]
        /// Rule 7; nil: any.
        var priorityMax: UInt8?
    }

    package init() {}

    /// Reads a file; lines that are empty or begin with `#` are for people.
    package init(parsing text: String) throws(AccessFlaw) {
        // By bytes: as a character a line's end of Windows is another.
        let lines = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false)
        var lineOfPerson: [[UInt8]: Int] = [:]
        for (index, line) in lines.enumerated() {
            let line = String(Substring(line))
            guard let first = line.first(where: { !$0.isWhitespace }), first != "#" else {
                continue
            }
            do throws(LineFlaw) {
                if let name = try take(line) { lineOfPerson[name] = index + 1 }
            } catch {
                throw AccessFlaw(line: index + 1, problem: error.problem)
            }
        }
        for (name, number) in lineOfPerson.sorted(by: { $0.value < $1.value }) {
            guard let person = people[name],
                let role = person.roles.first(where: { roles[Array($0.utf8)] == nil })
            else { continue }
            throw AccessFlaw(
                line: number,
                problem: "\(person.name) has the role \(role), which no line tells of"
            )
        }
    }

    func person(tokenHash: [UInt8]) -> Person? { names[tokenHash].flatMap { people[$0] } }

    func person(named name: String) -> Person? { people[Array(name.utf8)] }

    /// Whether this is still the name of whoever has that token; without one, whether it is one at all.
    func knows(_ name: String, by tokenHash: [UInt8]) -> Bool {
        let bytes = Array(name.utf8)
        return tokenHash.isEmpty ? people[bytes] != nil : names[tokenHash] == bytes
    }

    func patterns(ofRoles names: [String]) -> [RightPattern] {
        names.flatMap { roles[Array($0.utf8)]?.patterns ?? [] }
    }

    /// The highest that one of these roles may ask for; nil where one may ask for any.
    func priorityMax(ofRoles names: [String]) -> UInt8? {
        let bounds = names.compactMap { roles[Array($0.utf8)] }.map(\.priorityMax)
        return bounds.contains(nil) ? nil : bounds.compactMap(\.self).max()
    }

    var everybody: [String] { people.values.map(\.name) }
}

/// A token file that cannot be used, and what is wrong with it.
package struct AccessFlaw: Error, Hashable, Sendable, CustomStringConvertible {
    package var line: Int?
    package var problem: String

    package var description: String { line.map { "line \($0): \(problem)" } ?? problem }
}

private struct LineFlaw: Error {
    var problem: String
    init(_ problem: String) { self.problem = problem }
}

// MARK: - Lines

extension AccessTable {
    /// Gives the name of a person.
    private mutating func take(_ line: String) throws(LineFlaw) -> [UInt8]? {
        guard let value = try? JSONValue(parsing: line), let members = value.members else {
            throw LineFlaw("this is no JSON object")
        }
        let isRole = value["role"] != nil
        let known: Set<String> =
            isRole
            ? ["role", "rights", "maxPriority"]
            : ["name", "display", "token", "kind", "roles", "limits"]
        if let unknown = members.first(where: { !known.contains($0.name) }) {
            throw LineFlaw("unknown field \(unknown.name)")
        }
        if let name = members.nameThatRepeats { throw LineFlaw("\(name) stands twice") }
        guard isRole else { return try takePerson(value) }
        try takeRole(value)
        return nil
    }

    private mutating func takeRole(_ value: JSONValue) throws(LineFlaw) {
        guard let name = value["role"]?.string, !name.isEmpty else {
            throw LineFlaw("role must be a name")
        }
        guard roles[Array(name.utf8)] == nil else {
            throw LineFlaw("a second line for the role \(name)")
        }
        guard let texts = value["rights"]?.elements else {
            throw LineFlaw(#"rights must be a list like ["lock:ci/**"]"#)
        }
        var patterns: [RightPattern] = []
        for text in texts {
            guard let text = text.string, let pattern = RightPattern(text) else {
                throw LineFlaw(
                    "\(text) is no right: it must be like lock:ci/**, with lock, read, steal "
                        + "or admin"
                )
            }
            patterns.append(pattern)
        }
        let priorityMax = try Self.priority(value["maxPriority"])
        roles[Array(name.utf8)] = Role(patterns: patterns, priorityMax: priorityMax)
    }

    private static func priority(_ value: JSONValue?) throws(LineFlaw) -> UInt8? {
        guard let value, !value.isNull else { return nil }
        guard let number = value.integer, (0...Int64(TicketRequest.priorityMax)).contains(number)
        else {
            let most = TicketRequest.priorityMax
            throw LineFlaw("maxPriority must be a whole number from 0 to \(most)")
        }
        return UInt8(number)
    }

    private mutating func takePerson(_ value: JSONValue) throws(LineFlaw) -> [UInt8] {
        guard let name = value["name"]?.string, !name.isEmpty,
            name.utf8.count <= TicketRequest.textBytesMax, name != Owner.anonymousName
        else {
            throw LineFlaw(
                "name must be a text of at most \(TicketRequest.textBytesMax) bytes, and not "
                    + Owner.anonymousName
            )
        }
        let person = Person(
            name: name,
            display: try Self.text(value["display"], "display"),
            kind: try Self.kind(value["kind"]),
            roles: try Self.roles(value["roles"]),
            limits: try Self.limits(value["limits"])
        )
        // Somebody may have two tokens while one takes the place of the other, and none who shows a certificate.
        if let other = people[Array(name.utf8)], other != person {
            throw LineFlaw("a second line for \(name) that differs in more than the token")
        }
        let bytes = Array(name.utf8)
        people[bytes] = person
        guard let value = value["token"] else { return bytes }
        guard let text = value.string, let hash = Self.hash(text) else {
            throw LineFlaw(
                "token must be sha256: and 64 hexadecimal digits; holdfast token create makes one"
            )
        }
        guard hash != Self.hashOfNothing else {
            throw LineFlaw(
                "this is the hash of an empty token: whoever says nothing would be \(name)"
            )
        }
        guard names[hash] == nil else { throw LineFlaw("this token is on another line, too") }
        names[hash] = bytes
        return bytes
    }

    private static func text(_ value: JSONValue?, _ field: String) throws(LineFlaw) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.string else { throw LineFlaw("\(field) must be a text") }
        return text
    }

    private static func kind(_ value: JSONValue?) throws(LineFlaw) -> Principal.Kind {
        guard let value else { return .user }
        guard let kind = value.string.flatMap(Principal.Kind.init) else {
            throw LineFlaw("kind must be user or application")
        }
        return kind
    }

    private static func roles(_ value: JSONValue?) throws(LineFlaw) -> [String] {
        guard let value else { return [] }
        guard let elements = value.elements else { throw LineFlaw("roles must be a list of names") }
        var roles: [String] = []
        for element in elements {
            guard let role = element.string else { throw LineFlaw("roles must be a list of names") }
            roles.append(role)
        }
        return roles
    }

    private static func limits(_ value: JSONValue?) throws(LineFlaw) -> PrincipalLimits {
        var limits = PrincipalLimits()
        guard let value else { return limits }
        guard let members = value.members else { throw LineFlaw("limits must be an object") }
        if let name = members.nameThatRepeats { throw LineFlaw("limits.\(name) stands twice") }
        for member in members {
            guard let count = member.value.integer, count > 0, count <= Int64(Int32.max) else {
                throw LineFlaw("limits.\(member.name) must be a whole number above zero")
            }
            switch member.name {
            case LimitName.ticketsPerPrincipal.rawValue: limits.tickets = Int(count)
            case LimitName.connectionsPerPrincipal.rawValue: limits.connections = Int(count)
            case LimitName.requestsPerSecond.rawValue: limits.requests = Int(count)
            default:
                throw LineFlaw(
                    "limits knows \(LimitName.ticketsPerPrincipal.rawValue), "
                        + "\(LimitName.connectionsPerPrincipal.rawValue) and "
                        + "\(LimitName.requestsPerSecond.rawValue), not \(member.name)"
                )
            }
        }
        return limits
    }

    /// SHA-256 of no bytes at all, which a script makes whose variable is not set.
    private static let hashOfNothing = hash(
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )

    private static func hash(_ text: String) -> [UInt8]? {
        guard text.hasPrefix("sha256:") else { return nil }
        let digits = Array(text.utf8.dropFirst("sha256:".utf8.count))
        // A sign is no digit, though numbers may have one.
        guard digits.count == 64, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit })
        else { return nil }
        var hash: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard
                let byte = UInt8(
                    String(decoding: digits[index...(index + 1)], as: UTF8.self),
                    radix: 16
                )
            else { return nil }
            hash.append(byte)
        }
        return hash
    }
}

extension [JSONMember] {
    /// Of two values that somebody wrote only one could count.
    var nameThatRepeats: String? {
        var names: Set<[UInt8]> = []
        return first { !names.insert([UInt8]($0.name.utf8)).inserted }?.name
    }
}
