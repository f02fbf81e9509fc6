// How a journal opens: lock, read, make last what was read, begin a segment of one's own. Only then may anything be
// told that rests on it. And how it ends.

import HoldfastModel

extension FileJournal {
    /// Reads everything that is there.
    ///
    /// `random` names the journal if it is new. After an error the journal stays closed.
    package func open(random: UInt64) async throws(JournalError) -> FileJournalReport {
        precondition(phase == .closed, "a journal is opened once")
        // Whoever asks: calls of the disk block, and an initialiser runs where its task prefers to.
        return try await withTaskExecutorPreference(loop) { () async throws(JournalError) in
            try await readEverything(random)
        }
    }

    private func readEverything(_ random: UInt64) async throws(JournalError) -> FileJournalReport {
        do throws(JournalError) {
            try await lock()
            let recovery = try await recover()
            let instance = recovery.instance ?? random
            let log = try await LogWriter(
                on: disk,
                instance: instance,
                run: FileHeader.Run(number: recovery.runs.newestNumber + 1, reading: beginning),
                after: recovery.tail,
                segmentBytes: settings.segmentBytes
            )
            measure = LogMeasure(
                before: recovery.logByteCount,
                snapshot: recovery.snapshot?.byteCount ?? 0,
                floor: settings.snapshotFloorBytes
            )
            self.log = log
            self.recovery = recovery
            phase = .open
            return FileJournalReport(recovery)
        } catch {
            phase = .failed(error)
            await disk.unlock()
            throw error
        }
    }

    private func lock() async throws(JournalError) {
        do throws(DiskError) {
            try await disk.lock()
        } catch {
            guard case .inUse = error else { throw JournalError(error, "lock", "the directory") }
            throw .failed("the directory is in use by another server")
        }
    }

    private func recover() async throws(JournalError) -> Recovery {
        // A process that died may have left names that are on no disk yet.
        try await syncDirectory()
        let recovery = try await Recovery.read(disk)
        try await clear(olderThan: recovery.snapshot?.number ?? 0)
        if let tail = recovery.tail { try await makeLast(tail) }
        return recovery
    }

    /// What was read is acted upon from now on: it must not vanish after all.
    private func makeLast(_ tail: Recovery.Tail) async throws(JournalError) {
        let name = JournalFileName(.segment, tail.segment)
        guard case .success(var reader) = try await FrameReader.open(name, on: disk) else {
            throw .damaged("\(name.text), offset 0: the header cannot be read any more")
        }
        while reader.offset < tail.end, case .frame = try await reader.next() {}
        guard reader.offset == tail.end else {
            throw .damaged("\(name.text), offset \(reader.offset): it reads differently now")
        }
        try await reader.rewrite(from: tail.unmarked ?? tail.end)
        try await reader.cut()
        await reader.close()
    }

    /// Removes files that nobody will read: unfinished ones, and those before a snapshot.
    func clear(olderThan number: UInt64) async throws(JournalError) {
        let directory = try await JournalDirectory.read(disk)
        let names = directory.unfinished + directory.olderThan(number).map(\.text)
        guard !names.isEmpty else { return }
        for name in names {
            try await attempt("remove", name) { () async throws(DiskError) in
                try await disk.remove(name)
            }
        }
        try await syncDirectory()
    }

    private func syncDirectory() async throws(JournalError) {
        try await attempt("sync", "the directory") { () async throws(DiskError) in
            try await disk.syncDirectory()
        }
    }
}

extension FileJournalReport {
    init(_ recovery: Recovery) {
        self.init(
            notes: recovery.notes,
            frameCount: recovery.files.reduce(0) { $0 + $1.frameCount },
            entryCount: recovery.files.reduce(0) { $0 + $1.entryCount },
            byteCount: recovery.files.reduce(0) { $0 + $1.byteCount },
            sequence: (recovery.tail?.nextSequence ?? 1) - 1,
            marked: recovery.tail?.marked ?? 0,
            snapshot: recovery.snapshot?.number
        )
    }
}
