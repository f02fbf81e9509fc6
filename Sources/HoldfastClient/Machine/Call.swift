// A request on its way: who waits for it, whether it was ever sent, and until when to try.

import HoldfastModel

/// One request of a caller, or of the client itself, for as long as it is not settled.
struct CallID: Hashable, Comparable, Sendable {
    let number: UInt64
    static func < (left: CallID, right: CallID) -> Bool { left.number < right.number }
}

/// One lock that is being kept.
struct HoldID: Hashable, Sendable {
    let number: UInt64
}

/// One watch of the caller, over all connections.
struct WatchID: Hashable, Sendable {
    let number: UInt64
}

/// A request with what is known about it.
struct Call: Sendable {
    /// What its answer is for.
    enum Purpose: Hashable, Sendable {
        /// Somebody waits for the reply.
        case caller
        /// Somebody waits for a lock, which is then kept; `isBound` says whether to the session.
        case lock(isBound: Bool)
        /// The first line of a connection.
        case greeting(isResume: Bool)
        /// Nobody waits: it shows that the server is there.
        case keepAlive
        /// Extends a held lock, or asks where it stands.
        case upkeep(HoldID)
        /// Gives a ticket back that nobody wants; then that call is settled as cancelled.
        case cleanup(of: CallID?)
        case watch(WatchID)
        case unwatch
        case farewell
    }

    var request: Request
    var purpose: Purpose
    var madeAt: Instant
    /// What it is about, where the request says.
    var resource: String?
    /// When a wait is over.
    var waitUntil: Instant?
    /// Sent on the present connection and not answered.
    var isOnWire = false
    /// Sent on any connection.
    var wasSent = false
    /// Sent more than once, so that an earlier sending may have had its effect.
    var wasRepeated = false
    /// Not before this: the server asked for patience.
    var notBefore = Instant.zero
    /// Since when the server refuses it for the moment, and with what.
    var refusedSince: Instant?
    var lastRefusal: Reply?
    /// For how long it is worth sending.
    var worthUntil = Instant.never
    /// The caller left: what it made is to be given back.
    var isAbandoned = false
    /// The caller was told.
    var isSettled = false
    /// What a waiting `lock` made.
    var ticket: String?

    init(_ request: Request, for purpose: Purpose, at now: Instant) {
        self.request = request
        self.purpose = purpose
        madeAt = now
        if case .text(let path)? = request["resource"] { resource = path }
    }

    /// Whether somebody waits for it.
    var isAwaited: Bool {
        switch purpose {
        case .caller, .lock, .watch: !isSettled
        case .greeting, .keepAlive, .upkeep, .cleanup, .unwatch, .farewell: false
        }
    }
}
