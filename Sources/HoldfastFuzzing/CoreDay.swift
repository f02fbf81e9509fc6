// A day at one resource, told by bytes: which client does what. It does what the shard around a resource does: keeps
// what connections wait on and which tickets belong to a session, and gives back what could not be written.

import HoldfastCore
import HoldfastModel

/// The resource, its clients, and all that was written and told.
struct CoreDay {
    private(set) var state: LockState
    private let bounds: LockState.Bounds
    private var fences = FenceCounter(last: Fence(number: 1_000))
    private(set) var now = Instant.zero
    private var records: [Record] = []
    private var ledger = Ledger()

    /// Every ticket ever made, in order.
    private var ids: [TicketID] = []
    private var clients = Client.all
    private var connectionCount: UInt64 = 0
    private var requestCount: UInt64 = 0
    private var stepCount = 0
    /// Tickets before this one were of a resource that was forgotten.
    private var firstLive = 0
    private static let fewTickets = 12
    private var sessionCount: UInt64 = 0
    private var ownedBySession: [SessionID: [UInt32]] = [:]
    /// Sent to living connections since time last went by; a connection that breaks may lose it.
    private var unread: [Delivery] = []

    private static let path: ResourcePath = {
        guard let path = ResourcePath("fuzz") else { preconditionFailure("no path") }
        return path
    }()

    /// One way that something goes to a connection.
    private struct Delivery {
        var connection: ConnectionID
        var shows: Output.Shown?
        var untold: UInt32?
    }

    init(bounds source: inout ByteSource) {
        var bounds = LockState.Bounds()
        let choice = source.next()
        if choice & 1 == 1 { bounds.retained = 3 }
        if choice & 2 == 2 { bounds.queue = 4 }
        if choice & 4 == 4 { bounds.history = 5 }
        if choice & 8 == 8 { bounds.retain = .seconds(5) }
        self.bounds = bounds
        state = CoreDay.makeState(bounds)
        for index in clients.indices { connect(index) }
    }

    private static func makeState(_ bounds: LockState.Bounds) -> LockState {
        LockState(path: path, slot: Slot(number: 7), resourceIndex: 3, bounds: bounds)
    }

    private var reading: ClockReading {
        let wall = WallTime(microseconds: 1_700_000_000_000_000 + now.nanoseconds / 1_000)
        return ClockReading(now: now, wall: wall)
    }

    // MARK: What happens

    /// Lets the next thing happen that the bytes say.
    mutating func act(_ source: inout ByteSource) throws(Finding) {
        let letter = source.next()
        let who = Int(letter >> 4) % clients.count
        if letter & 15 < 12 { try comeBack(who) }
        switch letter & 15 {
        case 0...2: try ask(.queue, by: who, &source)
        case 3: try ask(.lock(wait: source.maybe { $0.interval() }), by: who, &source)
        case 4:
            let steal = Steal(grace: source.interval(), force: source.flip())
            try ask(.steal(steal), by: who, &source)
        case 5:
            let wait = source.maybe { $0.interval() }.map { Event.Wait.atMost($0) } ?? .none
            try onTicket(by: who, &source) { .acquire($0, wait: wait, $1) }
        case 6:
            let lease = source.maybe { $0.interval() }
            try onTicket(by: who, &source) { .renew($0, lease: lease, $1) }
        case 7, 8:
            let reason = source.flip() ? "done" : nil
            try onTicket(by: who, &source) { .release($0, reason: reason, $1) }
        case 9: try onTicket(by: who, &source) { .status($0, $1) }
        case 10: try onTicket(by: who, &source) { .checkTicket($0, $1) }
        case 11: try request(by: who) { .clear(reason: nil, $0) }
        case 12: try hangUp(who, losesUnread: source.flip())
        case 13: try endSession(of: who)
        case 14: try pass(source.interval(), isDutiful: source.flip())
        default: try crash(goOnFrom: [nil, .records, .image, nil][source.pick(4)])
        }
    }

    /// Everybody leaves, and time passes until nothing is remembered: nothing is left.
    mutating func finish() throws(Finding) {
        try crash(goOnFrom: nil)
        try step(.timePassed(limit: 100_000))
        for index in clients.indices {
            try hangUp(index, losesUnread: false)
            try endSession(of: index)
        }
        // Longer than any lease, wait, delay and retention, each after the other.
        for _ in 0..<6 { try pass(.seconds(400), isDutiful: true) }
        try demand(state.isForgettable, "something is left of \(ids.count) tickets")
    }

