// One resource under a clock that the test moves: tickets go by name, every step checks the invariants, and what was
// told is read in short words.

import HoldfastCore
import HoldfastModel
import Testing

/// A resource to try things on.
struct Bench {
    var state = Bench.makeState(LockState.Bounds())
    var fences = FenceCounter(last: Fence(number: 1_000))
    private(set) var now = Instant.zero
    /// Of the last step.
    private(set) var effects = Effects()
    /// Of all steps.
    private(set) var records: [Record] = []
    private(set) var tickets: [String: TicketID] = [:]
    private var bounds = LockState.Bounds()
    private var requestCount: UInt64 = 0
    private var secretCount: UInt64 = 0
    /// Large tests check when they choose to.
    var checksEveryStep = true
    var wantsNotices = true

    static let slot = Slot(number: 7)
    static let resourceIndex: UInt32 = 3

    init(_ change: (inout LockState.Bounds) -> Void = { _ in }) {
        change(&bounds)
        state = Bench.makeState(bounds)
    }

    static func makeState(_ bounds: LockState.Bounds) -> LockState {
        LockState(
            path: Bench.path,
            slot: Bench.slot,
            resourceIndex: Bench.resourceIndex,
            bounds: bounds
        )
    }

    static let path: ResourcePath = {
        guard let path = ResourcePath("deploy/prod") else { preconditionFailure("no path") }
        return path
    }()

    var reading: ClockReading {
        let wall = WallTime(microseconds: 1_700_000_000_000_000 + now.nanoseconds / 1_000)
        return ClockReading(now: now, wall: wall)
    }

    // MARK: Stepping

    @discardableResult
    mutating func step(_ event: Event) -> Effects {
        effects = Effects(wantsNotices: wantsNotices)
        state.step(event, at: reading, fences: &fences, into: &effects)
        records += effects.records
        if checksEveryStep { state.checkInvariants() }
        return effects
    }

    /// Moves the clock from deadline to deadline, as a shard would, letting time do its work.
    mutating func pass(_ seconds: Double, limit: Int = 1_000) {
        let end = now + Interval(seconds: seconds)
        var outputs: [Output] = []
        while true {
            let next = state.nextDeadline
            guard next <= end else { break }
            now = max(now, next)
            step(.timePassed(limit: limit))
            outputs += effects.outputs
        }
        now = end
        step(.timePassed(limit: limit))
        effects.outputs = outputs + effects.outputs
    }

    /// Crashes, and rebuilds the resource from its records, or from the image of the state as it stands.
    mutating func restart(fromImage: Bool = false) {
        if fromImage { records = state.image() }
        var again = Bench.makeState(bounds)
        again.replay(all: records)
        effects = Effects(wantsNotices: wantsNotices)
        again.restart(at: reading, fences: &fences, into: &effects)
        records += effects.records
        state = again
        state.checkInvariants()
    }

    /// The crash came before this was written.
    mutating func dropLastRecord() { records.removeLast() }

    /// Moves the clock and lets nothing happen by it.
    mutating func skip(_ seconds: Double) { now = now + Interval(seconds: seconds) }

    mutating func caller(_ who: Person) -> Caller {
        requestCount += 1
        return Caller(
            owner: who.owner,
            address: RequestAddress(connection: who.connection, request: requestCount),
            session: who.session,
            rights: who.rights
        )
    }

    /// Takes a ticket and calls it `name`.
    @discardableResult
    mutating func ask(
        _ name: String,
        by who: Person,
        _ purpose: Event.Purpose = .queue,
        _ change: (inout TicketRequest) -> Void = { _ in }
    ) -> Reply {
        var request = TicketRequest(resource: Bench.path)
        change(&request)
        secretCount += 1
        // Spread like chance would spread it, and the same in every run.
        let secret = TicketSecret(
            high: secretCount &* 0x9e37_79b9_7f4a_7c15,
            low: UInt32(truncatingIfNeeded: (secretCount &* 0xd1b5_4a32_d192_ed03) >> 29)
        )
        let caller = caller(who)
        step(.request(request, purpose, secret, caller))
        let reply = reply(to: caller.address)
        if case .answer(.ticket(let answer)) = reply { tickets[name] = answer.ticket }
        if case .waiting = reply { tickets[name] = tickets[name] ?? waitedOn(with: secret) }
        return reply
    }

