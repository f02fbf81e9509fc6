// What the coordinator answers (PROTOCOL §3), the same for every transport: a codec writes it down.

/// The answer to one operation.
package enum Answer: Sendable {
    indirect case refused(Refusal)
    indirect case hello(HelloAnswer)
    /// To `queue`, `lock` and `steal`.
    case ticket(TicketAnswer)
    case acquire(AcquireAnswer)
    indirect case status(TicketView)
    case renewed(RenewAnswer)
    case released(ReleaseAnswer)
    case checked(CheckAnswer)
    indirect case list(ListAnswer)
    indirect case resources(ResourcesAnswer)
    indirect case history([Notice])
    case cleared(Int)
    case watching(UInt64)
    /// To `unwatch` and `bye`: nothing to add.
    case done
    case time(WallTime)
    case draining(Bool)
    indirect case stats(StatsAnswer)
    case partialStats(PartialStats)
}

package struct HelloAnswer: Sendable {
    package var server: String
    package var node: String
    package var principal: String
    package var rights: [String]
    package var limits: Limits
    package var session: Session?

    package struct Session: Sendable {
        package var id: SessionID
        package var secret: String
        package var grace: Interval
        package var resumed: Bool
        package init(id: SessionID, secret: String, grace: Interval, resumed: Bool) {
            self.id = id
            self.secret = secret
            self.grace = grace
            self.resumed = resumed
        }
    }

    package init(
        server: String,
        node: String,
        principal: String,
        rights: [String],
        limits: Limits,
        session: Session? = nil
    ) {
        self.server = server
        self.node = node
        self.principal = principal
        self.rights = rights
        self.limits = limits
        self.session = session
    }
}

/// A place in a queue: `position` counts from 1, the next to be granted.
package struct QueuePlace: Hashable, Sendable {
    package var position: Int
    package var queueLength: Int
    package init(position: Int, queueLength: Int) {
        self.position = position
        self.queueLength = queueLength
    }
}

/// What a holder is told of its grant.
package struct Grant: Hashable, Sendable {
    package var fence: Fence
    package var remaining: Interval
    /// Rule 13: from the reading of the last request on that connection that named the ticket.
    package var waited: Interval?
    package init(fence: Fence, remaining: Interval, waited: Interval? = nil) {
        self.fence = fence
        self.remaining = remaining
        self.waited = waited
    }
}

/// Where a ticket stands, with what belongs to that state.
package enum Standing: Hashable, Sendable {
    case queued(QueuePlace)
    case acquired(Grant)
    case released(Ending)
}

package struct TicketAnswer: Hashable, Sendable {
    package var ticket: TicketID
    package var resource: ResourcePath
    package var lease: Interval
    package var standing: Standing
    /// Found by `key` or `ifMine`.
    package var isExisting: Bool
    package init(
        ticket: TicketID,
        resource: ResourcePath,
        lease: Interval,
        standing: Standing,
        isExisting: Bool = false
    ) {
        self.ticket = ticket
        self.resource = resource
        self.lease = lease
        self.standing = standing
        self.isExisting = isExisting
    }
}

/// To `acquire`; `standing` is `queued` or `acquired`, a finished ticket is refused with `lost`.
package struct AcquireAnswer: Hashable, Sendable {
    package var resource: ResourcePath
    package var lease: Interval
    package var standing: Standing
    package init(resource: ResourcePath, lease: Interval, standing: Standing) {
        self.resource = resource
        self.lease = lease
        self.standing = standing
    }
}

package struct RenewAnswer: Hashable, Sendable {
    package var fence: Fence
    package var lease: Interval
    package var remaining: Interval
    package var isLosing: Bool
    package init(fence: Fence, lease: Interval, remaining: Interval, isLosing: Bool = false) {
        self.fence = fence
        self.lease = lease
        self.remaining = remaining
        self.isLosing = isLosing
    }
}

package struct ReleaseAnswer: Hashable, Sendable {
    package var ticket: TicketID
    package var ended: Ending
    package var already: Bool
    package init(ticket: TicketID, ended: Ending, already: Bool = false) {
        self.ticket = ticket
        self.ended = ended
        self.already = already
    }
}

package struct CheckAnswer: Hashable, Sendable {
    package var isValid: Bool
    /// The newest present holder's.
    package var fence: Fence?
    /// The ticket's, if a ticket was asked for.
    package var state: TicketState?
    package init(isValid: Bool, fence: Fence? = nil, state: TicketState? = nil) {
        self.isValid = isValid
        self.fence = fence
        self.state = state
    }
}

