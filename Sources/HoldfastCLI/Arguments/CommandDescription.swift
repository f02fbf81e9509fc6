// One command as a value: what it is called, what it takes, what help says of it.

/// Everything that parsing, help and completion know of a command.
package struct CommandDescription: Sendable {
    package enum Group: String, Sendable, CaseIterable {
        case server = "Server"
        case locks = "Locks"
        case views = "Views"
        case tools = "Tools"
    }

    /// An argument that is known by its place.
    package struct Positional: Sendable {
        package var name: String
        package var isRequired: Bool
        /// What completion offers.
        package var choices: [String]

        package static func required(_ name: String, choices: [String] = []) -> Positional {
            Positional(name: name, isRequired: true, choices: choices)
        }
        package static func optional(_ name: String, choices: [String] = []) -> Positional {
            Positional(name: name, isRequired: false, choices: choices)
        }
    }

    /// A heading in help with its options.
    package struct Section: Sendable {
        package var title: String
        package var options: [OptionDescription]
        package init(_ title: String, _ options: [OptionDescription]) {
            self.title = title
            self.options = options
        }
    }

    package var name: CommandName
    package var group: Group
    package var summary: String
    package var positionals: [Positional] = []
    /// What stands after `--`, for a command that starts another.
    package var tail: String?
    package var sections: [Section]
    package var discussion: String
    package var examples: [String] = []

    package var options: [OptionDescription] { sections.flatMap(\.options) }

    package func option(named name: String) -> OptionDescription? {
        options.first { $0.name == name }
    }

    /// How it is called: "holdfast run RESOURCE [options] -- COMMAND [ARG…]".
    package var usage: String {
        let places = positionals.map { $0.isRequired ? $0.name : "[\($0.name)]" }
        let words = ["holdfast", name.rawValue] + places
        return (words + (options.isEmpty ? [] : ["[options]"]) + (tail.map { ["-- \($0)"] } ?? []))
            .joined(separator: " ")
    }
}

/// The commands there are; a switch over it keeps every list complete.
package enum CommandName: String, Sendable, CaseIterable {
    case serve
    case checkConfig = "check-config"
    case run
    case queue
    case lock
    case acquire
    case renew
    case release
    case check
    case steal
    case clear
    case status
    case list
    case resources
    case history
    case watch
    case top
    case stats
    case ping
    case drain
    case bench
    case journal
    case token
    case completions
    case help
}
