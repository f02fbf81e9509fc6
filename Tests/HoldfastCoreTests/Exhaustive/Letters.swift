// The letters that walks spell sequences with: who does what. A letter speaks of a client's ticket, not of
// an id, so that it means something in every state; where it means nothing it does not apply.

import HoldfastCore
import HoldfastModel

/// Somebody with a connection, and perhaps a session.
struct Client {
    let name: String
    let owner: Owner
    /// Clients of one number are apart from all others.
    let number: UInt64
    let hasSession: Bool
    var rights = Caller.Rights.all
    /// Counts its connections and its sessions.
    var connectionCount: UInt64 = 0
    var sessionCount: UInt64 = 0
    /// A client with a session is away between losing its connection and resuming.
    var isAway = false

    init(_ name: String, owner: String? = nil, number: UInt64, hasSession: Bool = false) {
        self.name = name
        self.owner = Owner(name: owner ?? name)
        self.number = number
        self.hasSession = hasSession
    }

    var connection: ConnectionID {
        ConnectionID(serial: number * 1_000 + connectionCount, loop: LoopIndex(number: 0))
    }
    var session: SessionID? {
        hasSession ? SessionID(bits: (number * 1_000 + sessionCount) << 8) : nil
    }
}

/// One thing that may happen; `Int` is the place of a client.
enum Letter {
    case ask(Int, Event.Purpose, TicketRequest)
    case poll(Int, Which, wait: Interval?)
    case renew(Int, Which, lease: Interval?)
    case release(Int, Which)
    case status(Int, Which)
    case check(Int, Which)
    /// An operation on the newest ticket of another client.
    case meddle(Int, with: Int, Meddling)
    case clear(Int)
    /// The operator takes away what the client may do here.
    case withdraw(Int)
    /// Time goes by, and then all that is due is done.
    case pass(Interval)
    /// Time goes by, and everything is done when it is due.
    case passDutifully(Interval)
    /// Time goes by, and the loop has not noticed yet.
    case late(Interval)
    /// A loop that may end only so many tickets in one turn.
    case passHurried(Interval, limit: Int)
    /// The client's connection ends; `unread`: what the last step told it was never written.
    case hangUp(Int, unread: Bool)
    case resume(Int)
    case endSession(Int)
    case crash

    enum Which: Hashable {
        case newest
        case oldest
        /// Of all that are remembered, finished ones too.
        case remembered(Int)
    }

    enum Meddling: Hashable {
        case poll
        case renew
        case release
        case status
        case check
    }
}

extension Duel {
    /// The ticket a letter speaks of.
    func ticket(of client: Int, _ which: Letter.Which) -> UInt64? {
        let owner = clients[client].owner
        let own = model.tickets.filter { $0.owner == owner }
        let live = own.filter(\.isLive)
        switch which {
        case .newest: return (live.last ?? own.last)?.number
        case .oldest: return (live.first ?? own.first)?.number
        case .remembered(let place): return place < own.count ? own[place].number : nil
        }
    }

    /// False where the letter means nothing here.
    mutating func play(_ letter: Letter) throws(Disagreement) -> Bool {
        if let actor = letter.actor, clients[actor].isAway { return false }
        switch letter {
        case .ask(let client, let purpose, let request):
            let caller = caller(client)
            let secret = TicketSecret(high: requestCount, low: 5)
            try compareFinding(request, of: caller.owner)
            try step(.request(request, purpose, secret, caller))
        case .poll(let client, let which, let wait):
            guard let id = id(client, which) else { return false }
            try step(.acquire(id, wait: wait.map { .atMost($0) } ?? .none, caller(client)))
        case .renew(let client, let which, let lease):
            guard let id = id(client, which) else { return false }
            try step(.renew(id, lease: lease, caller(client)))
        case .release(let client, let which):
            guard let id = id(client, which) else { return false }
            try step(.release(id, reason: "done", caller(client)))
        case .status(let client, let which):
            guard let id = id(client, which) else { return false }
            try step(.status(id, caller(client)))
        case .check(let client, let which):
            guard let id = id(client, which) else { return false }
            try step(.checkTicket(id, caller(client)))
        case .meddle(let client, let other, let meddling):
            guard let id = id(other, .newest) else { return false }
            try meddle(client, id, meddling)
        case .clear(let client): try step(.clear(reason: "swept", caller(client)))
        case .withdraw(let client):
            let owner = clients[client].owner
            let own = model.tickets.filter { $0.owner == owner }.map { ids[Int($0.number) - 1] }
            guard !own.isEmpty else { return false }
            try step(.withdrawn(own, reason: "no more"))
        case .pass(let interval):
            now = now + interval
            try step(.timePassed(limit: 1_000))
        case .passDutifully(let interval): try passDutifully(until: now + interval)
        case .late(let interval):
            now = now + interval
        case .passHurried(let interval, let limit):
            now = now + interval
            try step(.timePassed(limit: limit))
        case .hangUp(let client, let unread): try hangUp(client, unread: unread)
        case .resume(let client): return try resume(client)
        case .endSession(let client): return try endSession(client)
        case .crash: try loseAllConnections()
        }
        return true
    }

    private mutating func passDutifully(until end: Instant) throws(Disagreement) {
        while model.nextDeadline < end {
            now = max(now, model.nextDeadline)
            try step(.timePassed(limit: 1_000))
        }
        now = max(now, end)
        try step(.timePassed(limit: 1_000))
    }

    private func id(_ client: Int, _ which: Letter.Which) -> TicketID? {
        ticket(of: client, which).map { ids[Int($0) - 1] }
    }

    private mutating func caller(_ client: Int) -> Caller {
        requestCount += 1
        let address = RequestAddress(
            connection: clients[client].connection,
            request: requestCount
        )
        return Caller(
            owner: clients[client].owner,
            address: address,
            session: clients[client].session,
            rights: clients[client].rights
        )
    }

