// The core and the second model side by side: every event goes to both, and what they tell and show must
// be the same. A value, so that a walk can copy it at every fork.

import HoldfastCore
import HoldfastModel

/// Both opinions on one resource, and the world around it.
struct Duel {
    var core: LockState
    var model: DumbModel
    var fences: FenceCounter
    var now = Instant.zero
    /// All that was written, where the walk has crashes in it.
    var records: [Record] = []
    /// The ids that the core chose; ticket 1 is the first.
    var ids: [TicketID] = []
    var requestCount: UInt64 = 0
    var clients: [Client]
    let canCrash: Bool
    /// Whether all is compared after a step, or only what is told and listed.
    var isThorough = true
    /// What the last step told each connection, should it turn out that it was never written.
    var lastTold: [Delivery] = []

    /// Goes by before every event: no two of them happen at one instant.
    static let tick = Interval(nanoseconds: 1_000)

    struct Delivery {
        var connection: ConnectionID
        var shows: Output.Shown?
        /// Set for an event.
        var untold: UInt32?
    }

    /// Where they differ, for a person.
    struct Disagreement: Error {
        var text: String
    }

    init(bounds: LockState.Bounds, clients: [Client], canCrash: Bool) throws {
        guard let path = ResourcePath("duel") else { throw Disagreement(text: "no path") }
        let start = FenceCounter(last: Fence(number: 1_000))
        core = LockState(path: path, slot: Slot(of: path), resourceIndex: 7, bounds: bounds)
        model = DumbModel(path: path, bounds: bounds, fences: start)
        fences = start
        self.clients = clients
        self.canCrash = canCrash
    }

    var reading: ClockReading { ClockReading(now: now, wall: DumbModel.wall(now)) }

    /// One event for both, and what comes back of what it told; what they tell and then show must agree.
    mutating func step(_ event: Event) throws(Disagreement) {
        let fenceBefore = model.lastFenceHere
        lastTold = []
        var failures = try tell(event)
        while !failures.isEmpty {
            let failure = failures.removeFirst()
            failures += try tell(failure)
        }
        try compareViews(after: event, fenceBefore)
    }

    /// What was sent to a connection that is gone comes back as the events returned.
    private mutating func tell(_ event: Event) throws(Disagreement) -> [Event] {
        now = now + Duel.tick
        var effects = Effects(wantsNotices: true)
        core = core.rested()
        core.step(event, at: reading, fences: &fences, into: &effects)
        return try compare(effects, model.step(event, at: now))
    }

    /// The server stops and starts: what is left is what was written.
    mutating func crash() throws(Disagreement) {
        now = now + Duel.tick
        let fenceBefore = model.lastFenceHere
        lastTold = []
        core = core.fresh(model.bounds)
        for record in records {
            do throws(ReplayFlaw) { try core.replay(record) } catch {
                throw Disagreement(text: "what was written cannot have happened: \(error.text)")
            }
        }
        var effects = Effects(wantsNotices: true)
        core.restart(at: reading, fences: &fences, into: &effects)
        _ = try compare(effects, model.restart(at: now))
        try compareViews(after: .timePassed(limit: 0), fenceBefore)
    }

    private mutating func compare(
        _ effects: Effects,
        _ prediction: [Told]
    ) throws(Disagreement) -> [Event] {
        var predicted = prediction
        if canCrash { records += effects.records }
        for record in effects.records {
            guard case .made(let made, _) = record else { continue }
            ids.append(made.id)
            guard ids.count == made.number else {
                throw Disagreement(text: "ticket \(ids.count) has the number \(made.number)")
            }
            model.learn(made.id)
        }
        var told: [Told] = []
        var failures: [Event] = []
        for output in effects.outputs {
            noteDelivery(of: output, &failures)
            if let heard = try heard(output) { told.append(heard) }
        }
        if told != predicted {
            told.sort { $0.stream < $1.stream }
            predicted.sort { $0.stream < $1.stream }
            guard told == predicted else { throw difference("told", told, predicted) }
        }
        return failures
    }

