// What concerns a whole shard: its resources, its counts, its watches. A walk over a million
// resources goes in slices, so that others are served in between; what it shows is told only when
// it is durable (rule 26).

import HoldfastCore
package import HoldfastModel

extension Shard {
    /// So few that nobody else notices the wait: each is looked up, and some are shown and sorted.
    static let sliceCount = 512

    /// Goes through all handles, a slice at a time; others are served in between.
    func inSlices(_ body: (Range<Int>) -> Void) async {
        var start = 0
        while start < table.handleCount {
            body(start..<min(start + Shard.sliceCount, table.handleCount))
            start += Shard.sliceCount
            await loop.letOthersRun()
        }
    }

    /// The resources of this shard that answer the question, at most its limit and one more, in its
    /// order.
    package func summaries(
        _ question: ResourcesQuestion,
        for principal: Principal
    ) async -> [ResourceSummary] {
        var best: [ResourceSummary] = []
        var last: ResourceSummary?
        await inSlices { slice in
            let shown = table.summaries(slice, at: loop.reading) {
                question.asks(for: $0) && mayRead($0, principal)
            }
            // What the slices before leave no room for is not sorted again.
            best += shown.filter { summary in
                last.map { question.order.puts(summary, before: $0) } ?? true
            }
            last = best.keepFirst(question.limit + 1, in: question.order)
        }
        await settle()
        return best
    }

    /// Adds what the principal may read of this shard.
    func count(into stats: inout PartialStats, for principal: Principal) async {
        await inSlices { slice in
            let shown = table.summaries(slice, at: loop.reading) { mayRead($0, principal) }
            stats.resources += shown.count
            for summary in shown {
                stats.held += summary.holderCount
                stats.waiting += summary.queueLength
            }
        }
        await settle()
    }

    private func mayRead(_ path: ResourcePath, _ principal: Principal) -> Bool {
        rights(of: principal, on: path).contains(.read)
    }

    /// As the authority says, unless the way to the name says it.
    func rights(of principal: Principal, on path: ResourcePath) -> Caller.Rights {
        switch principal.standing {
        case .proved, .unproved: setting.authority.rights(of: principal, on: path)
        case .byTicket: .lock
        case .looking: .read
        }
    }

    func settle() async {
        await withCheckedContinuation { desk.value.waitUntilSettled($0) }
    }

    /// Returns when everything that was decided here until now is durable (rule 26).
    package func settled() async throws(Refusal) {
        await settle()
        if let failure = desk.value.failure { throw failure.refusal }
    }

    package func metrics() async -> Metrics {
        let metrics = desk.value.metrics
        await settle()
        return metrics
    }

    /// Live tickets and watches.
    package func crowd() -> Int {
        desk.value.metrics.held + desk.value.metrics.waiting
            + desk.value.watches.count
    }

    /// How long its loop lets others wait.
    func lags() -> DurationHistogram { loop.lags }

    package func watch(
        _ scope: WatchScope,
        connection: ConnectionID,
        number: UInt64,
        mayRead: (@Sendable (ResourcePath) -> Bool)? = nil
    ) {
        desk.value.watches.add(
            .init(connection: connection, number: number, mayRead: mayRead),
            to: scope
        )
    }

    /// Begins or ends a watch on everything for a connection that has one at most.
    ///
    /// Any loop: what one loop asked for happens in the order in which it asked. `done` is called on this shard's.
    package nonisolated func watchEverything(
        _ isOn: Bool,
        connection: ConnectionID,
        number: UInt64,
        done: @escaping @Sendable () -> Void
    ) {
        home.loop.post { [desk] in
            let watcher = WatchHub.Watcher(connection: connection, number: number)
            if isOn {
                desk.value.watches.add(watcher, to: .everything)
            } else {
                desk.value.watches.remove(watcher, from: .everything)
            }
            done()
        }
    }

    package func unwatch(_ scope: WatchScope, connection: ConnectionID, number: UInt64) {
        desk.value.watches.remove(.init(connection: connection, number: number), from: scope)
    }

    /// What a connection read and wrote, for `stats`.
    ///
    /// On the loop.
    package nonisolated func count(bytesIn: Int, bytesOut: Int) {
        desk.value.metrics.bytesIn += bytesIn
        desk.value.metrics.bytesOut += bytesOut
    }

    /// Counts a request that another than a shard answers.
    ///
    /// On the loop.
    package nonisolated func countRequest() { desk.value.metrics.requests += 1 }

    /// Counts how it was answered.
    ///
    /// On the loop.
    package nonisolated func count(_ answer: Answer, to kind: Operation.Kind) {
        desk.value.metrics.answers.count(answer, to: kind)
    }
}

extension ResourcesQuestion {
    fileprivate func asks(for path: ResourcePath) -> Bool {
        if let prefix, !path.lies(under: prefix) { return false }
        if order == .path, let after, !(after < path) { return false }
        return true
    }
}

extension [ResourceSummary] {
    /// Gives the last of them where there are so many.
    fileprivate mutating func keepFirst(
        _ limit: Int,
        in order: ResourcesQuestion.Order
    ) -> ResourceSummary? {
        guard count >= limit else { return nil }
        sort { order.puts($0, before: $1) }
        removeLast(count - limit)
        return last
    }
}
