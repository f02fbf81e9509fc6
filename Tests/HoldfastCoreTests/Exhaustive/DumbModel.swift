// The second model: SEMANTICS.md rules 2–25 for one resource, written as plainly as the sentences stand
// there. Arrays, linear scans, sorting anew for every question; slow on purpose. It shares nothing with
// the core but the vocabulary and the events, so that the two can only agree by both being right.
//
// To use it as an oracle elsewhere: feed it the same events at the same instants, tell it the ids the
// real thing chose (`learn`), and compare what it returns with what was told.

import HoldfastCore
import HoldfastModel

/// One resource, predicted.
struct DumbModel {
    let path: ResourcePath
    let bounds: LockState.Bounds

    /// Every ticket still remembered, in the order they were made.
    var tickets: [DumbTicket] = []
    /// Finished tickets in the order they ended.
    var finished: [UInt64] = []
    var ticketCount: UInt64 = 0
    var fences: FenceCounter
    var lastFenceHere = Fence.none
    /// Rule 15.
    var closedUntil: Instant?
    var delay = Interval.zero
    var deadConnections: Set<ConnectionID> = []

    var now = Instant.zero
    var told: [Told] = []

    init(path: ResourcePath, bounds: LockState.Bounds, fences: FenceCounter) {
        self.path = path
        self.bounds = bounds
        self.fences = fences
    }

    /// What the event brings about; the order within one ticket counts.
    mutating func step(_ event: Event, at instant: Instant) -> [Told] {
        now = instant
        told = []
        switch event {
        case .request(let request, let purpose, let secret, let caller):
            ask(request, purpose, secret, caller)
        case .acquire(let id, let wait, let caller): acquire(id, wait, caller)
        case .status(let id, let caller): status(id, caller)
        case .renew(let id, let lease, let caller): renew(id, lease, caller)
        case .release(let id, let reason, let caller): release(id, reason, caller)
        case .checkTicket(let id, let caller): checkTicket(id, caller)
        case .clear(let reason, let caller): clear(reason, caller)
        case .connectionEnded(let connection, let indices): end(connection, waitingOn: indices)
        case .sessionEnded(let session, let indices): end(session, tickets: indices)
        case .withdrawn(let ids, let reason): withdraw(ids, reason: reason)
        case .sessionResumed(let session, let connection, let indices):
            resume(session, on: connection, tickets: indices)
        case .undelivered(let index, let fence): undelivered(index, fence)
        case .untold(let index): untold(index)
        case .timePassed(let limit): timePassed(limit: limit)
        }
        return told
    }

    /// The id that was chosen for a ticket.
    mutating func learn(_ id: TicketID) {
        let secret = TicketSecret(high: id.secretHigh, low: id.secretLow)
        guard let place = tickets.firstIndex(where: { $0.secret == secret }) else { return }
        tickets[place].index = id.ticketIndex
    }

    /// A connection is gone, whether or not anything waited on it.
    mutating func connectionDied(_ connection: ConnectionID) {
        deadConnections.insert(connection)
    }
}

// MARK: Who holds, who waits

extension DumbModel {
    /// Present holders, longest holding first: fences rise in the order of grant.
    var holders: [DumbTicket] {
        tickets.filter { $0.state == .acquired }
            .sorted { ($0.fence ?? .none) < ($1.fence ?? .none) }
    }

    /// Rule 7, 21: stealers by arrival, then priority, then arrival.
    var queue: [DumbTicket] {
        let waiting = tickets.filter { $0.state == .queued }
        let stealers = waiting.filter { $0.steal != nil }
        let others = waiting.filter { $0.steal == nil }
        let byPriority = others.sorted {
            ($1.request.priority, $0.number) < ($0.request.priority, $1.number)
        }
        return stealers.sorted { $0.number < $1.number } + byPriority
    }

    func place(of ticket: DumbTicket) -> QueuePlace {
        let order = queue.map(\.number)
        let ahead = order.prefix { $0 != ticket.number }.count
        return QueuePlace(position: ahead + 1, queueLength: order.count)
    }

    /// As a lease, the delay ends only in its own step.
    var isClosed: Bool { closedUntil != nil }
    var closedFor: Interval? { closedUntil.map { max(.zero, $0 - now) } }

    /// Rule 6: whether a ticket of `mode` can hold beside these.
    func fits(_ mode: Mode, beside holders: [DumbTicket]) -> Bool {
        switch mode {
        case .exclusive: return holders.isEmpty
        case .shared: return holders.allSatisfy { $0.request.mode == .shared }
        case .permit(let count, let of):
            var taken: UInt32 = 0
            for holder in holders {
                guard case .permit(let count, _) = holder.request.mode else { return false }
                taken += count
            }
            return taken + count <= of
        }
    }

