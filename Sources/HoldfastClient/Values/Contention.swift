// Who stood in the way when a lock was not to be had (PROTOCOL §2: what stands beside `conflict` and
// `timed_out`).

/// What the server told about the others on a resource.
public struct Contention: Hashable, Sendable {
    /// What the server said, for a person.
    public var message: String
    /// The longest holding ticket; nil behind a lock delay, or where it may not be shown.
    public var holder: TicketSnapshot?
    /// How many hold the resource.
    public var holderCount: Int
    /// How many wait for it.
    public var queueLength: Int
    /// How long the resource stays closed to every new grant (a lock delay).
    public var closedFor: Duration?

    /// A description of the others on a resource.
    public init(
        message: String = "",
        holder: TicketSnapshot? = nil,
        holderCount: Int = 0,
        queueLength: Int = 0,
        closedFor: Duration? = nil
    ) {
        self.message = message
        self.holder = holder
        self.holderCount = holderCount
        self.queueLength = queueLength
        self.closedFor = closedFor
    }
}

extension Contention: CustomStringConvertible {
    /// One line for a log.
    public var description: String {
        message.isEmpty ? "\(holderCount) holding, \(queueLength) waiting" : message
    }
}
