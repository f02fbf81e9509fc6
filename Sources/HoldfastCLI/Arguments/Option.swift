// One option of the command line, as a value. Commands are described by such values; parsing, help,
// completion and the names in the environment are worked out from them.

/// An option whose value has a type: the key to read it from `Settings`.
package struct Option<Value: OptionValue>: Sendable {
    package let description: OptionDescription

    package init(
        _ name: String,
        placeholder: String = Value.placeholder,
        default fallback: String? = nil,
        repeats: OptionDescription.Repetition = .lastWins,
        environment: Bool = true,
        _ help: String
    ) {
        description = OptionDescription(
            name: name,
            placeholder: Value.self == Bool.self ? nil : placeholder,
            choices: Value.choices,
            takesFile: Value.self == FileName.self,
            fallback: fallback,
            repetition: repeats,
            readsEnvironment: environment,
            help: help,
            read: { (text) throws(ValueFlaw) in try Value(argument: text) }
        )
    }
}

/// What everyone but the reader of its value needs to know of an option.
package struct OptionDescription: Sendable {
    package enum Repetition: Sendable {
        case lastWins
        /// Every one counts.
        case adds
        /// Every one counts, and commas separate several in one text.
        case addsByCommas
    }

    package var name: String
    /// Nil where there is no value: a switch.
    package var placeholder: String?
    package var choices: [String]
    package var takesFile: Bool
    /// The default, as help shows it.
    package var fallback: String?
    package var repetition: Repetition
    package var readsEnvironment: Bool
    package var help: String
    package var read: @Sendable (String) throws(ValueFlaw) -> any OptionValue

    /// `--max-wait` is `HOLDFAST_MAX_WAIT`.
    package var environmentName: String {
        "HOLDFAST_"
            + String(decoding: name.utf8.map { $0 == 0x2d ? 0x5f : $0 }, as: UTF8.self).uppercased()
    }
}
