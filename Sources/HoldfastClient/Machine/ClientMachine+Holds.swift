// Kept locks: renewed after a third of their lease, lost at the safe deadline at the latest.

import HoldfastModel

extension ClientMachine {
    /// A lock was granted: from now on it is kept.
    mutating func keep(_ hold: Hold, for call: CallID) {
        let id = HoldID(number: nextNumber())
        holds[id] = hold
        holdsByTicket[hold.ticket, default: []].insert(id)
        holdsDueAt = min(holdsDueAt, hold.plan.dueAt, hold.safeUntil(session: session?.trust))
        let held = HeldLock(
            hold: id,
            ticket: hold.ticket,
            resource: hold.resource,
            fence: hold.fence,
            lease: hold.lease,
            isBound: hold.isBound,
            safeUntil: hold.trust.deadline
        )
        settle(call, .success(.held(held)))
    }

    /// Stops keeping a lock and gives it back; the answer settles the call.
    mutating func release(_ id: HoldID, reason: String?, at now: Instant) -> CallID? {
        guard let hold = holds[id] else { return nil }
        drop(id)
        var request = Request.release(hold.ticket)
        if let reason { request["reason"] = .text(reason) }
        return submit(request, at: now)
    }

    /// Renews a lock at once, with another lease maybe; the answer settles the call.
    mutating func renew(_ id: HoldID, lease: Interval?, at now: Instant) -> CallID? {
        guard let hold = holds[id] else { return nil }
        var request = Request.renew(hold.ticket)
        if let lease { request["lease"] = .seconds(lease) }
        let call = submit(request, at: now)
        calls[call]?.ticket = hold.ticket
        return call
    }

    private mutating func drop(_ id: HoldID) {
        guard let hold = holds.removeValue(forKey: id) else { return }
        holdsByTicket[hold.ticket]?.remove(id)
        if holdsByTicket[hold.ticket]?.isEmpty == true { holdsByTicket[hold.ticket] = nil }
    }

    mutating func lose(_ id: HoldID, _ loss: LockLoss) {
        guard holds[id] != nil else { return }
        drop(id)
        actions.append(.lose(id, loss))
    }

    // MARK: Upkeep

    /// Looks after every lock: lost, due for renewal, or fine.
    ///
    /// The clock was read just now.
    mutating func tendHolds(at now: Instant) {
        holdsDueAt = .never
        for id in holds.keys.sorted(by: { $0.number < $1.number }) {
            guard let hold = holds[id] else { continue }
            let safeUntil = hold.safeUntil(session: session?.trust)
            if safeUntil <= now {
                // Rules 5 and 13: the server may think otherwise, so it is told that we let go.
                lose(id, LockLoss(.unconfirmed))
                cleanUp(ticket: hold.ticket, of: nil, worth: hold.lease, at: now)
                continue
            }
            if hold.upkeep == nil, isReady,
                hold.plan.dueAt <= now + RenewalPlan.slack(lease: hold.lease)
            {
                upkeep(id, .renew(hold.ticket), at: now)
            }
            holdsDueAt = min(holdsDueAt, safeUntil, nextUpkeep(id))
        }
    }

    /// Without a connection nothing can be due.
    private func nextUpkeep(_ id: HoldID) -> Instant {
        guard isReady, let hold = holds[id], hold.upkeep == nil else { return .never }
        return hold.plan.dueAt
    }

    /// On a new connection: asks where the lock stands, which also routes its events here (PROTOCOL §5).
    mutating func inquire(_ id: HoldID, at now: Instant) {
        guard let hold = holds[id] else { return }
        upkeep(id, .acquire(hold.ticket), at: now)
    }

    private mutating func upkeep(_ id: HoldID, _ request: Request, at now: Instant) {
        let call = submit(request, for: .upkeep(id), at: now)
        holds[id]?.upkeep = call
        holds[id]?.plan.sent()
    }

    /// A renewal, or the question where the lock stands, was answered.
    mutating func upkept(
        _ id: HoldID,
        _ reply: Reply,
        call: CallID,
        sentAt: Instant,
        at now: Instant
    ) {
        guard var hold = holds[id] else { return }
        if hold.upkeep == call { hold.upkeep = nil }
        if let refusal = reply.refusal {
            holds[id] = hold
            return upkeepRefused(id, hold, reply, refusal, at: now)
        }
        guard let grant = reply.grant else {
            return lose(id, LockLoss(.forgotten))
        }
        hold.trust.answered(sentAt: sentAt, remaining: grant.remaining)
        hold.plan.answered(sentAt: sentAt, remaining: grant.remaining)
        if let lease = reply.seconds("lease") { hold.lease = lease }
        holds[id] = hold
        holdsDueAt = min(holdsDueAt, hold.plan.dueAt, hold.ownSafeUntil)
        actions.append(.trust(id, until: hold.ownSafeUntil))
    }

    private mutating func upkeepRefused(
        _ id: HoldID,
        _ hold: Hold,
        _ reply: Reply,
        _ refusal: ServerRefusal,
        at now: Instant
    ) {
        if refusal.code == .lost { return lose(id, reply.loss) }
        if refusal.code == .notFound || refusal.code == .notAcquired {
            return lose(id, LockLoss(.forgotten))
        }
        holds[id]?.plan.refused(now: now, safeUntil: hold.safeUntil(session: session?.trust))
        holdsDueAt = min(holdsDueAt, holds[id]?.plan.dueAt ?? .never)
    }

    /// A caller's own request named a ticket that is kept: its answer counts as one of ours.
    mutating func overheard(
        _ call: CallID,
        _ request: Request,
        _ reply: Reply,
        sentAt: Instant,
        at now: Instant
    ) {
        guard case .text(let ticket)? = request["ticket"], let kept = holdsByTicket[ticket] else {
            return
        }
        for id in kept.sorted(by: { $0.number < $1.number }) {
            switch request.operation {
            case "renew", "acquire": upkept(id, reply, call: call, sentAt: sentAt, at: now)
            case "release" where reply.refusal == nil: lose(id, LockLoss(.released))
            default: break
            }
        }
    }

    /// Rule 21: somebody steals, or (nil) the steal is off.
    ///
    /// What the lease is worth now is for the server to say, so it is asked at once.
    mutating func losing(_ ticket: String, for grace: Interval?, at now: Instant) {
        for id in holdsByTicket[ticket, default: []].sorted(by: { $0.number < $1.number }) {
            holds[id]?.losingUntil = grace.map { now + $0 } ?? .never
            if holds[id]?.upkeep == nil { holds[id]?.plan.hurry(now: now) }
            if let hold = holds[id] { actions.append(.trust(id, until: hold.ownSafeUntil)) }
        }
        tendHolds(at: now)
    }
}
