// Most commands are one request and one reply. Such a command says what it asks, how its reply reads and
// what exit code it means; sending and printing are the same for all (ClientCommand).

package import HoldfastModel
package import HoldfastWire

/// A command that is one request.
package protocol SimpleCommand: Sendable {
    static var operation: OperationName { get }

    /// The fields of the request; what nobody set is left to the server.
    static func fields(_ settings: Settings) throws(UsageError) -> [JSONMember]

    /// The reply for people.
    static func text(of reply: JSONValue, style: Style) -> [String]

    /// What a reply that is no error means to a script.
    static func exitCode(of reply: JSONValue) -> ExitCode
}

extension SimpleCommand {
    package static func exitCode(of reply: JSONValue) -> ExitCode { .done }
}

/// Builds the fields of a request out of settings.
package struct FieldBuilder {
    package private(set) var members: [JSONMember] = []
    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package mutating func add(_ name: String, _ value: JSONValue?) {
        if let value { members.append(JSONMember(name, value)) }
    }
    package mutating func add(_ name: String, positional index: Int) {
        add(name, settings.positional(index).map { .string($0) })
    }
    package mutating func add(_ name: String, _ option: Option<String>) {
        add(name, settings[option].map { .string($0) })
    }
    package mutating func add(_ name: String, _ option: Option<Int>) {
        add(name, settings[option].map { .integer(Int64($0)) })
    }
    package mutating func add(_ name: String, _ option: Option<Interval>) {
        add(name, settings[option].map { .number($0.seconds) })
    }
    package mutating func add(_ name: String, _ option: Option<Bool>) {
        if settings.isOn(option) { add(name, .bool(true)) }
    }
    package mutating func add<Value: ChoiceValue>(_ name: String, _ option: Option<Value>) {
        add(name, settings[option].map { .string($0.rawValue) })
    }

    /// The fields of `queue` (PROTOCOL §3).
    package mutating func addTicketFields() {
        add("resource", positional: 0)
        add("lease", Options.lease)
        addMode()
        add("priority", Options.priority)
        add("stealable", Options.stealable)
        add("lockDelay", Options.lockDelay)
        add("holder", Options.holder)
        add("reason", Options.reason)
        addMeta()
    }

    package mutating func addMode() {
        switch settings[Options.mode] {
        case nil: break
        case .exclusive: add("mode", .string("exclusive"))
        case .shared: add("mode", .string("shared"))
        case .permit(let count, let of):
            add("mode", .string("permit"))
            add("permits", .integer(Int64(count)))
            add("of", .integer(Int64(of)))
        }
    }

    private mutating func addMeta() {
        let entries = settings.all(Options.meta)
        guard !entries.isEmpty else { return }
        add("meta", .object(entries.map { JSONMember($0.name, .string($0.value)) }))
    }
}
