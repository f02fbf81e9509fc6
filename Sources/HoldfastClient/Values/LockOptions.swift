// What a request for a lock may say beyond resource, lease and wait (PROTOCOL §3). The defaults are the
// protocol's own; only what differs from them is sent.

/// Who may hold the resource at the same time.
public enum LockMode: Hashable, Sendable {
    /// Nobody else.
    case exclusive
    /// Others that ask for `shared`, too: readers.
    case shared
    /// `count` of `of` permits of a semaphore.
    case permit(count: Int = 1, of: Int)
}

/// What a ticket's life is tied to.
public enum TicketBinding: String, Hashable, Sendable {
    /// Its own lease alone.
    case ticket
    /// The client's session, too: when the client is gone for its grace the ticket ends.
    case session
}

/// What rides along with a request for a lock, and how it behaves in special cases.
public struct LockOptions: Hashable, Sendable {
    /// Who holds it, for people: "ci-7, job 4211".
    public var holder: String?
    /// Small facts for people, at most 16.
    public var metadata: [String: String]
    /// What the ticket's life is tied to; nil: the session, if the client has one.
    public var binding: TicketBinding?
    /// Whether a principal with the right to steal may take the lock.
    public var isStealable: Bool
    /// How long the resource stays closed to everybody when this holder vanished.
    public var lockDelay: Duration
    /// How long an unbound ticket waits without being heard of; nil is the server's default, 90 s.
    public var pollWithin: Duration?
    /// Whether to get the owner's own live ticket on the resource instead of queueing another.
    ///
    /// Only where the principal is one actor.
    public var returnsOwnTicket: Bool
    /// Whether ``HoldfastClient/events()`` tells every new position in the queue.
    public var reportsPosition: Bool
    /// The idempotency key: the same key with the same request is the same ticket.
    ///
    /// The client makes one up where this is nil; give your own to find a ticket again after your
    /// process died.
    public var key: String?

    /// Options, each with the protocol's default.
    public init(
        holder: String? = nil,
        metadata: [String: String] = [:],
        binding: TicketBinding? = nil,
        isStealable: Bool = false,
        lockDelay: Duration = .zero,
        pollWithin: Duration? = nil,
        returnsOwnTicket: Bool = false,
        reportsPosition: Bool = false,
        key: String? = nil
    ) {
        self.holder = holder
        self.metadata = metadata
        self.binding = binding
        self.isStealable = isStealable
        self.lockDelay = lockDelay
        self.pollWithin = pollWithin
        self.returnsOwnTicket = returnsOwnTicket
        self.reportsPosition = reportsPosition
        self.key = key
    }
}
