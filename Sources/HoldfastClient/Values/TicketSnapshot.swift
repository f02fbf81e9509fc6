// Tickets, resources and the server as they are shown to people (PROTOCOL §3, §4). Times of the wall
// clock stay the text the server wrote: they decide nothing, and the SDK need not carry a calendar.

/// A ticket as the server shows it.
public struct TicketSnapshot: Hashable, Sendable {
    /// Its name, shown to its owner and to administrators.
    public var ticket: Ticket?
    /// Its public count on its resource.
    public var number: Int
    /// What it is for.
    public var resource: String
    /// `queued`, `acquired` or `released`.
    public var state: String
    /// How it ended, if it has.
    public var ended: LockLoss.Cause?
    /// Who may hold the resource beside it.
    public var mode: LockMode
    /// The principal it belongs to.
    public var owner: String
    /// Its holder label.
    public var holder: String?
    /// Why it is there.
    public var reason: String?
    /// Small facts for people.
    public var metadata: [String: String]
    /// Its priority, 0 to 9.
    public var priority: Int
    /// The duration of its lease.
    public var lease: Duration
    /// The fence of its grant.
    public var fence: Int?
    /// What is left of its lease.
    public var remaining: Duration?
    /// Its place in the queue.
    public var place: QueuePosition?
    /// When it was made, RFC 3339.
    public var createdAt: String?
    /// When it was granted, RFC 3339.
    public var acquiredAt: String?
    /// When it was last renewed, RFC 3339.
    public var renewedAt: String?
    /// When its lease ends, RFC 3339.
    public var expiresAt: String?
    /// When it ended, RFC 3339.
    public var endedAt: String?
    /// Whether it may be stolen from.
    public var isStealable: Bool
    /// What its life is tied to.
    public var binding: TicketBinding?
    /// Who ended it.
    public var endedBy: String?
    /// Why they did.
    public var endReason: String?
}

/// A resource with those who hold it and wait for it.
public struct ResourceSnapshot: Hashable, Sendable {
    /// Its path.
    public var resource: String
    /// `exclusive`, `shared` or `permit`; nil where it has no live ticket.
    public var mode: String?
    /// The number of permits, of a semaphore.
    public var of: Int?
    /// Those who hold it, in the order of their grants.
    public var holders: [TicketSnapshot]
    /// How many hold it; more than are shown, maybe.
    public var holderCount: Int
    /// Those who wait, in the order in which they will be granted.
    public var queue: [TicketSnapshot]
    /// How many wait.
    public var queueLength: Int
    /// Finished tickets that are still remembered, newest first.
    public var recent: [TicketSnapshot]
    /// The last fence granted; zero where none is remembered.
    public var fence: Int
    /// How long it stays closed to every new grant.
    public var closedFor: Duration?
}

/// One line of a list of resources.
public struct ResourceLine: Hashable, Sendable {
    /// Its path.
    public var resource: String
    /// `exclusive`, `shared` or `permit`; nil where it has no live ticket.
    public var mode: String?
    /// How many hold it.
    public var holderCount: Int
    /// How many wait for it.
    public var queueLength: Int
    /// The last fence granted.
    public var fence: Int
    /// How long the longest waiting ticket has waited.
    public var oldestWait: Duration
    /// The first holder's principal.
    public var owner: String?
    /// The first holder's label.
    public var holder: String?
    /// How long the first holder has held it.
    public var age: Duration?
    /// What is left of the first holder's lease.
    public var remaining: Duration?
    /// How long it stays closed to every new grant.
    public var closedFor: Duration?
}

/// A page of resources.
public struct ResourcePage: Hashable, Sendable {
    /// The resources of this page.
    public var resources: [ResourceLine]
    /// What to pass as `after` for the following page; nil on the last one.
    public var next: String?
}

/// In which order resources are shown.
public enum ResourceOrder: String, Hashable, Sendable {
    /// By the bytes of the path.
    case path
    /// The longest queue first.
    case queue
    /// The longest wait first.
    case wait
}

/// The answer to a check of a fence or a ticket.
public struct FenceCheck: Hashable, Sendable {
    /// Whether it belongs to a present holder.
    public var isValid: Bool
    /// The newest present holder's fence.
    public var fence: Int?
    /// The state of the ticket, if a ticket was asked for.
    public var state: String?
}

/// What the server counts.
public struct ServerStatistics: Hashable, Sendable {
    /// How long it has been up.
    public var uptime: Duration
    /// Open connections.
    public var connections: Int
    /// Live sessions.
    public var sessions: Int
    /// Resources in memory.
    public var resources: Int
    /// Tickets that hold a resource.
    public var held: Int
    /// Tickets that wait.
    public var waiting: Int
    /// Grants since the start.
    public var granted: Int
    /// Releases since the start.
    public var released: Int
    /// Leases that ran out since the start.
    public var expired: Int
    /// Tickets lost since the start.
    public var lost: Int
    /// Tickets stolen since the start.
    public var stolen: Int
    /// Requests since the start.
    public var requests: Int
    /// Bytes read since the start.
    public var bytesIn: Int
    /// Bytes written since the start.
    public var bytesOut: Int
}
