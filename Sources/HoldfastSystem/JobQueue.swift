// The jobs a loop has to run, first come, first served. Two arrays that change places: one is read, one
// is filled; no index ever wraps and no element moves.

/// A queue of jobs for one thread.
struct JobQueue {
    /// What an emptied queue may keep of its memory.
    static let keptCapacity = 16_384

    private var current: [UnownedJob] = []
    private var next = 0
    private var incoming: [UnownedJob] = []

    var isEmpty: Bool { next == current.count && incoming.isEmpty }

    mutating func append(_ job: UnownedJob) { incoming.append(job) }

    mutating func popFirst() -> UnownedJob? {
        if next == current.count {
            guard !incoming.isEmpty else { return nil }
            // After a burst the memory goes back.
            current.removeAll(keepingCapacity: current.capacity <= Self.keptCapacity)
            swap(&current, &incoming)
            next = 0
        }
        defer { next += 1 }
        return current[next]
    }
}