    private mutating func noteDelivery(of output: Output, _ failures: inout [Event]) {
        let delivery: Delivery
        switch output {
        case .answer(let address, _, let shows):
            delivery = Delivery(
                connection: address.connection,
                shows: shows,
                untold: shows?.fence == nil ? shows?.ticketIndex : nil
            )
        case .event(let connection, _, let index, let shows):
            delivery = Delivery(connection: connection, shows: shows, untold: index)
        case .waiting, .notice: return
        }
        if model.deadConnections.contains(delivery.connection) {
            failures += delivery.failures
        } else {
            lastTold.append(delivery)
        }
    }

    private func compareViews(
        after event: Event,
        _ fenceBefore: Fence
    ) throws(Disagreement) {
        let (seen, expected) = (coreShown, model.shown(at: now))
        guard seen == expected else { throw difference("shows", seen.lines, expected.lines) }
        try checkInvariants(of: seen, before: fenceBefore)
        let (armed, due) = (core.nextDeadline, model.nextDeadline)
        // Whether the instant at which something is over belongs to it is nowhere said.
        guard armed <= due + Duel.tick else { throw difference("is due at", [armed], [due]) }
        if case .timePassed = event, armed <= now, due > now {
            throw difference("is due after time passed at", [armed], [due])
        }
        guard isThorough else { return }
        core.checkInvariants()
        try compareSummaries(expected)
        try compareChecks()
    }

    private func compareSummaries(_ shown: Shown) throws(Disagreement) {
        let summary = core.summary(at: reading)
        let seen = Summed(
            mode: summary.mode,
            holderCount: summary.holderCount,
            queueLength: summary.queueLength,
            fence: summary.fence,
            oldestWait: summary.oldestWait,
            holder: summary.holder.map(seen),
            closedFor: summary.closedFor
        )
        let expected = Summed(
            mode: shown.mode,
            holderCount: shown.holderCount,
            queueLength: shown.queueLength,
            fence: shown.fence,
            oldestWait: model.oldestWait(at: now),
            holder: shown.holders.first,
            closedFor: shown.closedFor
        )
        guard seen == expected else { throw difference("sums up", [seen], [expected]) }
    }

    private func compareChecks() throws(Disagreement) {
        for fence in [Fence(number: 1_001), fences.last] {
            let (seen, expected) = (core.check(fence), model.check(fence))
            guard seen == expected else { throw difference("check", [seen], [expected]) }
        }
    }

    /// Only what one of them says and the other does not.
    func difference<Value>(_ what: String, _ core: [Value], _ model: [Value]) -> Disagreement {
        let (seen, expected) = (core.map(readable), model.map(readable))
        var lines = ["the core \(what):"]
        lines += seen.filter { !expected.contains($0) }
        lines.append("the rules say:")
        lines += expected.filter { !seen.contains($0) }
        if lines.count == 2 { lines += ["the same in another order:"] + seen }
        return Disagreement(text: lines.joined(separator: "\n"))
    }
}

/// Without the names of modules.
private func readable(_ value: some Any) -> String {
    let modules = ["HoldfastModel.", "HoldfastCoreTests.", "HoldfastCore.", "nanoseconds: "]
    return modules.reduce("    \(value)") { $0.replacing($1, with: "") }
}

extension LockState {
    /// The same resource with nothing in it.
    fileprivate func fresh(_ bounds: Bounds) -> LockState {
        LockState(path: path, slot: Slot(of: path), resourceIndex: 7, bounds: bounds)
    }
}

extension Duel.Delivery {
    var failures: [Event] {
        var events: [Event] = []
        if let shows, let fence = shows.fence {
            events.append(.undelivered(ticketIndex: shows.ticketIndex, fence))
        }
        if let untold { events.append(.untold(ticketIndex: untold)) }
        return events
    }
}

extension Told {
    /// Where the order counts: answers by request, events by connection and ticket, notices by ticket.
    fileprivate var stream: [UInt64] {
        switch self {
        case .answer(let address, _): [0, address.connection.bits, address.request]
        case .waiting(let address, _): [1, address.connection.bits, address.request]
        case .event(let connection, let ticket, _): [2, connection.bits, ticket]
        case .notice(_, let ticket, _, _, _): [3, ticket, 0]
        }
    }
}

extension [UInt64] {
    fileprivate static func < (left: [UInt64], right: [UInt64]) -> Bool {
        left.lexicographicallyPrecedes(right)
    }
}