    /// Rule 6: whether a ticket of `mode` may stand on this resource at all.
    func isMismatch(_ mode: Mode) -> Bool {
        tickets.contains { other in
            guard other.isLive else { return false }
            switch (mode, other.request.mode) {
            case (.permit(_, let of), .permit(_, let otherOf)): return of != otherOf
            case (.permit, .shared), (.shared, .permit): return true
            default: return false
            }
        }
    }

    func slot(of number: UInt64) -> Int? { tickets.firstIndex { $0.number == number } }
    func ticket(_ number: UInt64) -> DumbTicket? { tickets.first { $0.number == number } }

    /// The latest ticket kept at an index: indices may be used again.
    func slot(atIndex index: UInt32) -> Int? { tickets.lastIndex { $0.index == index } }

    mutating func change(_ number: UInt64, _ body: (inout DumbTicket) -> Void) {
        guard let place = slot(of: number) else { return }
        body(&tickets[place])
    }
}

// MARK: Granting and ending

extension DumbModel {
    /// Rule 7: grants from the head for as long as the head fits.
    mutating func grantWhatFits(asking: UInt64? = nil) {
        while let head = queue.first, !isClosed, makeRoom(for: head) {
            grant(head.number, isAsking: head.number == asking)
        }
    }

    /// Rule 21: holders whose grace is over go when that lets the first stealer have its turn, not sooner.
    private mutating func makeRoom(for head: DumbTicket) -> Bool {
        let (mustGo, now) = (whoMustGo(for: head.request.mode), now)
        guard !mustGo.isEmpty else { return true }
        guard head.steal != nil else { return false }
        guard mustGo.allSatisfy({ ($0.graceEnd ?? .never) <= now }) else { return false }
        for victim in mustGo {
            let claimant = victim.stealers.first.flatMap { ticket($0) }
            let reason = claimant?.request.details?.reason
            end(victim.number, .stolen, by: claimant?.owner.name, reason: reason)
        }
        return true
    }

    /// The holders that stand in the way, longest holding first.
    func whoMustGo(for mode: Mode, besideStealers stealers: [DumbTicket] = []) -> [DumbTicket] {
        var (going, staying): ([DumbTicket], [DumbTicket]) = ([], holders)
        while !staying.isEmpty, !fits(mode, beside: staying + stealers) {
            going.append(staying.removeFirst())
        }
        return going
    }

    /// `isAsking`: the request that made the ticket is being answered, so that answer tells the grant.
    private mutating func grant(_ number: UInt64, isAsking: Bool) {
        let (fence, now) = (fences.next(), now)
        lastFenceHere = fence
        change(number) { ticket in
            ticket.state = .acquired
            ticket.fence = fence
            ticket.grantedAt = now
            ticket.leaseEnd = now + ticket.lease
        }
        notice(.acquired, number)
        tellGrant(number, isAsking: isAsking)
        callOff(stealer: number)
    }

    private mutating func tellGrant(_ number: UInt64, isAsking: Bool) {
        guard let ticket = ticket(number), !isAsking else { return }
        for wait in ticket.waits {
            let standing = standing(of: ticket, waited: ticket.waited(on: wait.address.connection))
            switch wait.kind {
            case .lock(let isExisting): answerTicket(wait.address, ticket, standing, isExisting)
            case .acquire:
                told.append(.answer(wait.address, .polled(lease: ticket.lease, standing)))
            }
            if !deadConnections.contains(wait.address.connection) {
                change(number) { $0.noteShown() }
            }
        }
        let isAnswered = ticket.waits.contains { $0.address.connection == ticket.listener }
        let now = now
        change(number) {
            if !$0.waits.isEmpty { $0.heardAt = now }
            $0.waits = []
        }
        guard !isAnswered, ticket.notify != .none, let listener = ticket.listener else { return }
        // What was told to a connection that is gone counts as seen until word of it comes back.
        change(number) { $0.noteShown() }
        guard !deadConnections.contains(listener) else { return }
        let grant = grant(of: ticket, waited: ticket.waited(on: listener))
        told.append(.event(listener, ticket: number, .acquired(lease: ticket.lease, grant)))
    }

    /// The connection that gets the ticket's events now.
    func openListener(of ticket: DumbTicket) -> ConnectionID? {
        guard ticket.notify != .none, let listener = ticket.listener,
            !deadConnections.contains(listener)
        else { return nil }
        return listener
    }