    private func compareFinding(
        _ request: TicketRequest,
        of owner: Owner
    ) throws(Disagreement) {
        let (seen, expected) = (core.finds(request, of: owner), model.finds(request, of: owner))
        guard seen == expected else { throw difference("finds", [seen], [expected]) }
    }

    private mutating func meddle(
        _ client: Int,
        _ id: TicketID,
        _ meddling: Letter.Meddling
    ) throws(Disagreement) {
        let caller = caller(client)
        switch meddling {
        case .poll: try step(.acquire(id, wait: .none, caller))
        case .renew: try step(.renew(id, lease: nil, caller))
        case .release: try step(.release(id, reason: "swept", caller))
        case .status: try step(.status(id, caller))
        case .check: try step(.checkTicket(id, caller))
        }
    }

    private mutating func hangUp(_ client: Int, unread: Bool) throws(Disagreement) {
        let connection = clients[client].connection
        let lost = unread ? lastTold.filter { $0.connection == connection } : []
        let waiting = model.tickets.filter { ticket in
            ticket.waits.contains { $0.address.connection == connection }
        }
        model.connectionDied(connection)
        for failure in lost.flatMap(\.failures) { try step(failure) }
        if !waiting.isEmpty {
            try step(.connectionEnded(connection, waitingOn: waiting.compactMap(\.index)))
        }
        clients[client].connectionCount += 1
        clients[client].isAway = clients[client].hasSession
    }

    private mutating func loseAllConnections() throws(Disagreement) {
        for place in clients.indices {
            model.connectionDied(clients[place].connection)
            clients[place].connectionCount += 1
            clients[place].isAway = clients[place].hasSession
        }
        try crash()
    }

    private func indices(boundTo session: SessionID) -> [UInt32] {
        model.tickets.filter { $0.session == session }.compactMap(\.index)
    }

    private mutating func resume(_ client: Int) throws(Disagreement) -> Bool {
        guard clients[client].isAway, let session = clients[client].session else { return false }
        clients[client].isAway = false
        try step(
            .sessionResumed(
                session,
                clients[client].connection,
                tickets: indices(boundTo: session)
            )
        )
        return true
    }

    /// By `bye`, or because its grace is over; the client comes back with a new one.
    private mutating func endSession(_ client: Int) throws(Disagreement) -> Bool {
        guard let session = clients[client].session else { return false }
        let bound = indices(boundTo: session)
        clients[client].sessionCount += 1
        clients[client].isAway = false
        guard !bound.isEmpty else { return false }
        try step(.sessionEnded(session, tickets: bound))
        return true
    }
}

extension Letter {
    /// The client that must have a connection for this.
    fileprivate var actor: Int? {
        switch self {
        case .ask(let client, _, _), .poll(let client, _, _), .renew(let client, _, _),
            .release(let client, _), .status(let client, _), .check(let client, _),
            .meddle(let client, _, _), .clear(let client), .hangUp(let client, _):
            client
        case .pass, .passDutifully, .late, .passHurried, .resume, .endSession, .withdraw, .crash:
            nil
        }
    }

    /// As a line for a person.
    func line(_ clients: [Client]) -> String {
        func who(_ client: Int) -> String { clients[client].name }
        func seconds(_ interval: Interval?) -> String { interval.map { "\($0.seconds) s" } ?? "-" }
        return switch self {
        case .ask(let client, let purpose, let request):
            "\(who(client)) asks: \(purpose) \(request.summary)"
        case .poll(let client, let which, let wait):
            "\(who(client)) acquires \(which), wait \(seconds(wait))"
        case .renew(let client, let which, let lease):
            "\(who(client)) renews \(which), lease \(seconds(lease))"
        case .release(let client, let which): "\(who(client)) releases \(which)"
        case .status(let client, let which): "\(who(client)) asks the status of \(which)"
        case .check(let client, let which): "\(who(client)) checks \(which)"
        case .meddle(let client, let other, let meddling):
            "\(who(client)) tries to \(meddling) the newest ticket of \(who(other))"
        case .clear(let client): "\(who(client)) clears"
        case .withdraw(let client): "\(who(client)) may not lock here any more"
        case .pass(let interval): "\(seconds(interval)) pass"
        case .passDutifully(let interval): "\(seconds(interval)) pass in time"
        case .late(let interval): "\(seconds(interval)) pass unnoticed"
        case .passHurried(let interval, let limit):
            "\(seconds(interval)) pass, at most \(limit) endings"
        case .hangUp(let client, let unread):
            "\(who(client)) loses its connection" + (unread ? ", the last replies unread" : "")
        case .resume(let client): "\(who(client)) resumes its session"
        case .endSession(let client): "the session of \(who(client)) ends"
        case .crash: "the server crashes and starts again"
        }
    }
}

extension TicketRequest {
    /// Only what is not the default.
    fileprivate var summary: String {
        var words = ["\(mode)", "lease \(lease.seconds) s"]
        if let maxWait { words.append("maxWait \(maxWait.seconds) s") }
        if priority > 0 { words.append("priority \(priority)") }
        if ifMine == .return { words.append("ifMine return") }
        if let binding { words.append("bind \(binding)") }
        if stealable { words.append("stealable") }
        if lockDelay > .zero { words.append("lockDelay \(lockDelay.seconds) s") }
        if pollWithin != TicketRequest.pollWithinDefault {
            words.append("pollWithin \(pollWithin.seconds) s")
        }
        if notify != .state { words.append("notify \(notify)") }
        if let key = details?.key { words.append("key \(key)") }
        return words.joined(separator: ", ")
    }
}
