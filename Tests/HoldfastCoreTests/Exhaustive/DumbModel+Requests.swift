// What owners ask for: tickets, polls, renewals, releases.

import HoldfastCore
import HoldfastModel

extension DumbModel {
    mutating func ask(
        _ asked: TicketRequest,
        _ purpose: Event.Purpose,
        _ secret: TicketSecret,
        _ caller: Caller
    ) {
        var request = asked
        request.binding = asked.binding ?? (caller.session == nil ? .ticket : .session)
        if request.binding == .session, caller.session == nil {
            return refuse(caller.address, .badRequest)
        }
        if case .steal(let steal) = purpose {
            guard caller.rights.contains(.steal) else {
                return refuse(caller.address, .forbidden, Why(right: .steal))
            }
            guard !steal.force || caller.rights.contains(.admin) else {
                return refuse(caller.address, .forbidden, Why(right: .admin))
            }
        }
        if let known = withKey(of: request, caller.owner) {
            guard known.request.isSameRequest(as: request) else {
                return refuse(caller.address, .badRequest)
            }
            return answerAgain(known, request.notify, purpose, caller)
        }
        if let mine = mine(request, caller.owner) {
            return answerAgain(mine, request.notify, purpose, caller)
        }
        guard !isMismatch(request.mode) else { return refuse(caller.address, .capacityMismatch) }
        makeTicket(request, purpose, secret, caller)
    }

    /// Rule 23.
    private func withKey(of request: TicketRequest, _ owner: Owner) -> DumbTicket? {
        guard let key = request.details?.key else { return nil }
        return tickets.first { $0.owner == owner && $0.request.details?.key == key }
    }

    /// Rule 25: the acquired one first; then the one with the fewest sufficient permits, then the oldest.
    private func mine(_ request: TicketRequest, _ owner: Owner) -> DumbTicket? {
        guard request.ifMine == .return else { return nil }
        let serving = tickets.filter {
            $0.isLive && $0.owner == owner && serves($0.request.mode, asFor: request.mode)
        }
        return serving.min { rankAsMine($0) < rankAsMine($1) }
    }

    private func rankAsMine(_ ticket: DumbTicket) -> (Int, UInt32, UInt64) {
        var permits: UInt32 = 0
        if case .permit(let count, _) = ticket.request.mode { permits = count }
        return (ticket.state == .acquired ? 0 : 1, permits, ticket.number)
    }

    private func serves(_ mode: Mode, asFor asked: Mode) -> Bool {
        switch (asked, mode) {
        case (.exclusive, .exclusive), (.shared, .shared): true
        case (.permit(let count, let of), .permit(let otherCount, let otherOf)):
            of == otherOf && otherCount >= count
        default: false
        }
    }

    func finds(_ request: TicketRequest, of owner: Owner) -> Bool {
        withKey(of: request, owner) != nil || mine(request, owner) != nil
    }

    /// A request that found its ticket by `key` or `ifMine`.
    private mutating func answerAgain(
        _ known: DumbTicket,
        _ notify: Notify,
        _ purpose: Event.Purpose,
        _ caller: Caller
    ) {
        named(known.number, by: caller, listens: true)
        change(known.number) { $0.notify = notify }
        guard case .lock(let wait) = purpose, known.state != .acquired else {
            return answerStanding(known.number, caller.address, isExisting: true)
        }
        if let ending = known.ending {
            let loss = Refusal.Loss(ended: ending, by: known.endedBy, reason: known.endReason)
            return ending == .timedOut
                ? refuse(caller.address, .timedOut, Why(held: held))
                : refuse(caller.address, .lost, Why(loss: loss))
        }
        beginLock(on: known.number, wait, caller, isExisting: true)
    }

    private mutating func answerStanding(
        _ number: UInt64,
        _ address: RequestAddress,
        isExisting: Bool
    ) {
        guard let ticket = ticket(number) else { return }
        answerTicket(address, ticket, standing(of: ticket), isExisting)
        if ticket.owesLosing { tellLosing(number) }
        if ticket.state == .acquired { change(number) { $0.noteShown() } }
    }

    private mutating func beginLock(
        on number: UInt64,
        _ wait: Interval?,
        _ caller: Caller,
        isExisting: Bool
    ) {
        let end = wait.map { now + $0 }
        let kind = DumbWait.Kind.lock(isExisting: isExisting)
        change(number) {
            $0.waits.append(DumbWait(kind: kind, address: caller.address, end: end))
        }
        told.append(.waiting(caller.address, ticket: number))
        guard let ticket = ticket(number), ticket.notify != .none else { return }
        let event = Whispered.queued(request: caller.address.request, place(of: ticket))
        told.append(.event(caller.address.connection, ticket: number, event))
    }

