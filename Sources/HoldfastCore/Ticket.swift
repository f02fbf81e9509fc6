// One ticket as the rules keep it. A million of them are held at a time, so it is a flat value of
// 152 bytes in the arena of its resource; what only few tickets have (waits, steals, notes on their
// end) is kept beside it, in `Extras`.

import HoldfastModel

/// A ticket, live or remembered.
struct Ticket: Sendable {
    /// Where the ticket stands, and whether its place in the arena is taken at all.
    enum Phase: UInt8, Sendable {
        /// No ticket: `next` leads to the next free place.
        case free
        /// Waits for its turn; leaves for `held` or `finished`.
        case queued
        /// Holds the resource; leaves for `finished`.
        case held
        /// Is over and remembered for a while; leaves for `free`.
        case finished
    }

    struct Traits: OptionSet, Sendable {
        let rawValue: UInt16
        /// Ends with its session.
        static let bound = Traits(rawValue: 1)
        static let stealable = Traits(rawValue: 2)
        /// Made by `steal`: stands before every priority.
        static let stealer = Traits(rawValue: 4)
        /// Was not granted in the step that made it.
        static let waited = Traits(rawValue: 8)
        /// A stealer waits for its end.
        static let losing = Traits(rawValue: 16)
        /// Its connection was not told of the grant, or of what happened after it.
        static let owesGrant = Traits(rawValue: 32)
        static let owesNews = Traits(rawValue: 64)
        /// Who ended it, or why, is noted in `Extras.endNotes`.
        static let noted = Traits(rawValue: 128)
        /// Counted in the feed of positions.
        static let followed = Traits(rawValue: 256)
    }

    var secretHigh: UInt64
    var secretLow: UInt32
    var phase: Phase
    /// Means something once it is finished.
    var ending = Ending.released
    var traits: Traits = []

    var mode: Mode
    var priority: UInt8
    var notify: Notify
    /// How many answers and events under way, or arrived, show the grant; unseen where none (rule
    /// 17).
    var showings: UInt8 = 0
    /// The first of the requests that wait on it.
    var firstWait = WaitTable.none

    /// The neighbours in the list of holders, of remembered tickets, or of free places.
    var previous = TicketArena.none
    var next = TicketArena.none

    var pollWithin: Milliseconds
    var lockDelay: Milliseconds

    /// Its public count on the resource, which is also its arrival.
    var number: UInt64
    var owner: Owner
    var texts: Texts
    /// Means something where it is bound.
    var session: SessionID
    /// Hears its events.
    var connection = ConnectionID.none

    var lease: Interval
    var fence = Fence.none
    var createdAt: Instant
    var grantedAt = Instant.never
    var renewedAt = Instant.never
    /// When `maxWait` is over while queued, when the lease ends while held, when it ended once
    /// finished.
    var until = Instant.never
    /// When its owner last named it.
    var heardAt = Instant.never
    /// When its connection last named it (rule 13); never after that connection resumed the
    /// session.
    var namedAt = Instant.never

    /// As it was asked for; it stands nowhere, and nobody was heard yet.
    ///
    /// Nothing is changed in the request, which is lent so that a look at it copies no more than is looked at.
    @inline(__always)
    init(
        _ secret: TicketSecret,
        number: UInt64,
        owner: Owner,
        session: SessionID?,
        _ request: inout TicketRequest,
        _ steal: Steal?,
        at: Instant
    ) {
        secretHigh = secret.high
        secretLow = secret.low
        phase = .queued
        mode = request.mode
        priority = request.priority
        notify = request.notify
        pollWithin = Milliseconds(request.pollWithin)
        lockDelay = Milliseconds(request.lockDelay)
        self.number = number
        self.owner = owner
        texts = Texts(&request, steal)
        self.session = session ?? SessionID(bits: 0)
        lease = request.lease
        createdAt = at
        if session != nil { traits.insert(.bound) }
        if request.stealable { traits.insert(.stealable) }
        if steal != nil { traits.insert(.stealer) }
    }

    init(_ record: borrowing Record.TicketRecord) {
        var request = record.request
        self.init(
            TicketSecret(high: record.id.secretHigh, low: record.id.secretLow),
            number: record.number,
            owner: record.owner,
            session: record.session,
            &request,
            record.steal,
            at: record.at
        )
    }

    /// A free place, before any ticket stood there.
    init() {
        (secretHigh, secretLow, phase) = (0, 0, .free)
        (mode, priority, notify) = (.exclusive, 0, .state)
        (pollWithin, lockDelay, lease) = (.zero, .zero, .zero)
        (number, owner, texts) = (0, Ticket.nobody, .none)
        (session, createdAt) = (SessionID(bits: 0), .never)
    }

    /// Makes a free place of it that keeps nothing alive.
    mutating func vacate() {
        phase = .free
        owner = Ticket.nobody
        texts = .none
    }

    private static let nobody = Owner(name: "")
}

extension Ticket {
    // The next are always inlined, and use no `||`, whose right side is a closure: else each would copy
    // the ticket it is asked of.

    @inline(__always) var isLive: Bool {
        switch phase {
        case .queued, .held: true
        case .finished, .free: false
        }
    }
    @inline(__always) var isBound: Bool { traits.contains(.bound) }
    @inline(__always) var isSeen: Bool { showings > 0 }
    @inline(__always) var details: TicketDetails? { texts.details }
    @inline(__always) var boundSession: SessionID? { isBound ? session : nil }

    /// Its place in the order of granting (rule 7): stealers, then priority, then arrival.
    @inline(__always) var orderKey: UInt64 {
        let rank = traits.contains(.stealer) ? 0 : UInt64(10 - priority)
        return rank << Ticket.numberBitCount | number
    }

    @inline(__always) func isOwned(by owner: Owner) -> Bool {
        if self.owner === owner { return true }
        return self.owner == owner
    }

    static let numberBitCount: UInt64 = 59

    var state: TicketState {
        switch phase {
        case .queued: .queued
        case .held: .acquired
        case .finished, .free: .released
        }
    }
}

/// A short duration that is stored by the million: milliseconds, rounded up, at most 49 days.
struct Milliseconds: Hashable, Sendable {
    var count: UInt32

    static let zero = Milliseconds(count: 0)

    init(count: UInt32) { self.count = count }
    init(_ interval: Interval) {
        count = UInt32(clamping: (interval.nanoseconds + 999_999) / 1_000_000)
    }

    var interval: Interval { .milliseconds(Int(count)) }
}

/// The texts of a ticket, and its whole request where an idempotency key may ask for it again.
enum Texts: Sendable {
    case none
    case plain(TicketDetails)
    case keyed(KeyedRequest)

    init(_ request: inout TicketRequest, _ steal: Steal?) {
        if let key = request.details?.key {
            self = .keyed(KeyedRequest(key: key, request: request, steal: steal))
        } else if let details = request.details {
            self = .plain(details)
        } else {
            self = .none
        }
    }

    var keyed: KeyedRequest? {
        if case .keyed(let keyed) = self { keyed } else { nil }
    }

    var details: TicketDetails? {
        switch self {
        case .none: nil
        case .plain(let details): details
        case .keyed(let keyed): keyed.request.details
        }
    }
}

/// What a ticket with a key was asked for with (rule 23).
final class KeyedRequest: Sendable {
    let key: String
    let request: TicketRequest
    let steal: Steal?

    init(key: String, request: TicketRequest, steal: Steal?) {
        self.key = key
        self.request = request
        self.steal = steal
    }
}
