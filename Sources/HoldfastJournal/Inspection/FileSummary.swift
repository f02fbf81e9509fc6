// What a file of the journal holds, in numbers: for operators and for the measure of the log.

/// A file of the journal.
package struct FileSummary: Hashable, Sendable {
    package var name: String
    package var firstSequence: UInt64
    package var frameCount = 0
    package var entryCount = 0
    /// Without what is reserved behind the last frame.
    package var byteCount = 0

    init(name: String, firstSequence: UInt64) {
        self.name = name
        self.firstSequence = firstSequence
    }
}