    /// Ends a live ticket, answers its waits, and tells its owner unless it did so itself.
    mutating func end(
        _ number: UInt64,
        _ ending: Ending,
        by: String? = nil,
        reason: String? = nil,
        isOwnDoing: Bool = false
    ) {
        guard let before = ticket(number), before.isLive else { return }
        let now = now
        change(number) {
            $0.state = .released
            $0.ending = ending
            $0.endedAt = now
            $0.startedAt = now
            $0.endedBy = by
            $0.endReason = reason
            $0.graceEnd = nil
            $0.stealers = []
            $0.isGraceOver = false
            $0.owesLosing = false
            $0.owesGrant = false
            $0.waits = []
        }
        finished.append(number)
        closeAfter(before, ending)
        notice(Notice.Kind(ending), number)
        tellEnd(of: before, Refusal.Loss(ended: ending, by: by, reason: reason), isOwnDoing)
        callOff(stealer: number)
        while finished.count > bounds.retained { forget(finished[0]) }
    }

    /// Rule 15.
    private mutating func closeAfter(_ ticket: DumbTicket, _ ending: Ending) {
        guard ticket.state == .acquired, ticket.isSeen, ticket.request.lockDelay > .zero,
            ending == .expired || ending == .sessionEnded
        else { return }
        let end = now + ticket.request.lockDelay
        guard end > closedUntil ?? .zero else { return }
        closedUntil = end
        delay = ticket.request.lockDelay
    }

    private mutating func tellEnd(of ticket: DumbTicket, _ loss: Refusal.Loss, _ isOwnDoing: Bool) {
        for wait in ticket.waits {
            var loss = loss
            loss.endsAcquire = wait.kind == .acquire
            let isTimedOutLock = loss.ended == .timedOut && wait.kind != .acquire
            refuse(
                wait.address,
                isTimedOutLock ? .timedOut : .lost,
                isTimedOutLock ? Why(held: held) : Why(loss: loss)
            )
        }
        let isAnswered = ticket.waits.contains { $0.address.connection == ticket.listener }
        guard !isOwnDoing, !isAnswered, ticket.notify != .none else { return }
        if let listener = openListener(of: ticket) {
            told.append(.event(listener, ticket: ticket.number, .lost(loss)))
        } else {
            change(ticket.number) { $0.owesLoss = true }
        }
    }

    /// Rule 21: the stealer needs its victims no more; who is wanted by nobody else is kept.
    private mutating func callOff(stealer: UInt64) {
        for victim in tickets where victim.stealers.contains(stealer) {
            change(victim.number) { $0.stealers.removeAll { $0 == stealer } }
            guard victim.stealers.count == 1 else { continue }
            change(victim.number) {
                $0.graceEnd = nil
                $0.isGraceOver = false
                $0.isAnnounced = false
            }
            if victim.isAnnounced { tellKept(victim) }
        }
    }

    private mutating func tellKept(_ victim: DumbTicket) {
        notice(.kept, victim.number)
        guard victim.notify != .none else { return }
        if let listener = openListener(of: victim) {
            told.append(.event(listener, ticket: victim.number, .kept))
        } else {
            change(victim.number) {
                $0.owesGrant = $0.owesGrant || !$0.owesLosing
                $0.owesLosing = false
            }
        }
    }

    mutating func forget(_ number: UInt64) {
        finished.removeAll { $0 == number }
        tickets.removeAll { $0.number == number }
    }
}

// MARK: Words

extension DumbModel {
    func grant(of ticket: DumbTicket, waited: Interval? = nil) -> Grant {
        let remaining = max(.zero, ticket.trustEnd - now)
        return Grant(fence: ticket.fence ?? .none, remaining: remaining, waited: waited)
    }

    func standing(of ticket: DumbTicket, waited: Interval? = nil) -> Standing {
        switch ticket.state {
        case .queued: .queued(place(of: ticket))
        case .acquired: .acquired(grant(of: ticket, waited: waited))
        case .released: .released(ticket.ending ?? .released)
        }
    }

    mutating func answerTicket(
        _ address: RequestAddress,
        _ ticket: DumbTicket,
        _ standing: Standing,
        _ isExisting: Bool
    ) {
        let said = Said.ticket(
            ticket.number,
            lease: ticket.lease,
            standing,
            isExisting: isExisting
        )
        told.append(.answer(address, said))
    }

    mutating func refuse(_ address: RequestAddress, _ code: ErrorCode, _ why: Why = Why()) {
        told.append(.answer(address, .refused(code, why)))
    }

    mutating func notice(_ kind: Notice.Kind, _ number: UInt64) {
        guard let ticket = ticket(number) else { return }
        let by = ticket.ending?.isByAnother == true ? ticket.endedBy : nil
        told.append(
            .notice(kind, ticket: number, owner: ticket.owner.name, fence: ticket.fence, by: by)
        )
    }

    /// Rule 16: who is in the way.
    var held: Why.Held {
        Why.Held(
            holder: holders.first.map(view),
            holderCount: holders.count,
            queueLength: queue.count,
            closedFor: closedFor
        )
    }
}
