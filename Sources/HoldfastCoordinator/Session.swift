// A session is a client's presence (rule 5): an actor on a shard's loop that owns whether a
// connection carries it, and since when none does. What belongs to it is ended by the shards when
// it is over.

import HoldfastJournal
import HoldfastModel

/// One client's presence, which outlives its connections by its grace.
actor Session {
    nonisolated let record: OpenedSession
    nonisolated let home: ShardHome
    nonisolated let handle: UInt32
    private var presence: Presence

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

    /// `bye`.
    ///
    /// True when this call ended it.
    func end() -> Bool {
        defer { presence = .over }
        return presence != .over
    }
}