    /// Tries the whole request on a copy: what is refused has changed nothing (rule 23).
    private mutating func makeTicket(
        _ asked: TicketRequest,
        _ purpose: Event.Purpose,
        _ secret: TicketSecret,
        _ caller: Caller
    ) {
        var steal: Steal?
        var mayWait = asked.maxWait != .zero
        if case .steal(let how) = purpose { steal = how }
        if case .lock(wait: .zero) = purpose { mayWait = false }

        var trial = self
        trial.ticketCount += 1
        let number = trial.ticketCount
        trial.tickets.append(
            DumbTicket(
                number: number,
                secret: secret,
                owner: caller.owner,
                session: asked.binding == .session ? caller.session : nil,
                request: asked,
                steal: steal,
                now: now
            )
        )
        trial.named(number, by: caller, listens: true)
        if let steal, !trial.claimVictims(for: number, steal) {
            return refuse(caller.address, .notStealable)
        }
        var granted = trial
        granted.grantWhatFits(asking: number)
        // Behind others it is queued first, even if this very step makes room for all of them.
        let isFirst = trial.queue.first?.number == number
        let isGranted = isFirst && granted.ticket(number)?.state == .acquired
        guard isGranted || mayWait else {
            return refuse(caller.address, .conflict, Why(held: held))
        }
        guard isGranted || queue.count < bounds.queue else {
            return refuse(caller.address, .limitExceeded, Why(limit: .queue))
        }
        self = isGranted ? granted : trial
        // Who is not taken for this one at once hears that it is losing, even if an earlier stealer takes it.
        announceLosses()
        if !isGranted { notice(.queued, number) }
        if case .lock(let wait) = purpose, !isGranted {
            beginLock(on: number, wait, caller, isExisting: false)
        } else {
            answerStanding(number, caller.address, isExisting: false)
        }
        grantWhatFits()
    }

    /// Rule 21: puts the stealer's claim on its victims; false where one may not be taken.
    private mutating func claimVictims(for number: UInt64, _ steal: Steal) -> Bool {
        guard let stealer = ticket(number) else { return false }
        var earlier = queue.filter { $0.steal != nil && $0.number != number }
        // What earlier stealers will take is not free for this one; beside an exclusive one nothing fits.
        earlier.removeAll { !isPermit($0.request.mode) || !isPermit(stealer.request.mode) }
        let victims = whoMustGo(for: stealer.request.mode, besideStealers: earlier)
        guard victims.allSatisfy({ $0.request.stealable || steal.force }) else { return false }
        // A steal waits for a lock delay (rule 15), and so do its victims.
        let grace = max(steal.grace, closedFor ?? .zero)
        let graceEnd = now + grace
        for victim in victims {
            change(victim.number) {
                $0.stealers.append(number)
                guard $0.graceEnd == nil else { return }
                $0.grace = grace
                $0.graceEnd = graceEnd
            }
        }
        return true
    }

    private func isPermit(_ mode: Mode) -> Bool {
        switch mode {
        case .permit: true
        case .exclusive, .shared: false
        }
    }

    /// Every victim hears that it is losing, once.
    private mutating func announceLosses() {
        for victim in holders where victim.isLosing && !victim.isAnnounced {
            change(victim.number) { $0.isAnnounced = true }
            notice(.losing, victim.number)
            tellLosing(victim.number)
        }
    }

    mutating func tellLosing(_ number: UInt64) {
        guard let victim = ticket(number), victim.notify != .none,
            let stealer = victim.stealers.first.flatMap({ ticket($0) })
        else { return }
        guard let listener = openListener(of: victim) else {
            return change(number) { $0.owesLosing = true }
        }
        let event = Whispered.losing(
            grace: (victim.graceEnd ?? now) - now,
            by: stealer.owner.name,
            reason: stealer.request.details?.reason
        )
        told.append(.event(listener, ticket: number, event))
        change(number) { $0.owesLosing = false }
    }
}

// MARK: On one ticket

extension DumbModel {
    /// Rules 13, 17: the owner named its ticket on this connection.
    mutating func named(_ number: UInt64, by caller: Caller, listens: Bool) {
        guard ticket(number)?.owner == caller.owner else { return }
        let now = now
        change(number) {
            $0.heardAt = now
            $0.noteNaming(by: caller.address.connection, at: now)
            if listens { $0.listener = caller.address.connection }
        }
    }

    /// The ticket, if it is remembered and the caller is its owner or `permits` it; else it is refused.
    private mutating func find(
        _ id: TicketID,
        _ caller: Caller,
        othersNeed right: Right?,
        listens: Bool = false
    ) -> DumbTicket? {
        let secret = TicketSecret(high: id.secretHigh, low: id.secretLow)
        guard let found = tickets.first(where: { $0.secret == secret }) else {
            refuse(caller.address, .notFound)
            return nil
        }
        if found.owner == caller.owner {
            named(found.number, by: caller, listens: listens)
            return ticket(found.number)
        }
        switch right {
        case .read where caller.rights.contains(.read): return found
        case .admin where caller.rights.contains(.admin): return found
        default:
            refuse(caller.address, .forbidden, Why(right: right))
            return nil
        }
    }

