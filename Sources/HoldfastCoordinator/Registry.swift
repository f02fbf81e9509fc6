// The registry owns the map of slots to shards and answers what concerns all of them: sessions'
// ends, the list of resources, the counts, the drain. It is pinned to the first loop and asked
// rarely; the way of a request to its shard is a pure function of the map and never passes here.

import HoldfastCore
import HoldfastJournal
package import HoldfastModel
import Synchronization

/// Which shard has which slot; the same for every path, for as long as the process lives.
package struct ShardMap: Sendable {
    package let shards: [Shard]

    package subscript(slot: Slot) -> Shard { shards[Int(slot.number) % shards.count] }
    package subscript(loop: LoopIndex) -> Shard { shards[Int(loop.number)] }

    /// The loop of the slot's shard.
    package func loop(of slot: Slot) -> LoopIndex {
        ShardMap.loop(of: slot, among: UInt8(shards.count))
    }

    /// The same for whoever knows how many there are.
    @inlinable
    package static func loop(of slot: Slot, among count: UInt8) -> LoopIndex {
        LoopIndex(number: slot.number % count)
    }

    /// Where a request belongs; nil for one that concerns no single resource.
    package func shard(for operation: Operation) -> Shard? { operation.slot.map { self[$0] } }
}

extension Operation {
    /// The slot of the one resource that it concerns; nil where it is about none or several.
    package var slot: Slot? {
        switch self {
        case .queue(let ticket), .lock(let ticket, _), .steal(let ticket, _),
            .exchange(_, let ticket):
            Slot(of: ticket.resource)
        case .acquire(let reference, _), .status(let reference), .renew(let reference, _),
            .release(let reference, _), .checkTicket(let reference):
            // A ticket that cannot be is refused by whoever gets it.
            reference.ticket?.slot ?? Slot(number: 0)
        case .checkFence(let path, _), .list(let path, _), .history(let path, _),
            .clear(let path, _):
            Slot(of: path)
        case .hello, .resources, .watch, .unwatch, .ping, .bye, .drain, .stats:
            nil
        }
    }
}

/// What concerns all shards.
package actor Registry {
    private let map: ShardMap
    private let setting: Setting
    private nonisolated let home: ShardHome
    private let startedAt: Instant

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe home.executor }

    init(map: ShardMap, setting: Setting) {
        self.map = map
        self.setting = setting
        home = map.shards[0].home
        startedAt = home.loop.reading.now
    }

    /// Those with a live ticket or a lock delay that the principal may read.
    package func resources(
        _ question: ResourcesQuestion,
        for principal: Principal
    ) async -> ResourcesAnswer {
        var all: [ResourceSummary] = []
        for shard in map.shards {
            all += await shard.summaries(question, for: principal)
        }
        all.sort { question.order.puts($0, before: $1) }
        let page = Array(all.prefix(question.limit))
        let isMore = all.count > page.count && question.order == .path
        return ResourcesAnswer(resources: page, next: isMore ? page.last?.resource : nil)
    }

    /// Rule 29: all of it for whoever may read everything, else what counts what may be read.
    package func stats(for principal: Principal) async -> Answer {
        let authority = setting.authority
        if authority.rightsOnEverything(of: principal).contains(.read) {
            return .stats(await stats())
        }
        guard authority.may(principal, somewhere: .read) else { return .refused(.missing(.read)) }
        var stats = PartialStats(uptime: uptime)
        for shard in map.shards { await shard.count(into: &stats, for: principal) }
        return .partialStats(stats)
    }

    package func stats() async -> StatsAnswer {
        var total = Metrics()
        for shard in map.shards { total.add(await shard.metrics()) }
        return answer(total)
    }

    /// Everything that is counted and measured here.
    package func measures() async -> Measures {
        var total = Metrics()
        for shard in map.shards { total.add(await shard.metrics()) }
        var lags: [DurationHistogram] = []
        for shard in map.shards { lags.append(await shard.lags()) }
        return Measures(
            stats: answer(total),
            metrics: total,
            loopLags: lags,
            syncs: map.shards[0].journal.syncs
        )
    }

    private nonisolated var uptime: Interval { home.loop.reading.now - startedAt }

    private nonisolated func answer(_ total: Metrics) -> StatsAnswer {
        var answer = StatsAnswer()
        answer.uptime = uptime
        answer.connections = setting.census.connections.load(ordering: .relaxed)
        answer.sessions = setting.census.sessions.load(ordering: .relaxed)
        answer.resources = setting.census.resources.load(ordering: .relaxed)
        answer.held = total.held
        answer.waiting = total.waiting
        answer.granted = total.granted
        answer.released = total.released
        answer.expired = total.expired
        answer.lost = total.lost
        answer.stolen = total.stolen
        answer.requests = total.requests
        answer.bytesIn = total.bytesIn
        answer.bytesOut = total.bytesOut
        return answer
    }

    /// From now on no new tickets, or again.
    package func drain(off: Bool, reason: String?, for principal: Principal) -> Answer {
        // Rule 29: it concerns every resource there is.
        guard setting.authority.rightsOnEverything(of: principal).contains(.admin) else {
            return .refused(.missing(.admin))
        }
        setting.census.drainReason.withLock { $0 = off ? nil : reason }
        setting.census.isDraining.store(!off, ordering: .relaxed)
        return .draining(!off)
    }

    /// Ends a session and, before this returns, its tickets on every shard; all of that is durable then.
    ///
    /// Nothing where a connection says so that does not carry it any more.
    package func end(
        _ session: SessionID,
        saidBy connection: ConnectionID? = nil
    ) async throws(Refusal) {
        let shard = map[session.slot]
        guard await shard.endSession(session, saidBy: connection) else {
            return try await shard.settled()
        }
        // From then on the shards know of it.
        try await shard.settled()
        for shard in map.shards { await shard.home.mailbox.settled() }
        for shard in map.shards { try await shard.settled() }
    }

    /// Ends every session of these principals, with its tickets.
    package func endSessions(ofOwnersNamed names: [String]) async {
        let owners = Set(names.map(Owner.init))
        for shard in map.shards {
            for session in await shard.sessions(of: owners) { try? await end(session) }
        }
    }

    /// Ends whatever waits for somebody who may not have it any more.
    package func withdrawWhatIsRefused() async {
        guard setting.authority.knowsRightsByName else { return }
        for shard in map.shards { await shard.withdrawWhatIsRefused() }
    }

    /// Lets every shard tell a resumed session what changed while its client was away.
    package nonisolated func tellChanges(of session: SessionLife, to connection: ConnectionID) {
        for shard in map.shards { shard.home.mailbox.post(.sessionResumed(session, connection)) }
    }
}

extension ResourcesQuestion.Order {
    func puts(_ one: ResourceSummary, before other: ResourceSummary) -> Bool {
        switch self {
        case .path:
            one.resource < other.resource
        case .queue:
            one.queueLength == other.queueLength
                ? one.resource < other.resource : one.queueLength > other.queueLength
        case .wait:
            one.oldestWait == other.oldestWait
                ? one.resource < other.resource : one.oldestWait > other.oldestWait
        }
    }
}
