// How long the disk takes, which is most of what a client waits for: noted each time, told to whoever asks.

package import HoldfastModel

extension FileJournal {
    package nonisolated var syncs: DurationHistogram? { syncTimes.withLock { $0 } }

    /// Makes everything in the log durable and notes how long that took; nothing where there was nothing to do.
    func sync(_ log: LogWriter) async throws(JournalError) {
        let (begun, before) = (loop.reading.now, log.syncCount)
        try await log.sync()
        guard log.syncCount > before else { return }
        let took = loop.reading.now - begun
        syncTimes.withLock { $0.note(took) }
    }
}
