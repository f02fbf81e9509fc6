// What a client can ask (PROTOCOL §3), the same for every transport: a codec makes one of these,
// the coordinator answers it.

/// One request, decoded and checked.
///
/// What is large is indirect: an operation is handed on five times between its line and its resource, and to copy what
/// is in it each time costs more than one allocation.
package enum Operation: Sendable {
    indirect case hello(Hello)
    indirect case queue(TicketRequest)
    /// `wait` nil: for ever.
    indirect case lock(TicketRequest, wait: Interval?)
    indirect case steal(TicketRequest, Steal)
    /// A held ticket for a new one of the same resource, for an API whose locks change their token; no client of the
    /// native ones can ask it.
    indirect case exchange(TicketReference, for: TicketRequest)
    /// `wait` nil: answer at once.
    case acquire(TicketReference, wait: Interval?)
    case status(TicketReference)
    case renew(TicketReference, lease: Interval?)
    case release(TicketReference, reason: String?)
    case checkFence(ResourcePath, Fence)
    case checkTicket(TicketReference)
    case list(ResourcePath, ListPage)
    indirect case resources(ResourcesQuestion)
    case history(ResourcePath, limit: Int)
    case clear(ResourcePath, reason: String?)
    case watch(WatchScope)
    case unwatch(UInt64)
    case ping
    case bye
    case drain(reason: String?, off: Bool)
    case stats
}

/// The first line of a client.
package struct Hello: Sendable {
    package var version: Int
    package var client: String?
    package var token: String?
    package var sessionGrace: Interval?
    package var resume: Resume?

    package init(
        version: Int,
        client: String? = nil,
        token: String? = nil,
        sessionGrace: Interval? = nil,
        resume: Resume? = nil
    ) {
        self.version = version
        self.client = client
        self.token = token
        self.sessionGrace = sessionGrace
        self.resume = resume
    }

    /// A session to take up again; a text that names none is nil and answers `not_found`.
    package struct Resume: Sendable {
        package var session: SessionID?
        package var secret: String
        package init(session: SessionID?, secret: String) {
            self.session = session
            self.secret = secret
        }
    }

    package static let graceDefault = Interval.seconds(10)
    package static let graceMin = Interval.milliseconds(100)
    package static let graceMax = Interval.seconds(300)
}

/// A ticket as a client names it; `ticket` is nil for a text that no ticket can have.
package struct TicketReference: Hashable, Sendable {
    package var ticket: TicketID?
    package var resource: ResourcePath?
    package init(ticket: TicketID?, resource: ResourcePath? = nil) {
        self.ticket = ticket
        self.resource = resource
    }
}

/// What `steal` adds to a request (rule 21).
package struct Steal: Hashable, Sendable {
    package var grace: Interval
    package var force: Bool
    package init(grace: Interval = .zero, force: Bool = false) {
        self.grace = grace
        self.force = force
    }
}

/// Which part of a queue to show.
package struct ListPage: Hashable, Sendable {
    package var limit: Int
    /// A position in the queue; what follows it is shown.
    package var after: Int
    /// The ids of all its tickets are shown: for the server itself, which compares them with what a client brings.
    package var revealsTickets: Bool
    package init(
        limit: Int = ListPage.limitDefault,
        after: Int = 0,
        revealsTickets: Bool = false
    ) {
        self.limit = limit
        self.after = after
        self.revealsTickets = revealsTickets
    }
    package static let limitDefault = 100
    package static let limitMax = 1_000
}

package struct ResourcesQuestion: Sendable {
    package enum Order: String, Sendable {
        case path
        case queue
        case wait
    }
    package var prefix: ResourcePath?
    package var limit: Int
    package var after: ResourcePath?
    package var order: Order
    package init(
        prefix: ResourcePath? = nil,
        limit: Int = ListPage.limitDefault,
        after: ResourcePath? = nil,
        order: Order = .path
    ) {
        self.prefix = prefix
        self.limit = limit
        self.after = after
        self.order = order
    }
}

/// What a watch is about.
package enum WatchScope: Hashable, Sendable {
    case everything
    case resource(ResourcePath)
    case prefix(ResourcePath)

    package func covers(_ path: ResourcePath) -> Bool {
        switch self {
        case .everything: true
        case .resource(let resource): resource == path
        case .prefix(let prefix): path.lies(under: prefix)
        }
    }
}