    private mutating func ask(
        _ purpose: Event.Purpose,
        by who: Int,
        _ source: inout ByteSource
    ) throws(Finding) {
        var asked = source.ticketRequest(for: CoreDay.path)
        if case .steal = purpose { asked.details = TicketDetails(reason: "mine") }
        if clients[who].session == nil { asked.binding = nil }
        let number = UInt64(ids.count) + requestCount
        let secret = TicketSecret(
            high: number &* 0x9e37_79b9_7f4a_7c15,
            low: UInt32(truncatingIfNeeded: number &* 0xd1b5_4a32)
        )
        try request(by: who) { .request(asked, purpose, secret, $0) }
    }

    private mutating func onTicket(
        by who: Int,
        _ source: inout ByteSource,
        _ event: (TicketID, Caller) -> Event
    ) throws(Finding) {
        guard !ids.isEmpty else { return }
        // Mostly one of the newest.
        let back = source.pick(min(ids.count, 32))
        let id = ids[ids.count - 1 - back]
        try request(by: who) { event(id, $0) }
    }

    private mutating func request(by who: Int, _ event: (Caller) -> Event) throws(Finding) {
        requestCount += 1
        let client = clients[who]
        let address = RequestAddress(connection: client.connection, request: requestCount)
        let caller = Caller(
            owner: client.owner,
            address: address,
            session: client.session,
            rights: client.rights
        )
        ledger.expectAnswer(to: address)
        try step(event(caller))
        try ledger.checkIsAnsweredOrWaits(address)
    }

    // MARK: Connections and sessions

    private mutating func connect(_ who: Int) {
        connectionCount += 1
        clients[who].connection = ConnectionID(
            serial: connectionCount,
            loop: LoopIndex(number: 0)
        )
        clients[who].isConnected = true
        if clients[who].wantsSession, clients[who].session == nil {
            sessionCount += 1
            clients[who].session = SessionID(bits: sessionCount << 8)
        }
    }

    /// A client that is away connects again, and resumes its session if it has one.
    private mutating func comeBack(_ who: Int) throws(Finding) {
        guard !clients[who].isConnected else { return }
        connect(who)
        guard let session = clients[who].session, let owned = ownedBySession[session] else {
            return
        }
        try step(.sessionResumed(session, clients[who].connection, tickets: owned))
    }

    private mutating func hangUp(_ who: Int, losesUnread: Bool) throws(Finding) {
        guard clients[who].isConnected else { return }
        clients[who].isConnected = false
        let connection = clients[who].connection
        let waitingOn = ledger.waits(of: connection)
        try step(.connectionEnded(connection, waitingOn: waitingOn))
        ledger.forgetAnswers(to: connection)
        let lost = losesUnread ? unread.filter { $0.connection == connection } : []
        unread.removeAll { $0.connection == connection }
        for delivery in lost { try giveBack(delivery) }
    }

    private mutating func giveBack(_ delivery: Delivery) throws(Finding) {
        if let shown = delivery.shows, let fence = shown.fence {
            try step(.undelivered(ticketIndex: shown.ticketIndex, fence))
        }
        if let index = delivery.untold { try step(.untold(ticketIndex: index)) }
    }

    /// Its grace is over, or the client said `bye`.
    private mutating func endSession(of who: Int) throws(Finding) {
        guard let session = clients[who].session else { return }
        try step(.sessionEnded(session, tickets: ownedBySession[session] ?? []))
        ownedBySession[session] = nil
        clients[who].session = nil
        // What it does next, it does on a new connection with a new session.
        try hangUp(who, losesUnread: false)
    }

    // MARK: Time

    private mutating func pass(_ interval: Interval, isDutiful: Bool) throws(Finding) {
        unread = []
        let end = now + interval
        var looksAtNow = 0
        while isDutiful, state.nextDeadline <= end {
            looksAtNow = state.nextDeadline > now ? 0 : looksAtNow + 1
            now = max(now, state.nextDeadline)
            // A grant that comes back unwritten may be due at once; each ticket has one. Each request may wait, too.
            let dueMax = ids.count + Int(requestCount) + 8
            try demand(looksAtNow <= dueMax, "what is due stays due")
            try step(.timePassed(limit: 3))
        }
        now = end
        try step(.timePassed(limit: isDutiful ? 100_000 : 2))
    }