    private func loss(of ticket: DumbTicket) -> Why {
        let ending = ticket.ending ?? .released
        return Why(
            loss: Refusal.Loss(ended: ending, by: ticket.endedBy, reason: ticket.endReason)
        )
    }

    mutating func acquire(_ id: TicketID, _ wait: Event.Wait, _ caller: Caller) {
        guard let ticket = find(id, caller, othersNeed: nil, listens: true) else { return }
        guard ticket.isLive else { return refuse(caller.address, .lost, loss(of: ticket)) }
        if ticket.state == .queued, case .atMost(let interval) = wait, interval > .zero {
            let wait = DumbWait(kind: .acquire, address: caller.address, end: now + interval)
            change(ticket.number) { $0.waits.append(wait) }
            return told.append(.waiting(caller.address, ticket: ticket.number))
        }
        let said = Said.polled(lease: ticket.lease, standing(of: ticket))
        told.append(.answer(caller.address, said))
        if ticket.owesLosing { tellLosing(ticket.number) }
        if ticket.state == .acquired { change(ticket.number) { $0.noteShown() } }
    }

    mutating func status(_ id: TicketID, _ caller: Caller) {
        guard let ticket = find(id, caller, othersNeed: .read) else { return }
        let isOwner = ticket.owner == caller.owner
        let showsID = isOwner || caller.rights.contains(.admin)
        told.append(.answer(caller.address, .status(view(of: ticket), showsID: showsID)))
        if isOwner, ticket.state == .acquired { change(ticket.number) { $0.noteShown() } }
    }

    /// Rule 12: never nearer; a longer lease stays.
    mutating func renew(_ id: TicketID, _ lease: Interval?, _ caller: Caller) {
        guard let ticket = find(id, caller, othersNeed: nil) else { return }
        switch ticket.state {
        case .queued: return refuse(caller.address, .notAcquired)
        case .released: return refuse(caller.address, .lost, loss(of: ticket))
        case .acquired: break
        }
        let now = now
        change(ticket.number) {
            $0.lease = max($0.lease, lease ?? $0.lease)
            $0.leaseEnd = max($0.leaseEnd ?? .zero, now + (lease ?? $0.lease))
            $0.renewedAt = now
            $0.noteShown()
        }
        notice(.renewed, ticket.number)
        guard let renewed = self.ticket(ticket.number) else { return }
        let answer = RenewAnswer(
            fence: renewed.fence ?? .none,
            lease: renewed.lease,
            remaining: grant(of: renewed).remaining,
            isLosing: renewed.isLosing
        )
        told.append(.answer(caller.address, .renewed(answer)))
    }

    /// Rules 24, 30.
    mutating func release(_ id: TicketID, _ reason: String?, _ caller: Caller) {
        guard let ticket = find(id, caller, othersNeed: .admin) else { return }
        let isOwner = ticket.owner == caller.owner
        if let ending = ticket.ending {
            guard ending == .released || ending == .cancelled else {
                return refuse(caller.address, .lost, loss(of: ticket))
            }
            let said = Said.released(ticket.number, ending, already: true)
            return told.append(.answer(caller.address, said))
        }
        let own: Ending = ticket.state == .queued ? .cancelled : .released
        let ending = isOwner ? own : .cleared
        end(
            ticket.number,
            ending,
            by: isOwner ? nil : caller.owner.name,
            reason: reason,
            isOwnDoing: isOwner
        )
        let said = Said.released(ticket.number, ending, already: false)
        told.append(.answer(caller.address, said))
        grantWhatFits()
    }

    mutating func checkTicket(_ id: TicketID, _ caller: Caller) {
        guard let ticket = find(id, caller, othersNeed: .read) else { return }
        let answer = CheckAnswer(
            isValid: ticket.state == .acquired,
            fence: holders.last?.fence,
            state: ticket.state
        )
        told.append(.answer(caller.address, .checked(answer)))
        let isShown = ticket.owner == caller.owner && answer.isValid
        if isShown { change(ticket.number) { $0.noteShown() } }
    }

    /// Rule 22.
    mutating func clear(_ reason: String?, _ caller: Caller) {
        guard caller.rights.contains(.admin) else {
            return refuse(caller.address, .forbidden, Why(right: .admin))
        }
        let live = (holders + queue).map(\.number)
        closedUntil = nil
        for number in live { end(number, .cleared, by: caller.owner.name, reason: reason) }
        told.append(.answer(caller.address, .cleared(live.count)))
    }
}
