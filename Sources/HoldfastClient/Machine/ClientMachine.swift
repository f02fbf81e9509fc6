// The client's side of the protocol as a value: bytes and the time go in, bytes and orders come out. No
// socket, no clock, no task: the same machine runs over the kernel's network and over a simulated one,
// and every timeline of it can be written down as a table.
//
//     submit, cancel, release, close ─┐                    ┌─ outbound bytes
//     connected, received, failed ────┤ machine (+ now) ───┤ actions, in order
//     wake ───────────────────────────┘                    └─ nextWake
//
// The rules it keeps: a lock is trusted from the sending time of an answered request (rules 5 and 13); a
// request that was cut off is sent again only where twice is as good as once (rules 23, 24); a ticket
// nobody waits for any more is given back (rule 8).

import HoldfastModel
import HoldfastWire

/// Everything a client knows, and what it does next.
struct ClientMachine: Sendable {
    /// Where the connection stands.
    enum Link: Hashable, Sendable {
        /// Nobody asked for anything yet; leaves for `connecting` with the first call.
        case idle
        /// An attempt runs; leaves for `greeting` or `pausing`.
        case connecting
        /// `hello` is on its way; leaves for `ready`, or for `pausing` when it breaks.
        case greeting
        /// Requests are sent; leaves for `pausing` when it breaks.
        case ready
        /// The next attempt comes then; leaves for `connecting`.
        case pausing(until: Instant)
        /// `bye` is on its way; leaves for `over` when it is answered, breaks, or takes too long.
        case leaving(since: Instant)
        /// Closed for good.
        case over
    }

    struct Session: Hashable, Sendable {
        var id: String
        var secret: String
        var trust: SessionTrust
    }

    struct Watch: Hashable, Sendable {
        var topic: WatchTopic
        /// The server's number for it on this connection.
        var number: Int?
        /// Whether it was ever in force: then a new connection means a gap.
        var wasInForce = false
    }

    let settings: ClientSettings

    var link = Link.idle
    var session: Session?
    /// Connections that broke before they heard whether they resumed the session: they may still do so.
    var strayResumeCount = 0
    var matcher = ReplyMatcher()
    var framer: LineFramer
    var calls: [CallID: Call] = [:]
    var holds: [HoldID: Hold] = [:]
    var holdsByTicket: [String: Set<HoldID>] = [:]
    var watches: [WatchID: Watch] = [:]
    var watchesByNumber: [Int: WatchID] = [:]

    var backoff: Backoff
    var random: RandomBuffer
    var lastNumber: UInt64 = 0
    /// When the last request was sent whose reply comes in its turn.
    var lastProbeAt = Instant.zero
    var lastReceivedAt = Instant.zero
    /// Since when there is no working connection.
    var unreachableSince: Instant?
    /// Why the last connection or attempt failed.
    var trouble = HoldfastError.unreachable("not connected yet")
    /// How many bytes the server reads in one line.
    var lineBytesMax = ClientSettings.lineBytesDefault
    /// The earliest moment at which a hold or a call has something to do; never later than the truth.
    var holdsDueAt = Instant.never
    var callsDueAt = Instant.never

    /// Bytes to be written on the present connection; the driver takes them.
    var outbound: [UInt8] = []
    var actions: [Action] = []

    init(settings: ClientSettings, random: RandomBuffer) {
        self.settings = settings
        self.random = random
        framer = LineFramer(limit: ClientSettings.replyBytesMax)
        backoff = Backoff(first: settings.backoffFirst, longest: settings.backoffLongest)
    }

    mutating func takeActions() -> [Action] {
        defer { actions = [] }
        return actions
    }

    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// Whether a request may be written now.
    var isReady: Bool { link == .ready }

    var isOver: Bool { link == .over }
}
