// What the value of an option can be. A type says how its text is read and what help and completion
// show for it, so that parsing, help and completion cannot tell different stories.

import HoldfastModel

/// A type that options can have.
package protocol OptionValue: Sendable {
    /// What help shows in place of the value.
    static var placeholder: String { get }

    /// The only texts there are; empty where anything goes.
    static var choices: [String] { get }

    /// Reads the text as it came from a flag, the environment or a file.
    init(argument: String) throws(ValueFlaw)
}

/// Why a text is not such a value: completes the sentence "--lease: …".
package struct ValueFlaw: Error, Equatable {
    package var problem: String
    package init(_ problem: String) { self.problem = problem }
}

extension OptionValue {
    package static var choices: [String] { [] }
}

extension String: OptionValue {
    package static var placeholder: String { "TEXT" }
    package init(argument: String) throws(ValueFlaw) { self = argument }
}

extension Int: OptionValue {
    package static var placeholder: String { "N" }

    /// A whole number that is not negative; `_` and `,` may group its digits.
    package init(argument: String) throws(ValueFlaw) {
        let digits = argument.utf8.filter { $0 != 0x5f && $0 != 0x2c }
        let isNumber = !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber, let number = Int(String(decoding: digits, as: UTF8.self)) else {
            throw ValueFlaw("'\(argument)' is not a whole number")
        }
        self = number
    }
}

extension Bool: OptionValue {
    package static var placeholder: String { "true|false" }

    /// The words that people use for yes and no.
    package init(argument: String) throws(ValueFlaw) {
        switch argument.lowercased() {
        case "true", "yes", "on", "1": self = true
        case "false", "no", "off", "0": self = false
        default: throw ValueFlaw("'\(argument)' is neither true nor false")
        }
    }
}

/// The name of a file; completion offers the files there are.
package struct FileName: OptionValue, Equatable {
    package var text: String
    package static var placeholder: String { "FILE" }
    package init(argument: String) throws(ValueFlaw) {
        guard !argument.isEmpty else { throw ValueFlaw("the name of the file is missing") }
        text = argument
    }
}

/// One of a few words.
package protocol ChoiceValue: OptionValue, CaseIterable, RawRepresentable<String> {}

extension ChoiceValue {
    package static var choices: [String] { allCases.map(\.rawValue) }
    package static var placeholder: String { choices.joined(separator: "|") }
    package init(argument: String) throws(ValueFlaw) {
        guard let choice = Self(rawValue: argument) else {
            throw ValueFlaw("'\(argument)' is not one of \(Self.choices.joined(separator: ", "))")
        }
        self = choice
    }
}
