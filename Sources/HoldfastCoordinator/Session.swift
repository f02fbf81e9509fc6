// A session is a client's presence (rule 5): an actor on a shard's loop that owns whether a
// connection carries it, and since when none does. What belongs to it is ended by the shards when
// it is over.

import HoldfastModel

/// One client's presence, which outlives its connections by its grace.
actor Session {
    nonisolated let id: SessionID
    nonisolated let secret: String
    nonisolated let owner: Owner
    nonisolated let grace: Interval
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

    init(
        id: SessionID,
        secret: String,
        owner: Owner,
        grace: Interval,
        handle: UInt32,
        connection: ConnectionID,
        home: ShardHome
    ) {
        self.id = id
        self.secret = secret
        self.owner = owner
        self.grace = grace
        self.handle = handle
        self.home = home
        presence = .here(connection)
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