/// A ticket as people see it (PROTOCOL §4).
package struct TicketView: Sendable {
    /// Nil where the reader may not know it.
    package var ticket: TicketID?
    package var number: UInt64
    package var resource: ResourcePath
    package var standing: Standing
    package var mode: Mode
    package var owner: Owner
    package var details: TicketDetails?
    package var priority: UInt8
    package var lease: Interval
    /// Kept beside `standing`: a finished ticket still shows the fence it had.
    package var fence: Fence?
    package var createdAt: WallTime
    package var acquiredAt: WallTime?
    package var renewedAt: WallTime?
    package var expiresAt: WallTime?
    package var endedAt: WallTime?
    package var stealable: Bool
    package var binding: Binding
    package var endedBy: String?
    package var endReason: String?
    /// Seconds since it was granted, or since it was queued while it waits; for `resources`.
    package var age: Interval

    package init(
        ticket: TicketID?,
        number: UInt64,
        resource: ResourcePath,
        standing: Standing,
        mode: Mode,
        owner: Owner,
        details: TicketDetails?,
        priority: UInt8,
        lease: Interval,
        fence: Fence?,
        createdAt: WallTime,
        acquiredAt: WallTime?,
        renewedAt: WallTime?,
        expiresAt: WallTime?,
        endedAt: WallTime?,
        stealable: Bool,
        binding: Binding,
        endedBy: String?,
        endReason: String?,
        age: Interval
    ) {
        self.ticket = ticket
        self.number = number
        self.resource = resource
        self.standing = standing
        self.mode = mode
        self.owner = owner
        self.details = details
        self.priority = priority
        self.lease = lease
        self.fence = fence
        self.createdAt = createdAt
        self.acquiredAt = acquiredAt
        self.renewedAt = renewedAt
        self.expiresAt = expiresAt
        self.endedAt = endedAt
        self.stealable = stealable
        self.binding = binding
        self.endedBy = endedBy
        self.endReason = endReason
        self.age = age
    }
}

package struct ListAnswer: Sendable {
    package var resource: ResourcePath
    /// Of the live tickets; nil where there is none.
    package var mode: Mode?
    package var holders: [TicketView]
    package var holderCount: Int
    package var queue: [TicketView]
    package var queueLength: Int
    package var recent: [TicketView]
    /// The last fence granted here; 0 where none is remembered.
    package var fence: Fence
    package var closedFor: Interval?
    package init(
        resource: ResourcePath,
        mode: Mode?,
        holders: [TicketView],
        holderCount: Int,
        queue: [TicketView],
        queueLength: Int,
        recent: [TicketView],
        fence: Fence,
        closedFor: Interval?
    ) {
        self.resource = resource
        self.mode = mode
        self.holders = holders
        self.holderCount = holderCount
        self.queue = queue
        self.queueLength = queueLength
        self.recent = recent
        self.fence = fence
        self.closedFor = closedFor
    }
}

package struct ResourceSummary: Sendable {
    package var resource: ResourcePath
    package var mode: Mode?
    package var holderCount: Int
    package var queueLength: Int
    package var fence: Fence
    /// How long the longest waiting ticket has waited; zero where none waits.
    package var oldestWait: Interval
    /// The first holder.
    package var holder: TicketView?
    package var closedFor: Interval?
    package init(
        resource: ResourcePath,
        mode: Mode?,
        holderCount: Int,
        queueLength: Int,
        fence: Fence,
        oldestWait: Interval,
        holder: TicketView?,
        closedFor: Interval?
    ) {
        self.resource = resource
        self.mode = mode
        self.holderCount = holderCount
        self.queueLength = queueLength
        self.fence = fence
        self.oldestWait = oldestWait
        self.holder = holder
        self.closedFor = closedFor
    }
}

package struct ResourcesAnswer: Sendable {
    package var resources: [ResourceSummary]
    package var next: ResourcePath?
    package init(resources: [ResourceSummary], next: ResourcePath?) {
        self.resources = resources
        self.next = next
    }
}

/// `stats` for a principal that may read a part only: what counts others' locks too is left out.
package struct PartialStats: Hashable, Sendable {
    package var uptime: Interval
    /// With a live ticket or a lock delay.
    package var resources = 0
    package var held = 0
    package var waiting = 0
    package init(uptime: Interval) { self.uptime = uptime }
}

package struct StatsAnswer: Hashable, Sendable {
    package var uptime = Interval.zero
    package var connections = 0
    package var sessions = 0
    package var resources = 0
    package var held = 0
    package var waiting = 0
    package var granted = 0
    package var released = 0
    package var expired = 0
    package var lost = 0
    package var stolen = 0
    package var requests = 0
    package var bytesIn = 0
    package var bytesOut = 0
    package init() {}
}
