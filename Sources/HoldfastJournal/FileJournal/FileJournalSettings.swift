// What an operator or a test can choose of a file journal.

package import HoldfastModel

/// When what was written is made durable.
package enum SyncPolicy: Hashable, Sendable {
    /// Before anybody is told.
    case always
    /// At the latest so long after it was told; a power loss may take that much of what was acknowledged. A process
    /// that is killed loses nothing.
    case interval(Interval)
}

/// The measures of a file journal.
package struct FileJournalSettings: Hashable, Sendable {
    package var sync = SyncPolicy.always
    /// Reserved for each segment of the log.
    package var segmentBytes = 64 << 20
    /// Snapshots are wished for when the log since the last one is longer than this and than twice that one.
    package var snapshotFloorBytes = 64 << 20
    /// Entries of one frame, about; a batch of more is several frames.
    package var frameBytes = 1 << 20
    /// A snapshot is synced every so many bytes, so that no batch waits for a long one.
    package var snapshotSyncBytes = 4 << 20
    /// How long a batch may be durable before a frame behind it says so.
    ///
    /// Until then damage to it looks like a torn end.
    package var markDelay = Interval.milliseconds(50)

    package init() {}
}

/// What a file journal found when it was opened.
package struct FileJournalReport: Hashable, Sendable {
    /// What an operator should know: torn ends, snapshots that were passed over.
    package var notes: [String]
    package var frameCount: Int
    package var entryCount: Int
    package var byteCount: Int
    /// Of the last frame that was found.
    package var sequence: UInt64
    /// Up to here something later says that it was durable: damage to it never looks like a torn end.
    package var marked: UInt64
    /// Of the snapshot that it began with.
    package var snapshot: UInt64?
}
