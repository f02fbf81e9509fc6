// The writer: one task that does everything that concerns the disk, one thing after another. Batches go first, because
// somebody waits for them; then one part of a snapshot; then what is due by the clock.

import HoldfastModel

extension FileJournal {
    /// The journal's life: returns when the task is cancelled, after everything handed over was made durable; throws
    /// when the disk failed, and nothing is accepted any more.
    ///
    /// Once, after `open`, by a task that prefers the journal's loop.
    package func run() async throws(JournalError) {
        await withDiscardingTaskGroup { group in
            group.addTask(executorPreference: loop) { await self.watchClock() }
            while phase == .open, await bell.rings() { await work() }
            group.cancelAll()
        }
        if phase == .open { await close() }
        if case .failed(let error) = phase { throw error }
    }

    /// Whatever became due, the writer looks itself.
    private func watchClock() async {
        while await alarm.rings() { bell.ring() }
    }

    private func close() async {
        await work()
        await attempting { log throws(JournalError) in try await log.close() }
        if phase == .open {
            end(as: .ended, telling: .failed("the journal is closed"))
        }
        await disk.unlock()
    }

    /// Does all there is to do.
    private func work() async {
        while phase == .open, await workOnce() {}
        armAlarm()
    }

    /// False when nothing was to be done.
    private func workOnce() async -> Bool {
        if !batches.isEmpty {
            await writeBatches()
        } else if !sections.isEmpty {
            await writeSection()
        } else if syncDeadline <= loop.reading.now {
            await syncNow()
        } else if markDeadline <= loop.reading.now {
            await writeMark()
        } else {
            return false
        }
        return true
    }

    private func armAlarm() { alarm.set(for: min(syncDeadline, markDeadline)) }

    /// A failure of the body is the journal's end.
    func attempting(_ body: (LogWriter) async throws(JournalError) -> Void) async {
        guard let log else { return }
        do throws(JournalError) { try await body(log) } catch { fail(error) }
    }

    // MARK: Batches

    private func writeBatches() async {
        let group = batches
        batches = []
        var failure: JournalError?
        let measure = beginSync()
        await attempting { log throws(JournalError) in
            for batch in group {
                for piece in batch.pieces { try await log.append(piece) }
            }
            switch settings.sync {
            case .always: try await log.sync()
            case .interval: try await log.flush()
            }
        }
        endSync(measure)
        if case .failed(let error) = phase { failure = error }
        for batch in group {
            let result: Result<JournalWish, JournalError> =
                failure.map { .failure($0) } ?? .success(wish(for: batch.loop))
            batch.continuation.resume(returning: result)
        }
        noteWritten()
        await beginImageIfDue()
    }

    /// What was written wants a sync, or a frame that says it was synced.
    private func noteWritten() {
        guard let log else { return }
        let now = loop.reading.now
        if case .interval(let interval) = settings.sync, log.durable < log.sequence,
            syncDeadline == .never
        {
            syncDeadline = now + interval
        }
        noteDurable()
    }

    private func noteDurable() {
        guard let log else { return }
        if log.durable == log.sequence { syncDeadline = .never }
        // Batches behind it say it, too: the deadline is that of the first that nothing has said it of.
        if !log.owesMark {
            markDeadline = .never
        } else if markDeadline == .never || log.marked > markedBefore {
            markDeadline = loop.reading.now + settings.markDelay
        }
        markedBefore = log.marked
    }

    // MARK: By the clock

    private func syncNow() async {
        let measure = beginSync()
        await attempting { log throws(JournalError) in try await log.sync() }
        endSync(measure)
        noteDurable()
    }

    private func writeMark() async {
        let measure = beginSync()
        await attempting { log throws(JournalError) in
            try await log.appendMark()
            try await log.sync()
        }
        endSync(measure)
        noteDurable()
    }
}
