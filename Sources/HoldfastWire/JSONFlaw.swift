// What can be wrong with a text that should be JSON, and how a person is told.

/// What is wrong with a text that is no JSON, or not within the limits of PROTOCOL §1.
package struct JSONFlaw: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case endOfInput
        case unexpectedByte
        case controlCharacter
        case invalidUTF8
        case invalidEscape
        case loneSurrogate
        case invalidNumber
        case numberNotFinite
        case tooDeep
        case trailingBytes
        case notAnObject
    }

    package var kind: Kind
    /// The byte, counted from 0, at which it shows.
    package var offset: Int

    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// A sentence for people.
    package var explanation: String {
        switch kind {
        case .endOfInput: "the line ends in the middle of a value"
        case .unexpectedByte: "this is no JSON from byte \(offset) on"
        case .controlCharacter: "a control character in a string must be escaped"
        case .invalidUTF8: "this is no UTF-8 from byte \(offset) on"
        case .invalidEscape: "this is no escape that JSON knows"
        case .loneSurrogate: "an escaped surrogate must be half of a pair"
        case .invalidNumber: "this is no number as JSON writes them"
        case .numberNotFinite: "a number is too large for a finite double"
        case .tooDeep: "values nest deeper than \(JSONReader.depthMax)"
        case .trailingBytes: "something follows the object"
        case .notAnObject: "a line must be a JSON object"
        }
    }
}
