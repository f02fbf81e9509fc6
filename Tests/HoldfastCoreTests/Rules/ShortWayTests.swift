// The short way against the general one: whatever the short way does, the general way does to the last field, and what
// the short way leaves alone it has not touched.

import HoldfastCore
import HoldfastModel
import Testing

struct ShortWayTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `the short way comes to what the general way comes to`(seed: UInt64) {
        var walk = TwoWays(seed: seed) {
            $0.retained = seed.isMultiple(of: 2) ? 3 : 64
            $0.history = 2
            $0.retain = .seconds(3)
        }
        for _ in 0..<600 { walk.go() }
        #expect(walk.shortGrants > 20, "\(walk.shortGrants) grants went the short way")
        #expect(walk.shortReleases > 5, "\(walk.shortReleases) releases went the short way")
        #expect(walk.longReleases > 10, "\(walk.longReleases) releases could not go it")
    }

    @Test
    func `where nothing finished is remembered a release goes the general way`() {
        var walk = TwoWays(seed: 5) { $0.retained = 0 }
        for _ in 0..<100 { walk.go() }
        #expect(walk.shortGrants > 2)
        #expect(walk.shortReleases == 0)
    }

    @Test
    func `a resource with all its places taken grants nothing the short way`() {
        var walk = TwoWays(seed: 6) { $0.places = 2 }
        for _ in 0..<100 { walk.go() }
        #expect(walk.shortGrants > 0)
    }
}

/// One resource that goes the general way, and copies of it that try the short one first.
private struct TwoWays {
    private var state: LockState
    private var fences = FenceCounter(last: Fence(number: 9))
    private var now = Instant.zero
    private var random: SplitMix64
    private var requestCount: UInt64 = 0
    private var known: [(id: TicketID, who: Person)] = []

    private(set) var shortGrants = 0
    private(set) var shortReleases = 0
    private(set) var longReleases = 0

    init(seed: UInt64, _ change: (inout LockState.Bounds) -> Void) {
        var bounds = LockState.Bounds()
        change(&bounds)
        random = SplitMix64(seed: seed)
        state = Bench.makeState(bounds)
    }

    private var reading: ClockReading {
        ClockReading(now: now, wall: WallTime(microseconds: now.nanoseconds / 1_000))
    }

    mutating func go() {
        let who = [Person.ann, .bob, .ann.elsewhere(), .bob.inSession()].randomElement(
            using: &random
        )
        guard let who else { return }
        switch Int.random(in: 0..<24, using: &random) {
        case 0..<6: askPlainly(by: who, Bool.random(using: &random) ? .queue : .lock(wait: nil))
        case 6: askSpecially(by: who)
        case 7..<17: release()
        case 17: onKnown { .renew($0, lease: nil, $1) }
        case 18: onKnown { .acquire($0, wait: .none, $1) }
        case 19..<21: clear()
        default: pass()
        }
    }

