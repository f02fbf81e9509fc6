// How long the disk takes, which is most of what a client waits for: noted each time, told to whoever asks.

package import HoldfastModel

extension FileJournal {
    package nonisolated var syncs: DurationHistogram? { syncTimes.withLock { $0 } }

    /// Where a look at the clock begins.
    struct SyncMeasure {
        fileprivate var begun: Instant
        fileprivate var count: Int
    }

    /// Something is about to be written and perhaps synced.
    func beginSync() -> SyncMeasure {
        SyncMeasure(begun: loop.reading.now, count: log?.syncCount ?? 0)
    }

    /// It was; where nothing was synced there is nothing to note.
    func endSync(_ measure: SyncMeasure) {
        guard let log, log.syncCount > measure.count else { return }
        let took = loop.reading.now - measure.begun
        syncTimes.withLock { $0.note(took) }
    }
}
