// One ticket of the second model: every fact about it stands in the open, nothing is derived or indexed.

import HoldfastCore
import HoldfastModel

/// A ticket as SEMANTICS.md tells it.
struct DumbTicket {
    /// Counts from 1 on its resource; names the ticket in everything the models compare.
    let number: UInt64
    let secret: TicketSecret
    let owner: Owner
    /// The session it is bound to (rule 5).
    let session: SessionID?
    /// With its defaults filled in, `binding` too.
    let request: TicketRequest
    /// Set for a stealer (rule 21).
    let steal: Steal?
    let createdAt: Instant

    /// Rules 14, 16, 23: when its present running duration began, where that is not the lease.
    var startedAt: Instant

    /// Where the core keeps it: learned from outside, never used to decide.
    var index: UInt32?

    var state = TicketState.queued
    var lease: Interval
    var fence: Fence?
    var grantedAt: Instant?
    var renewedAt: Instant?
    var leaseEnd: Instant?

    var ending: Ending?
    var endedAt: Instant?
    var endedBy: String?
    var endReason: String?

    /// Rule 21: when the grace of the first steal is over, and who waits for this victim.
    var graceEnd: Instant?
    var grace = Interval.zero
    var stealers: [UInt64] = []
    var isGraceOver = false
    /// Whether it was said that this one is losing, to anybody.
    var isAnnounced = false

    /// The connection that hears its events (PROTOCOL §5).
    var listener: ConnectionID?
    var notify: Notify
    /// Rule 17.
    var heardAt: Instant
    /// How often its grant was shown on a connection that was not found broken afterwards.
    var seenCount = 0
    /// Rule 13: when each connection last named it.
    var namings: [Naming] = []
    var waits: [DumbWait] = []

    /// What a client with a session has not been told, because no connection was there.
    var owesLosing = false
    var owesGrant = false
    var owesLoss = false

    struct Naming {
        var connection: ConnectionID
        var at: Instant
    }

    init(
        number: UInt64,
        secret: TicketSecret,
        owner: Owner,
        session: SessionID?,
        request: TicketRequest,
        steal: Steal?,
        now: Instant
    ) {
        self.number = number
        self.secret = secret
        self.owner = owner
        self.session = session
        self.request = request
        self.steal = steal
        createdAt = now
        startedAt = now
        heardAt = now
        lease = request.lease
        notify = request.notify
    }

    var isLive: Bool { state != .released }
    var isBound: Bool { session != nil }
    var isLosing: Bool { !stealers.isEmpty }
    var isSeen: Bool { seenCount > 0 }

    /// Until when a holder may trust its grant: the lease, or the grace of a steal if that is nearer.
    var trustEnd: Instant { min(leaseEnd ?? .zero, graceEnd ?? .never) }

    /// Rule 17: when it is abandoned unless its owner is heard before.
    var abandonedAt: Instant? {
        let isWatchedOver = isBound || !waits.isEmpty || state == .released
        guard !isWatchedOver, state == .queued || !isSeen else { return nil }
        return heardAt + request.pollWithin
    }

    mutating func noteShown() {
        seenCount += 1
        owesGrant = false
    }

    mutating func noteNaming(by connection: ConnectionID, at now: Instant) {
        namings.removeAll { $0.connection == connection }
        namings.append(Naming(connection: connection, at: now))
    }

    /// Rule 13: from the last naming on that connection to the grant.
    func waited(on connection: ConnectionID) -> Interval? {
        guard let grantedAt, let naming = namings.first(where: { $0.connection == connection })
        else { return nil }
        return grantedAt - naming.at
    }
}

/// A `lock` or an `acquire` that waits on a ticket.
struct DumbWait {
    enum Kind: Hashable {
        case lock(isExisting: Bool)
        case acquire
    }
    var kind: Kind
    var address: RequestAddress
    /// Nil waits for ever.
    var end: Instant?
}
