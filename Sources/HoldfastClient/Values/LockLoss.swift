// How a lock or a place in a queue can end without its owner wanting it (rules 2, 5, 13, 21, 22). Two
// causes are the client's own findings: the server said nothing, and the client must not trust longer.

/// How a ticket was lost.
public struct LockLoss: Hashable, Sendable {
    /// What ended a ticket.
    public enum Cause: String, Hashable, Sendable {
        /// Its lease ran out at the server.
        case expired
        /// The time to wait was over.
        case timedOut = "timed_out"
        /// It was queued, or its grant unseen, and the server did not hear of its owner in time.
        case abandoned
        /// The session it was bound to ended.
        case sessionEnded = "session_ended"
        /// Somebody with the right to steal took the resource.
        case stolen
        /// An administrator cleared the resource or released the ticket.
        case cleared
        /// Its owner released it, by this client or another.
        case released
        /// Its owner cancelled it while it was queued.
        case cancelled
        /// The server no longer knows the ticket.
        case forgotten
        /// No answer came in time, so the lease may be over (``LockHandle/remaining`` reached zero).
        ///
        /// The server may still hold the lock for this client; it must act as if it did not.
        case unconfirmed
        /// Another connection took over the session of this client.
        case sessionTaken = "session_taken"
        /// The client was closed.
        case closed
    }

    /// What ended it.
    public var cause: Cause
    /// Who ended it, where somebody did.
    public var by: String?
    /// What they gave as their reason.
    public var reason: String?

    /// A loss with what is known about it.
    public init(_ cause: Cause, by: String? = nil, reason: String? = nil) {
        self.cause = cause
        self.by = by
        self.reason = reason
    }
}

extension LockLoss: CustomStringConvertible {
    /// One line for a log: "stolen by ops (deploy is stuck)".
    public var description: String {
        cause.rawValue + (by.map { " by \($0)" } ?? "") + (reason.map { " (\($0))" } ?? "")
    }
}
