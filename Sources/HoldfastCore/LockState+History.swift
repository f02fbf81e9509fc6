// What happened here, newest first. A ticket that is live or remembered tells its own history; only
// what belongs to no such ticket, or would be lost with it, is kept in a log. So a lock that is
// held once costs no line of history, and one that is taken and released all day writes none that
// nobody could see.

package import HoldfastModel

/// One line of the history.
package struct HistoryEntry: Sendable {
    package var kind: Notice.Kind
    /// Never the same for two entries of a resource.
    package var at: Instant
    package var number: UInt64
    package var owner: Owner
    package var holder: String?
    package var fence: Fence?
    package var by: String?
    package var reason: String?

    package init(
        kind: Notice.Kind,
        at: Instant,
        number: UInt64,
        owner: Owner,
        holder: String? = nil,
        fence: Fence? = nil,
        by: String? = nil,
        reason: String? = nil
    ) {
        self.kind = kind
        self.at = at
        self.number = number
        self.owner = owner
        self.holder = holder
        self.fence = fence
        self.by = by
        self.reason = reason
    }

    func notice(of path: ResourcePath, at reading: ClockReading) -> Notice {
        Notice(
            kind,
            at: reading.wallTime(of: at),
            resource: path,
            number: number,
            owner: owner,
            holder: holder,
            fence: fence,
            by: by,
            reason: reason
        )
    }
}

/// The entries that no ticket tells, oldest first, and the latest renewals.
struct HistoryLog: Sendable {
    private(set) var entries: [HistoryEntry] = []
    /// The tickets renewed last, latest last, each once; only kept where holders are many.
    private(set) var renewals: [UInt32] = []

    var isEmpty: Bool { entries.isEmpty }

    mutating func insert(_ entry: HistoryEntry, limit: Int) {
        let place = entries.lastIndex { $0.at < entry.at }.map { $0 + 1 } ?? 0
        entries.insert(entry, at: place)
        if entries.count > limit { entries.removeFirst(entries.count - limit) }
    }

    mutating func noteRenewal(_ index: UInt32, limit: Int) {
        renewals.removeAll { $0 == index }
        renewals.append(index)
        if renewals.count > limit { renewals.removeFirst() }
    }

    mutating func dropEntries() { entries = [] }
}

extension LockState {
    /// Newest first.
    package func history(limit: Int, at reading: ClockReading) -> [Notice] {
        let limit = min(limit, bounds.history)
        let entries = extras.value.log.entries + ticketsInHistory(limit).flatMap(historyEntries)
        return entries.sorted { $0.at > $1.at }.prefix(limit).map {
            $0.notice(of: path, at: reading)
        }
    }

    /// Entries that the log keeps; they go with the resource.
    package var loggedCount: Int { extras.value.log.entries.count }

    /// Forgets what only the log knows: the server as a whole has a limit for it (rule 31).
    package mutating func dropLog() {
        guard loggedCount > 0 else { return }
        extras.value.log.dropEntries()
    }

    /// Every ticket that may have one of the newest `limit` entries.
    ///
    /// Newest are the last that ended, the last that were granted, the last that were renewed, and
    /// the last that arrived at each rank of the queue. A holder's arrival is older than its grant,
    /// so no other holder can come in by it.
    private func ticketsInHistory(_ limit: Int) -> Set<UInt32> {
        var indices = Set(remembered.suffix(limit, in: tickets))
        indices.formUnion(holders.suffix(max(limit, bounds.history), in: tickets))
        indices.formUnion(extras.value.log.renewals.filter { tickets[$0].phase == .held })
        let order = extras.value.order
        for rank in queuedRanks {
            let start = order.rank(of: rank, under: extras.value.queue)
            let end = order.rank(
                of: rank + (1 << Ticket.numberBitCount),
                under: extras.value.queue
            )
            let first = max(start, end - limit)
            indices.formUnion(
                order.nodes(after: first, limit: end - first, under: extras.value.queue)
            )
        }
        return indices
    }

    private func historyEntries(of index: UInt32) -> [HistoryEntry] {
        let ticket = tickets[index]
        var entries: [HistoryEntry] = []
        if ticket.traits.contains(.waited) {
            entries.append(historyEntry(.queued, index, at: ticket.createdAt))
        }
        if ticket.grantedAt != .never {
            entries.append(historyEntry(.acquired, index, at: ticket.grantedAt))
        }
        if ticket.renewedAt != .never {
            entries.append(historyEntry(.renewed, index, at: ticket.renewedAt))
        }
        if ticket.phase == .finished {
            let loss = loss(of: index)
            let kind = Notice.Kind(loss.ended)
            entries.append(
                historyEntry(kind, index, at: ticket.until, by: loss.by, reason: loss.reason)
            )
        }
        return entries
    }

    func historyEntry(
        _ kind: Notice.Kind,
        _ index: UInt32,
        at stamp: Instant,
        by: String? = nil,
        reason: String? = nil
    ) -> HistoryEntry {
        let ticket = tickets[index]
        let showsFence = kind != .queued && ticket.fence != .none
        return HistoryEntry(
            kind: kind,
            at: stamp,
            number: ticket.number,
            owner: ticket.owner,
            holder: ticket.details?.holder,
            fence: showsFence ? ticket.fence : nil,
            by: by,
            reason: reason ?? (kind.ending == nil ? ticket.details?.reason : nil)
        )
    }

    /// Something that no ticket tells later: to the log, and to watchers.
    mutating func noteEvent(
        _ kind: Notice.Kind,
        _ index: UInt32,
        at stamp: Instant,
        by: String? = nil,
        reason: String? = nil,
        _ reading: ClockReading,
        _ effects: inout Effects
    ) {
        let entry = historyEntry(kind, index, at: stamp, by: by, reason: reason)
        if bounds.history > 0 { extras.value.log.insert(entry, limit: bounds.history) }
        if effects.wantsNotices {
            effects.outputs.append(.notice(entry.notice(of: path, at: reading)))
        }
    }

    /// A ticket is about to be forgotten.
    mutating func keepHistory(of index: UInt32) {
        // Each of those that ended later has a newer entry: where they are enough, nobody can see
        // this one. With the last ticket the resource goes, unless a lock delay keeps it.
        guard remembered.count < bounds.history, tickets.count > 1 || isClosed else { return }
        for entry in historyEntries(of: index) {
            extras.value.log.insert(entry, limit: bounds.history)
        }
    }

    /// A lease was renewed: where holders are many, the latest renewals have to be known.
    mutating func noteRenewal(_ index: UInt32) {
        guard holders.count > bounds.history else { return }
        extras.value.log.noteRenewal(index, limit: bounds.history)
    }
}
