// What a connection is told without having asked (PROTOCOL §5).

/// An event of one ticket, for the connection that its owner last named it on.
package enum TicketEvent: Hashable, Sendable {
    /// Of a waiting `lock`: the address of that request, so that the codec can name its id.
    case queued(request: UInt64, TicketID, ResourcePath, QueuePlace)
    case acquired(TicketID, ResourcePath, lease: Interval, Grant)
    case losing(TicketID, ResourcePath, grace: Interval, by: String, reason: String?)
    case kept(TicketID, ResourcePath)
    case lost(TicketID, ResourcePath, Refusal.Loss)
    case position(TicketID, QueuePlace)

    package var ticket: TicketID {
        switch self {
        case .queued(_, let ticket, _, _), .acquired(let ticket, _, _, _),
            .losing(let ticket, _, _, _, _), .kept(let ticket, _), .lost(let ticket, _, _),
            .position(let ticket, _):
            ticket
        }
    }
}

/// What happened to a ticket, for watchers and for the history.
package struct Notice: Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case queued
        case acquired
        case renewed
        case released
        case cancelled
        case expired
        case timedOut = "timed_out"
        case abandoned
        case sessionEnded = "session_ended"
        case stolen
        case losing
        case kept
        case cleared

        package init(_ ending: Ending) {
            switch ending {
            case .released: self = .released
            case .cancelled: self = .cancelled
            case .expired: self = .expired
            case .timedOut: self = .timedOut
            case .abandoned: self = .abandoned
            case .sessionEnded: self = .sessionEnded
            case .stolen: self = .stolen
            case .cleared: self = .cleared
            }
        }

        /// Set where the ticket is over.
        package var ending: Ending? { Ending(rawValue: rawValue) }
    }

    package var kind: Kind
    package var at: WallTime
    package var resource: ResourcePath
    package var number: UInt64
    package var owner: Owner
    package var holder: String?
    package var fence: Fence?
    package var by: String?
    package var reason: String?

    package init(
        _ kind: Kind,
        at: WallTime,
        resource: ResourcePath,
        number: UInt64,
        owner: Owner,
        holder: String? = nil,
        fence: Fence? = nil,
        by: String? = nil,
        reason: String? = nil
    ) {
        self.kind = kind
        self.at = at
        self.resource = resource
        self.number = number
        self.owner = owner
        self.holder = holder
        self.fence = fence
        self.by = by
        self.reason = reason
    }
}

/// Why the server closes a connection of its own accord.
package enum Goodbye: String, Hashable, Sendable {
    case draining
    case resumedElsewhere = "resumed_elsewhere"
    case idle
    case lineTooLong = "line_too_long"
    case outbound
    case connections
    case unavailable
    /// Nobody said who it is.
    case unauthenticated
}

/// A line that a connection gets without having asked for it.
package enum ConnectionEvent: Sendable {
    case ticket(TicketEvent)
    case watched(watch: UInt64, sequence: UInt64, Notice)
    case gap(watch: UInt64, missed: UInt64)
    case goodbye(Goodbye)
}
