// Rule 21: taking the resource from its holders. A stealer stands before every priority; with a
// grace its victims are told `losing` and go on until they release, their lease ends or the grace
// is over.
//
//     victim   held──────────losing(10 s)┄┄┄┄┄┄┄┄┄┄stolen
//     stealer        steal(grace 10 s)──queued─────granted
//
// The victims are worked out when the steal is asked, among those who hold then. Several stealers
// may have a claim on one holder; the first one's grace stands, and only when the last claim is
// dropped is it `kept`.

import HoldfastModel

extension LockState {
    /// The holders that must go for a new stealer to fit, longest holding first.
    func victims(of mode: Mode, force: Bool) throws(Refusal) -> [UInt32] {
        let victims = holders.prefix(victimCount(for: mode), in: tickets)
        guard
            force || suffers(.stealsWithoutConsent)
                || victims.allSatisfy({ tickets[$0].traits.contains(.stealable) })
        else {
            throw notStealable(victims)
        }
        return victims
    }

    private func victimCount(for mode: Mode) -> Int {
        guard let held = heldMode else { return 0 }
        switch (mode, held) {
        case (.shared, .shared):
            return 0
        case (.permit(let count, let of), .permit):
            // What earlier stealers will take is not free for this one.
            let wanted = Int(count) + extras.value.queued.stealerPermits
            return victimCount(freeing: wanted - (Int(of) - Int(permitsHeld)))
        case (.exclusive, _), (_, .exclusive), (.shared, .permit), (.permit, .shared):
            return Int(holders.count)
        }
    }

    private func victimCount(freeing permits: Int) -> Int {
        var (missing, count) = (permits, 0)
        var holder = holders.first
        while missing > 0, holder != TicketArena.none {
            if case .permit(let held, _) = tickets[holder].mode { missing -= Int(held) }
            count += 1
            holder = tickets[holder].next
        }
        return count
    }

    /// Gives a waiting stealer its claims; who is newly to lose is told so, once.
    mutating func claim(
        _ victims: [UInt32],
        for stealer: UInt32,
        grace: Interval,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        // Rule 21: a steal waits for a lock delay, and its victims are not ended before it is
        // granted.
        let grace = max(grace, closedFor(at: reading.now) ?? .zero)
        let (by, why) = (tickets[stealer].owner.name, tickets[stealer].details?.reason)
        for victim in victims {
            let isNew = claim(victim, for: stealer, grace: grace, from: reading.now)
            let at = stamp(reading.now)
            effects.keep(.losing(victim: victim, stealer: stealer, grace: grace, at: at))
            guard isNew else { continue }
            tickets[victim].traits.insert(.losing)
            noteEvent(.losing, victim, at: at, by: by, reason: why, reading, &effects)
            tellLosing(victim, at: reading, &effects)
            arm(victim)
        }
    }

    /// Notes the claim; true where nobody had one on this victim before.
    mutating func claim(
        _ victim: UInt32,
        for stealer: UInt32,
        grace: Interval,
        from now: Instant
    ) -> Bool {
        let claimant = StealBook.Claimant(ticket: stealer, number: tickets[stealer].number)
        let tickets = tickets
        extras.value.steals.tidyClaimants(on: victim) { tickets.isWaiting($0) }
        return extras.value.steals.claim(victim, for: claimant, grace: grace, from: now)
    }

    /// The stealer whose claim on this victim is the oldest.
    private func firstClaimant(on victim: UInt32) -> UInt32? {
        extras.value.steals.losing(victim)?.claimants.first(where: tickets.isWaiting)?.ticket
    }

    mutating func tellLosing(_ victim: UInt32, at reading: ClockReading, _ effects: inout Effects) {
        guard tickets[victim].notify != .none else { return }
        guard tickets[victim].connection != .none else {
            tickets[victim].traits.insert(.owesNews)
            return
        }
        guard let losing = extras.value.steals.losing(victim),
            let stealer = firstClaimant(on: victim)
        else { return }
        let event = TicketEvent.losing(
            id(of: victim),
            path,
            grace: max(.zero, losing.until - reading.now),
            by: tickets[stealer].owner.name,
            reason: tickets[stealer].details?.reason
        )
        tell(victim, event, &effects)
    }

    /// Its owner is heard on a connection again, and was just told where the ticket stands: what it
    /// was not told before is only that it is losing.
    mutating func tellOwedLosing(
        _ index: UInt32,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        guard tickets[index].traits.contains(.owesNews) else { return }
        tickets[index].traits.remove(.owesNews)
        if tickets[index].traits.contains(.losing) { tellLosing(index, at: reading, &effects) }
    }

    /// The holders who must go for this stealer, where the grace of all of them is over; else nil.
    ///
    /// Whose claim it was does not count: a stealer in front without one, because it asked while
    /// another held, would shut out the claims behind it.
    func overdueVictims(of stealer: UInt32, at now: Instant) -> [UInt32]? {
        guard tickets[stealer].traits.contains(.stealer) else { return nil }
        let count = victimCountAlone(of: tickets[stealer].mode)
        var victims: [UInt32] = []
        var holder = holders.first
        while victims.count < count {
            guard let losing = extras.value.steals.losing(holder),
                losing.isOverdue || losingUntil(of: holder) <= now
            else { return nil }
            victims.append(holder)
            holder = tickets[holder].next
        }
        return victims
    }

    /// As `victimCount`, for the stealer that is next: nobody is before it any more.
    private func victimCountAlone(of mode: Mode) -> Int {
        guard case (.permit(let count, let of), .permit?) = (mode, heldMode) else {
            return victimCount(for: mode)
        }
        return victimCount(freeing: Int(count) - (Int(of) - Int(permitsHeld)))
    }

    mutating func endStolen(
        _ victims: [UInt32],
        by stealer: UInt32,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        for victim in victims {
            let claimant = firstClaimant(on: victim) ?? stealer
            let (by, why) = (tickets[claimant].owner.name, tickets[claimant].details?.reason)
            end(victim, .stolen, by: by, reason: why, at: reading, &effects)
        }
    }

    /// A victim ended: nobody has a claim on it any more.
    mutating func dropClaim(on victim: UInt32) {
        guard tickets[victim].traits.contains(.losing) else { return }
        tickets[victim].traits.remove(.losing)
        extras.value.steals.remove(victim: victim)
    }

    /// A stealer was granted or ended: whom nobody else has a claim on is `kept`.
    mutating func dropClaims(
        of stealer: UInt32,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        guard tickets[stealer].traits.contains(.stealer), extras.isPresent else { return }
        for victim in extras.value.steals.victims(of: stealer)
        where extras.value.steals.dropClaim(on: victim) {
            let victim = victim.ticket
            tickets[victim].traits.remove(.losing)
            let at = stamp(reading.now)
            effects.keep(.kept(victim: victim, at: at))
            noteEvent(.kept, victim, at: at, reading, &effects)
            if isListening(victim) { tell(victim, .kept(id(of: victim), path), &effects) }
            arm(victim)
        }
        extras.value.steals.remove(stealer: stealer)
    }
}