    // MARK: Crashes

    enum Source: CaseIterable {
        case records
        case image
    }

    /// Compares what would come back, and goes on from it if it should.
    private mutating func crash(goOnFrom chosen: Source?) throws(Finding) {
        try step(.timePassed(limit: 100_000))
        state.checkInvariants()
        let before = Portrait(of: state, at: reading)
        var deadline: Instant?
        for source in Source.allCases {
            let written = source == .image ? state.image() : records
            var again = CoreDay.makeState(bounds)
            for record in written {
                do throws(ReplayFlaw) { try again.replay(record) } catch {
                    throw Finding("what was written cannot have happened: \(error.text)")
                }
            }
            var (counter, effects) = (fences, Effects(wantsNotices: true))
            again.restart(at: reading, fences: &counter, into: &effects)
            again.checkInvariants()
            try demand(effects.records.isEmpty, "a restart adds \(effects.records)")
            try before.checkIsSeen(in: Portrait(of: again, at: reading), from: source)
            let isSame = again.nextDeadline == deadline ?? again.nextDeadline
            try demand(isSame, "rule 14: due by records or by image, but not by both")
            deadline = again.nextDeadline
            if source == chosen { try restart(as: again, written) }
        }
    }

    private mutating func restart(as again: LockState, _ written: [Record]) throws(Finding) {
        state = again
        records = written
        unread = []
        for index in clients.indices {
            ledger.forgetAnswers(to: clients[index].connection)
            clients[index].isConnected = false
        }
    }

    // MARK: One step

    private mutating func step(_ event: Event) throws(Finding) {
        var effects = Effects(wantsNotices: true)
        restAndWake()
        state.step(event, at: reading, fences: &fences, into: &effects)
        checkInvariants()
        records += effects.records
        for record in effects.records { try note(record) }
        try ledger.checkExclusion()
        var failed: [Delivery] = []
        for output in effects.outputs {
            try ledger.take(output, at: now)
            guard let delivery = CoreDay.delivery(of: output) else { continue }
            let isOpen = clients.contains {
                $0.isConnected && $0.connection == delivery.connection
            }
            if isOpen { unread.append(delivery) } else { failed.append(delivery) }
        }
        for delivery in failed { try giveBack(delivery) }
        try forgetIfEmpty()
    }

    /// A lock that can rest has done so before everything that happens to it.
    private mutating func restAndWake() {
        guard state.canRest else { return }
        var numbers = PackedNumbers()
        let keepsake = state.rest(in: &numbers)
        state = LockState(
            waking: numbers.bytes.span,
            keepsake,
            path: CoreDay.path,
            bounds: bounds
        )
    }

    /// They walk everything, so a deep queue is looked at after every fourth step; every crash looks, too.
    private mutating func checkInvariants() {
        stepCount += 1
        if ids.count - firstLive < CoreDay.fewTickets || stepCount.isMultiple(of: 4) {
            state.checkInvariants()
        }
    }

    /// The shard drops a resource of which nothing is left, and its records with it.
    private mutating func forgetIfEmpty() throws(Finding) {
        guard state.isForgettable else { return }
        try demand(ledger.isNothingHeld, "an empty resource is held")
        try demand(state.nextDeadline == .never, "an empty resource wants to be woken")
        state = CoreDay.makeState(bounds)
        records = []
        firstLive = ids.count
    }

    private mutating func note(_ record: Record) throws(Finding) {
        try ledger.take(record, at: now)
        guard case .made(let made, _) = record else { return }
        ids.append(made.id)
        guard let session = made.session else { return }
        var owned = ownedBySession[session] ?? []
        if !owned.contains(made.id.ticketIndex) { owned.append(made.id.ticketIndex) }
        ownedBySession[session] = owned
    }

    private static func delivery(of output: Output) -> Delivery? {
        switch output {
        case .answer(let address, _, let shows):
            Delivery(
                connection: address.connection,
                shows: shows,
                untold: shows?.fence == nil ? shows?.ticketIndex : nil
            )
        case .event(let connection, _, let index, let shows):
            Delivery(connection: connection, shows: shows, untold: index)
        case .waiting, .notice: nil
        }
    }
}