    private mutating func askSpecially(by who: Person) {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: ask(by: who, .queue) { $0.mode = .shared }
        case 1: ask(by: who, .queue) { $0.details = TicketDetails(key: "k") }
        case 2: ask(by: who, .queue) { $0.stealable = true }
        case 3: ask(by: who, .steal(Steal(grace: .milliseconds(100), force: true))) { _ in }
        default: ask(by: who, .queue) { $0.lockDelay = .milliseconds(300) }
        }
    }

    // MARK: What happens

    private mutating func step(_ event: Event) -> Effects {
        var effects = Effects()
        state.step(event, at: reading, fences: &fences, into: &effects)
        state.checkInvariants()
        return effects
    }

    private mutating func caller(_ who: Person) -> Caller {
        requestCount += 1
        let address = RequestAddress(connection: who.connection, request: requestCount)
        return Caller(owner: who.owner, address: address, session: who.session)
    }

    private mutating func secret() -> TicketSecret {
        TicketSecret(high: random.next(), low: UInt32(truncatingIfNeeded: random.next()))
    }

    @discardableResult
    private mutating func ask(
        by who: Person,
        _ purpose: Event.Purpose,
        _ change: (inout TicketRequest) -> Void
    ) -> Effects {
        var request = TicketRequest(resource: Bench.path, lease: .milliseconds(700))
        change(&request)
        return ask(request, by: who, purpose, secret(), caller(who))
    }

    private mutating func ask(
        _ request: TicketRequest,
        by who: Person,
        _ purpose: Event.Purpose,
        _ secret: TicketSecret,
        _ caller: Caller
    ) -> Effects {
        let effects = step(.request(request, purpose, secret, caller))
        for case .answer(_, .ticket(let answer), _) in effects.outputs {
            known.append((answer.ticket, who))
        }
        return effects
    }

    private mutating func askPlainly(by who: Person, _ purpose: Event.Purpose) {
        let notify: Notify = Bool.random(using: &random) ? .state : .none
        let terms = PlainTerms(lease: random.interval(upTo: 900), notify: notify)
        let (secret, caller) = (secret(), caller(who))
        var (other, otherFences) = (state, fences)
        let grant = other.takePlainly(
            terms,
            secret,
            for: PlainCaller(owner: who.owner, connection: who.connection),
            at: reading,
            &otherFences
        )
        if grant == nil { expectUntouched(other, state) }
        let request = TicketRequest(resource: Bench.path, lease: terms.lease, notify: notify)
        let effects = ask(request, by: who, purpose, secret, caller)
        // A session would bind the ticket: who has one is not sent here.
        guard who.session == nil else { return }
        let grants = effects.changes.filter { $0.kind == .grantedAtOnce }
        #expect((grant != nil) == !grants.isEmpty)
        guard let grant else { return }
        shortGrants += 1
        let record = grant.record(of: Bench.path, terms, to: who.owner)
        expectSame(other, otherFences, [record], [], as: effects)
        let standing = Standing.acquired(Grant(fence: grant.fence, remaining: terms.lease))
        let answer = TicketAnswer(
            ticket: grant.ticket,
            resource: Bench.path,
            lease: terms.lease,
            standing: standing
        )
        let shown = Output.Shown(ticketIndex: grant.ticket.ticketIndex, fence: grant.fence)
        let output = Output.answer(caller.address, .ticket(answer), shows: shown)
        #expect(effects.outputs.map { "\($0)" } == ["\(output)"])
    }

    private mutating func release() {
        guard let (id, owner) = known.suffix(3).randomElement(using: &random) else { return }
        let who = Int.random(in: 0..<5, using: &random) == 0 ? owner.elsewhere(60) : owner
        let caller = caller(who)
        var other = state
        let release = other.releasePlainly(
            id,
            by: PlainCaller(owner: who.owner, connection: who.connection),
            at: reading
        )
        let before = state
        let effects = step(.release(id, reason: nil, caller))
        guard let release else {
            longReleases += 1
            return expectUntouched(other, before)
        }
        shortReleases += 1
        let forgotten = release.recordOfForgotten
        let records = [release.record(by: who.owner)] + (forgotten.map { [$0] } ?? [])
        expectSame(other, fences, records, release.forgotten.map { [$0] } ?? [], as: effects)
        #expect(
            release.time == state.holdingTime(ofTicket: id.ticketIndex, at: effects.changes[0].at)
        )
        let answer = ReleaseAnswer(ticket: id, ended: .released, already: false)
        let output = Output.answer(caller.address, .released(answer), shows: nil)
        #expect(effects.outputs.map { "\($0)" } == ["\(output)"])
    }

    private mutating func onKnown(_ event: (TicketID, Caller) -> Event) {
        guard let (id, who) = known.suffix(4).randomElement(using: &random) else { return }
        _ = step(event(id, caller(who)))
    }

    private mutating func clear() {
        _ = step(.clear(reason: nil, caller(.root)))
    }

    private mutating func pass() {
        now = now + random.interval(upTo: 2_000)
        _ = step(.timePassed(limit: 1_000))
    }

    /// Looked at now and then: to write out all fields takes longer than all else here.
    private mutating func expectUntouched(_ other: LockState, _ before: LockState) {
        guard Int.random(in: 0..<6, using: &random) == 0 else { return }
        #expect("\(other)" == "\(before)", "declined, and yet changed")
    }

    /// All fields of the state, the records, and what changed beside what the caller counts itself.
    private func expectSame(
        _ other: LockState,
        _ otherFences: FenceCounter,
        _ records: [Record],
        _ forgotten: [UInt32],
        as effects: Effects
    ) {
        #expect("\(other)" == "\(state)")
        #expect(otherFences == fences)
        #expect(records.map { "\($0)" } == effects.records.map { "\($0)" })
        let further = effects.changes.dropFirst()
        #expect(further.allSatisfy { $0.kind == .forgotten })
        #expect(further.map(\.ticketIndex) == forgotten)
        #expect(other.nextDeadline == state.nextDeadline)
    }
}