    /// The ticket that a `lock` of the last step made and waits on.
    private func waitedOn(with secret: TicketSecret) -> TicketID? {
        for case .waiting(_, let index) in effects.outputs {
            return TicketID(
                secretHigh: secret.high,
                secretLow: secret.low,
                slot: Bench.slot,
                resourceIndex: Bench.resourceIndex,
                ticketIndex: index
            )
        }
        return nil
    }

    @discardableResult
    mutating func queue(
        _ name: String,
        by who: Person,
        _ change: (inout TicketRequest) -> Void = { _ in }
    ) -> Reply {
        ask(name, by: who, .queue, change)
    }

    @discardableResult
    mutating func lock(
        _ name: String,
        by who: Person,
        wait: Double? = nil,
        _ change: (inout TicketRequest) -> Void = { _ in }
    ) -> Reply {
        ask(name, by: who, .lock(wait: wait.map { Interval(seconds: $0) }), change)
    }

    @discardableResult
    mutating func steal(
        _ name: String,
        by who: Person,
        grace: Double = 0,
        force: Bool = false,
        _ change: (inout TicketRequest) -> Void = { _ in }
    ) -> Reply {
        let steal = Steal(grace: Interval(seconds: grace), force: force)
        return ask(name, by: who, .steal(steal)) {
            $0.details = TicketDetails(reason: "needed")
            change(&$0)
        }
    }

    @discardableResult
    mutating func acquire(_ name: String, by who: Person, wait: Double? = nil) -> Reply {
        let wait = wait.map { Event.Wait.atMost(Interval(seconds: $0)) } ?? .none
        return on(name, by: who) { .acquire($0, wait: wait, $1) }
    }

    @discardableResult
    mutating func renew(_ name: String, by who: Person, lease: Double? = nil) -> Reply {
        let lease = lease.map { Interval(seconds: $0) }
        return on(name, by: who) { .renew($0, lease: lease, $1) }
    }

    @discardableResult
    mutating func release(_ name: String, by who: Person, reason: String? = nil) -> Reply {
        on(name, by: who) { .release($0, reason: reason, $1) }
    }

    @discardableResult
    mutating func status(_ name: String, by who: Person) -> Reply {
        on(name, by: who) { .status($0, $1) }
    }

    @discardableResult
    mutating func check(_ name: String, by who: Person) -> Reply {
        on(name, by: who) { .checkTicket($0, $1) }
    }

    @discardableResult
    mutating func clear(by who: Person, reason: String? = nil) -> Reply {
        let caller = caller(who)
        step(.clear(reason: reason, caller))
        return reply(to: caller.address)
    }

    private mutating func on(
        _ name: String,
        by who: Person,
        _ event: (TicketID, Caller) -> Event
    ) -> Reply {
        let caller = caller(who)
        step(event(id(name), caller))
        return reply(to: caller.address)
    }

    func id(_ name: String) -> TicketID {
        guard let id = tickets[name] else { preconditionFailure("no ticket is called \(name)") }
        return id
    }

    func index(_ name: String) -> UInt32 { id(name).ticketIndex }

    // MARK: What was told

    /// What came to this address in the last step.
    func reply(to address: RequestAddress) -> Reply {
        for output in effects.outputs {
            switch output {
            case .answer(address, .refused(let refusal), _): return .refused(refusal)
            case .answer(address, let answer, _): return .answer(answer)
            case .waiting(address, _): return .waiting
            case .answer, .waiting, .event, .notice: continue
            }
        }
        return .none
    }

    /// What came to a connection as answers in the last step, other than to its own request.
    func replies(to who: Person) -> [Reply] {
        effects.outputs.compactMap { output in
            guard case .answer(let address, let answer, _) = output,
                address.connection == who.connection
            else { return nil }
            if case .refused(let refusal) = answer { return .refused(refusal) }
            return .answer(answer)
        }
    }

    /// The events of the last step for this connection.
    func events(to who: Person) -> [TicketEvent] {
        effects.outputs.compactMap { output in
            guard case .event(who.connection, let event, _, _) = output else { return nil }
            return event
        }
    }

