// A session is a client's presence (rule 5): an actor on a shard's loop that owns whether a
// connection carries it, and since when none does. What belongs to it is ended by the shards when
// it is over.

import HoldfastJournal
package import HoldfastModel
import Synchronization

/// What everybody may know of a session, on any loop.
///
/// It is over before any shard is told to end its tickets: so a shard that sees it live will be told after the ticket
/// that it makes now, and one that sees it over makes none, which nobody would end.
package final class SessionLife: Sendable {
    package let id: SessionID
    private let over = Atomic(false)

    package init(_ id: SessionID) { self.id = id }

    package var isOver: Bool { over.load(ordering: .acquiring) }
    fileprivate func end() { over.store(true, ordering: .releasing) }
}

/// One client's presence, which outlives its connections by its grace.
actor Session {
    nonisolated let record: OpenedSession
    nonisolated let life: SessionLife
    nonisolated let home: ShardHome
    nonisolated let handle: UInt32
    private var presence: Presence {
        didSet { if presence == .over { life.end() } }
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe home.executor }

    /// Where the client is.
    enum Presence: Hashable, Sendable {
        /// A connection carries the session; leaves for `away` when the server sees it end.
        case here(ConnectionID)
        /// Nobody carries it; leaves for `here` when a client resumes it, for `over` when the grace
        /// is over.
        case away(until: Instant)
        /// Ended; its tickets end with it.
        case over
    }

    nonisolated var id: SessionID { record.id }
    nonisolated var grace: Interval { record.grace }

    init(_ record: OpenedSession, _ presence: Presence, handle: UInt32, home: ShardHome) {
        self.record = record
        life = SessionLife(record.id)
        self.presence = presence
        self.handle = handle
        self.home = home
    }

    /// Rule 14: after a restart its grace starts when the server is ready.
    func restart(at now: Instant) -> Instant {
        presence = .away(until: now + grace)
        return now + grace
    }

    /// The last resume wins.
    ///
    /// Gives the connection that carried it until now.
    func resume(on connection: ConnectionID) -> Resumption {
        defer { if presence != .over { presence = .here(connection) } }
        return switch presence {
        case .here(let older): .resumed(older: older)
        case .away: .resumed(older: nil)
        case .over: .ended
        }
    }

    enum Resumption: Hashable, Sendable {
        case resumed(older: ConnectionID?)
        case ended
    }

    /// The connection ended; from now the grace runs.
    ///
    /// Nil where another carries the session by now.
    func leave(_ connection: ConnectionID, at now: Instant) -> Instant? {
        guard presence == .here(connection) else { return nil }
        presence = .away(until: now + grace)
        return now + grace
    }

    /// True when this call ended it.
    func endIfGraceIsOver(at now: Instant) -> Bool {
        guard case .away(let until) = presence, until <= now else { return false }
        presence = .over
        return true
    }

    /// `bye` of the connection that carries it, or whatever else ends it at once.
    ///
    /// True when this call ended it.
    func end(saidBy connection: ConnectionID?) -> Bool {
        // Its client took it up elsewhere: what an older connection still says does not concern it.
        if let connection, presence != .here(connection) { return false }
        defer { presence = .over }
        return presence != .over
    }
}
