// What is due when (rules 10, 11, 14–17, 21, 23). A deadline is computed from the ticket; the heap
// of a crowded resource only remembers when to look again. So being heard, or renewing a lease,
// stores a time and moves nothing: what comes up early is looked at and set anew.
//
// At one and the same instant: first a lock delay ends, then what holders have ends, in the order
// of their arrival, then what waiters have, then the waits of `acquire`, then what is remembered is
// forgotten. So who waits just as long as it takes is served.

package import HoldfastModel

extension LockState {
    /// When `timePassed` must come at the latest, or earlier; `.never` where nothing is due.
    package var nextDeadline: Instant {
        min(nextDue?.at ?? .never, extras.value.feed.nextDeadline)
    }

    /// One thing that time does.
    private enum Due {
        case opening
        case ticket(UInt32)
        case wait(UInt32)
        case forgetting
    }

    private var nextDue: (at: Instant, what: Due)? {
        var best: (at: Instant, what: Due)?
        func consider(_ at: Instant, _ what: Due) {
            if at != .never, best.map({ at < $0.at }) ?? true { best = (at, what) }
        }
        consider(extras.value.closedUntil, .opening)
        if extras.value.isCrowded {
            if let first = extras.value.deadlines.first {
                consider(first.deadline, .ticket(first.handle))
            }
        } else {
            var holder = holders.first
            while holder != TicketArena.none {
                consider(deadline(of: holder), .ticket(holder))
                holder = tickets[holder].next
            }
        }
        if let wait = extras.value.waits.nextDue {
            consider(extras.value.waits.nextDeadline, .wait(wait))
        }
        if !remembered.isEmpty {
            let end = max(tickets[remembered.first].until.told, extras.value.restartedAt)
            consider(end + bounds.retain, .forgetting)
        }
        return best
    }

    /// Does what is due at `now` in the order of deadlines, at most `limit` endings.
    mutating func passTime(
        limit: Int,
        at reading: ClockReading,
        _ fences: inout FenceCounter,
        _ effects: inout Effects
    ) {
        var left = limit
        while left > 0, let due = nextDue, due.at <= reading.now {
            left -= 1
            switch due.what {
            case .opening:
                open(&effects)
            case .ticket(let index):
                // What was only looked at too early is no ending.
                if !passTime(of: index, at: reading, &fences, &effects) { left += 1 }
            case .wait(let wait):
                endWait(wait, at: reading, &effects)
            case .forgetting:
                forgetOldest(&effects)
            }
            settle(at: reading, &fences, &effects)
        }
        sweepPositions(at: reading, &effects)
    }

    /// True where something happened.
    private mutating func passTime(
        of index: UInt32,
        at reading: ClockReading,
        _ fences: inout FenceCounter,
        _ effects: inout Effects
    ) -> Bool {
        let ticket = tickets[index]
        let silentAt = silentAt(of: index)
        if losingUntil(of: index) <= min(reading.now, ticket.until, silentAt) {
            // The stealer takes it in `settle`; where it cannot yet, this is not looked at again by
            // time.
            extras.value.steals.setOverdue(index)
            arm(index)
            return true
        }
        guard min(ticket.until, silentAt) <= reading.now else {
            arm(index)
            return false
        }
        switch ticket.phase {
        case .held:
            let ending: Ending = ticket.until <= silentAt ? .expired : .abandoned
            end(index, ending, at: reading, &effects)
        case .queued:
            let ending: Ending = ticket.until <= silentAt ? .timedOut : .abandoned
            end(index, ending, at: reading, &effects)
        case .finished, .free:
            preconditionFailure("a ticket that is \(ticket.phase) has a deadline")
        }
        return true
    }

    private mutating func endWait(
        _ wait: UInt32,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        let index = extras.value.waits[wait].ticket
        if extras.value.waits[wait].isLock {
            end(index, .timedOut, at: reading, &effects)
        } else {
            let ended = extras.value.waits.remove(wait, first: &tickets[index].firstWait)
            // Rule 17: who waited was heard all the time.
            tickets[index].heardAt = reading.now
            effects.answer(ended.address, acquireAnswer(index, at: reading.now))
            follow(index)
            arm(index)
        }
    }

    // MARK: The deadline of a ticket

    /// When something happens to a live ticket by time alone.
    func deadline(of index: UInt32) -> Instant {
        min(tickets[index].until, silentAt(of: index), losingUntil(of: index))
    }

    /// Rule 17: when its owner was silent for too long.
    private func silentAt(of index: UInt32) -> Instant {
        let ticket = tickets[index]
        guard !ticket.isBound, ticket.firstWait == WaitTable.none, !ticket.isSeen else {
            return .never
        }
        return ticket.heardAt + ticket.pollWithin.interval
    }

    /// Rule 21: when its stealer may take it.
    private func losingUntil(of index: UInt32) -> Instant {
        guard tickets[index].traits.contains(.losing) else { return .never }
        guard let losing = extras.value.steals.losing(index), !losing.isOverdue else {
            return .never
        }
        return losing.until
    }

    // MARK: The heap

    /// A queue, or more holders than this, and the deadlines stand in a heap.
    private static let holdersLookedThrough = 4

    /// Makes sure that the ticket is looked at no later than its deadline.
    mutating func arm(_ index: UInt32) {
        guard tickets[index].isLive else { return }
        if !extras.value.isCrowded {
            guard tickets[index].phase == .queued || holders.count > LockState.holdersLookedThrough
            else { return }
            extras.value.isCrowded = true
            for holder in holders.prefix(Int(holders.count), in: tickets) { setDeadline(holder) }
        }
        setDeadline(index)
    }

    private mutating func setDeadline(_ index: UInt32) {
        let isHeld = tickets[index].phase == .held
        let arrival = UInt32(truncatingIfNeeded: tickets[index].number) & (.max >> 1)
        let tie = isHeld ? arrival : arrival | 1 << 31
        extras.value.deadlines.set(index, to: deadline(of: index), tie: tie)
    }

    mutating func disarm(_ index: UInt32) {
        guard extras.value.isCrowded else { return }
        extras.value.deadlines.remove(index)
    }
}