    /// The same as words: "acquired A", "lost B stolen".
    func words(to who: Person) -> [String] { events(to: who).map(word) }

    private func word(_ event: TicketEvent) -> String {
        switch event {
        case .queued(_, let id, _, let place): "queued \(name(id)) \(place.position)"
        case .acquired(let id, _, _, _): "acquired \(name(id))"
        case .losing(let id, _, let grace, let by, _):
            "losing \(name(id)) to \(by) in \(grace.seconds)"
        case .kept(let id, _): "kept \(name(id))"
        case .lost(let id, _, let loss): "lost \(name(id)) \(loss.ended.rawValue)"
        case .position(let id, let place): "position \(name(id)) \(place.position)"
        }
    }

    private func name(_ id: TicketID) -> String {
        tickets.first { $0.value == id }?.key ?? "?"
    }

    var notices: [Notice.Kind] {
        effects.outputs.compactMap { output in
            guard case .notice(let notice) = output else { return nil }
            return notice.kind
        }
    }

    // MARK: What stands

    private var everything: ListAnswer {
        state.list(
            ListPage(limit: 1_000_000),
            for: Caller(
                owner: Person.root.owner,
                address: RequestAddress(connection: .none, request: 0)
            ),
            at: reading
        )
    }

    private func names(_ views: [TicketView]) -> [String] {
        views.map { $0.ticket.map(name) ?? "?" }
    }

    var holders: [String] { names(everything.holders) }
    var waiting: [String] { names(everything.queue) }

    func view(_ name: String) -> TicketView? {
        let all = everything
        return (all.holders + all.queue + all.recent).first { $0.ticket == tickets[name] }
    }

    /// "queued", "acquired", or how it ended; "unknown" where it is forgotten.
    func standing(_ name: String) -> String {
        switch view(name)?.standing {
        case .queued: "queued"
        case .acquired: "acquired"
        case .released(let ending): ending.rawValue
        case nil: "unknown"
        }
    }

    func fence(_ name: String) -> UInt64 { view(name)?.fence?.number ?? 0 }
    func remaining(_ name: String) -> Double? {
        guard case .acquired(let grant)? = view(name)?.standing else { return nil }
        return grant.remaining.seconds
    }
    func position(_ name: String) -> Int? {
        guard case .queued(let place)? = view(name)?.standing else { return nil }
        return place.position
    }
}

/// What a request got in its own step.
enum Reply: CustomStringConvertible {
    case answer(Answer)
    case refused(Refusal)
    case waiting
    case none

    var code: ErrorCode? { refusal?.code }

    var refusal: Refusal? {
        guard case .refused(let refusal) = self else { return nil }
        return refusal
    }

    /// Of `queue`, `lock`, `steal` and `acquire`.
    var standing: Standing? {
        switch self {
        case .answer(.ticket(let answer)): answer.standing
        case .answer(.acquire(let answer)): answer.standing
        case .answer(.status(let view)): view.standing
        case .answer, .refused, .waiting, .none: nil
        }
    }

    var grant: Grant? {
        guard case .acquired(let grant)? = standing else { return nil }
        return grant
    }

    var place: QueuePlace? {
        guard case .queued(let place)? = standing else { return nil }
        return place
    }

    var isExisting: Bool {
        guard case .answer(.ticket(let answer)) = self else { return false }
        return answer.isExisting
    }

    /// In short: "acquired", "queued 2", a code, "waiting".
    var description: String {
        switch self {
        case .refused(let refusal): return refusal.code.rawValue
        case .waiting: return "waiting"
        case .none: return "nothing"
        case .answer(.released(let answer)):
            return answer.ended.rawValue + (answer.already ? " already" : "")
        case .answer(.renewed(let answer)):
            return "renewed \(answer.remaining.seconds)" + (answer.isLosing ? " losing" : "")
        case .answer(.cleared(let count)): return "cleared \(count)"
        case .answer(.checked(let answer)): return answer.isValid ? "valid" : "invalid"
        case .answer: break
        }
        switch standing {
        case .queued(let place): return "queued \(place.position)"
        case .acquired: return "acquired"
        case .released(let ending): return ending.rawValue
        case nil: return "answered"
        }
    }
}

func == (reply: Reply, words: String) -> Bool { reply.description == words }
