// What a fuzzer throws bytes at. A target is a function of bytes that either returns or says what it found, so the
// same code runs under libFuzzer (`.ci/fuzz`), which looks for new inputs, and in `swift test`, which replays the
// corpus. Traps in the product are findings of their own kind: they end the process, and the fuzzer keeps the input.
//
// A further target is one file and one line in `all`.

/// One thing to fuzz.
package protocol FuzzTarget: Sendable {
    /// The name of its folder in the corpus, and what `.ci/fuzz` calls it.
    var name: String { get }
    /// Returns when nothing is wrong with what the product made of these bytes.
    func run(_ bytes: [UInt8]) throws(Finding)
}

/// The targets of this repository.
package enum FuzzTargets {
    package static let all: [any FuzzTarget] = [
        WireTarget(), CoreTarget(), JournalTarget(), HTTPTarget(), TokenTarget(),
    ]
}

/// Something that must not be.
package struct Finding: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// Says so where something that must hold does not.
func demand(
    _ condition: Bool,
    _ message: @autoclosure () -> String
) throws(Finding) {
    guard condition else { throw Finding(message()) }
}
