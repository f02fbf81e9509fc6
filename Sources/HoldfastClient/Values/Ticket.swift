// A ticket's name (rule 3) and where a ticket stands (rule 2), as a user sees them.

/// The name of a ticket: all that an operation on it needs, also from another process.
public struct Ticket: Hashable, Sendable {
    /// The opaque text; keep it like a password, it is worth a lock.
    public let text: String

    /// A ticket whose text was stored.
    public init(_ text: String) { self.text = text }
}

extension Ticket: CustomStringConvertible {
    /// The text.
    public var description: String { text }
}

/// What the server told about a ticket in answer to `queue`, `acquire`, `lock` or `steal`.
public struct TicketReport: Hashable, Sendable {
    /// Where a ticket stands, with what belongs to that state.
    public enum Standing: Hashable, Sendable {
        /// It waits for its turn.
        case queued(QueuePosition)
        /// It holds the resource.
        case acquired(LockGrant)
        /// It is over.
        case released(LockLoss)
    }

    /// The ticket.
    public var ticket: Ticket
    /// What it is for; nil where the answer does not say.
    public var resource: String?
    /// The duration of its lease.
    public var lease: Duration?
    /// Where it stands.
    public var standing: Standing
    /// Whether it was there before: found by its idempotency key, or as this owner's own.
    public var isExisting: Bool

    /// The state of a ticket.
    public init(
        ticket: Ticket,
        resource: String? = nil,
        lease: Duration? = nil,
        standing: Standing,
        isExisting: Bool = false
    ) {
        self.ticket = ticket
        self.resource = resource
        self.lease = lease
        self.standing = standing
        self.isExisting = isExisting
    }

    /// What it holds, if it holds the resource.
    public var grant: LockGrant? {
        if case .acquired(let grant) = standing { return grant }
        return nil
    }
}

/// A place in a queue.
public struct QueuePosition: Hashable, Sendable {
    /// Counts from 1, the next to be granted.
    public var position: Int
    /// How many wait.
    public var queueLength: Int

    /// A place in a queue.
    public init(position: Int, queueLength: Int) {
        self.position = position
        self.queueLength = queueLength
    }
}

/// What a holder is told of its grant.
public struct LockGrant: Hashable, Sendable {
    /// Larger than every fence granted before on this resource; hand it to what the lock protects.
    public var fence: Int
    /// What was left of the lease when the server answered.
    ///
    /// It counts from when the request was *sent*, not from when the answer came: see
    /// <doc:WhatAClientMayTrust>.
    public var remaining: Duration
    /// Whether somebody is about to steal it.
    public var isLosing: Bool

    /// A grant.
    public init(fence: Int, remaining: Duration, isLosing: Bool = false) {
        self.fence = fence
        self.remaining = remaining
        self.isLosing = isLosing
    }
}

/// The answer to a release.
public struct ReleaseOutcome: Hashable, Sendable {
    /// `released` where it was held, `cancelled` where it was queued, `cleared` where it was another's.
    public var cause: LockLoss.Cause
    /// Whether its owner had released it before.
    public var wasAlreadyReleased: Bool

    /// The answer to a release.
    public init(cause: LockLoss.Cause, wasAlreadyReleased: Bool = false) {
        self.cause = cause
        self.wasAlreadyReleased = wasAlreadyReleased
    }
}
