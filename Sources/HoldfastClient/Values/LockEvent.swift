// What a client is told without having asked (PROTOCOL §5): of its own tickets, and of what it watches.

/// Something that happened to one of the client's own tickets.
public enum LockEvent: Hashable, Sendable {
    /// A waiting `lock` has its ticket.
    case queued(Ticket, resource: String, QueuePosition)
    /// A ticket was granted.
    case acquired(Ticket, resource: String, LockGrant)
    /// Its place in the queue is another.
    case position(Ticket, QueuePosition)
    /// Somebody steals it: it ends after `grace` at the latest.
    case losing(Ticket, resource: String, grace: Duration, by: String, reason: String?)
    /// The steal is off.
    case kept(Ticket, resource: String)
    /// It has ended, and not by this client's release.
    case lost(Ticket, resource: String, LockLoss)
    /// Events were not kept because nobody took them in time.
    case gap(missed: Int)
}

/// What to watch.
public enum WatchTopic: Hashable, Sendable {
    /// One resource.
    case resource(String)
    /// A path and everything below it.
    case prefix(String)
    /// Everything the principal may read.
    case everything
}

/// Something that happened on a watched resource, or could not be told.
public enum WatchEvent: Hashable, Sendable {
    /// Something happened.
    case happened(WatchNotice)
    /// Something may have happened that is not told: `missed` events, or an unknown number of them while the
    /// connection was away. Whoever keeps a picture lists again.
    case gap(missed: Int?)
}

/// One event of a watched resource, or one line of a resource's history.
public struct WatchNotice: Hashable, Sendable {
    /// The protocol's word for what happened.
    ///
    /// `queued`, `acquired`, `renewed`, `released`, `expired`, `stolen` and so on.
    public var event: String
    /// When, RFC 3339.
    public var at: String
    /// Where.
    public var resource: String
    /// The ticket's public count on its resource.
    public var number: Int
    /// The principal the ticket belongs to.
    public var owner: String
    /// The ticket's holder label.
    public var holder: String?
    /// The fence of its grant.
    public var fence: Int?
    /// Who caused it, if it was not the owner.
    public var by: String?
    /// What they gave as their reason.
    public var reason: String?
}
