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
        var next = min(nextHolder.at, forgettingAt)
        guard extras.isPresent else { return next }
        if let first = extras.value.deadlines.first { next = min(next, first.deadline) }
        next = min(next, extras.value.waits.nextDeadline)
        next = min(next, extras.value.closedUntil)
        return min(next, extras.value.feed.nextDeadline)
    }

    /// One thing that time does.
    private enum Due {
        case opening
        /// The ticket, and when it was thought to be due.
        case ticket(UInt32, at: Instant)
        case wait(UInt32)
        case forgetting
    }

    /// What is due at `now`, the earliest first.
    private func nextDue(at now: Instant) -> Due? {
        var next = (at: extras.value.closedUntil, what: Due.opening)
        let holder = nextHolder
        if holder.at < next.at {
            next = (holder.at, .ticket(holder.index, at: holder.at))
        }
        if let first = extras.value.deadlines.first, first.deadline < next.at {
            next = (first.deadline, .ticket(first.handle, at: first.deadline))
        }
        if let wait = extras.value.waits.nextDue, extras.value.waits.nextDeadline < next.at {
            next = (extras.value.waits.nextDeadline, .wait(wait))
        }
        if forgettingAt < next.at { next = (forgettingAt, .forgetting) }
        return next.at <= now && next.at != .never ? next.what : nil
    }

    /// Of few holders, the one that is due first; of a crowd the heap knows.
    private var nextHolder: (at: Instant, index: UInt32) {
        var next = (at: Instant.never, index: TicketArena.none)
        guard !extras.value.isCrowded else { return next }
        var holder = holders.first
        while holder != TicketArena.none {
            let at = deadline(of: holder)
            if at < next.at { next = (at, holder) }
            holder = tickets[holder].next
        }
        return next
    }

    private var forgettingAt: Instant {
        guard !remembered.isEmpty else { return .never }
        let end = tickets[remembered.first].until.told
        return (extras.isPresent ? max(end, extras.value.restartedAt) : end) + bounds.retain
    }

    /// Does what is due at `now` in the order of deadlines, at most `limit` things.
    mutating func passTime(
        limit: Int,
        at reading: ClockReading,
        _ fences: inout FenceCounter,
        _ effects: inout Effects
    ) {
        var left = limit
        while left > 0, let due = nextDue(at: reading.now) {
            left -= 1
            switch due {
            case .opening:
                open(&effects)
            case .ticket(let index, let dueAt):
                // What was only looked at too early is no ending, and comes up again in its turn: a late loop
                // ends things in the order in which they became due.
                if deadline(of: index) > dueAt {
                    arm(index)
                    left += 1
                } else {
                    passTime(of: index, at: reading, &effects)
                }
            case .wait(let wait):
                endWait(wait, at: reading, &effects)
            case .forgetting:
                forgetOldest(&effects)
            }
            settle(at: reading, &fences, &effects)
        }
        sweepPositions(at: reading, &effects)
    }

    private mutating func passTime(
        of index: UInt32,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        let (until, silentAt) = (tickets[index].until, silentAt(of: index))
        let endAt = min(until, silentAt)
        if losingUntil(of: index) <= min(reading.now, endAt) {
            // The stealer takes it in `settle`; where it cannot yet, this is not looked at again by
            // time.
            extras.value.steals.setOverdue(index)
            return arm(index)
        }
        switch tickets[index].phase {
        case .held:
            let ending: Ending = until <= silentAt ? .expired : .abandoned
            end(index, ending, at: reading, &effects)
        case .queued:
            let ending: Ending = until <= silentAt ? .timedOut : .abandoned
            end(index, ending, at: reading, &effects)
        case .finished, .free:
            preconditionFailure("a ticket that is \(tickets[index].phase) has a deadline")
        }
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
        var until = tickets[index].until
        if suffers(.endsLeasesEarly), tickets[index].phase == .held {
            until = until + Interval.milliseconds(-20)
        }
        return min(until, min(silentAt(of: index), losingUntil(of: index)))
    }

    /// Rule 17: when its owner was silent for too long.
    private func silentAt(of index: UInt32) -> Instant {
        let isSeen = tickets[index].isSeen && !suffers(.abandonsHolders)
        guard !tickets[index].isBound, !isSeen,
            tickets[index].firstWait == WaitTable.none
        else { return .never }
        return tickets[index].heardAt + tickets[index].pollWithin.interval
    }

    /// Rule 21: when its stealer may take it.
    func losingUntil(of index: UInt32) -> Instant {
        guard tickets[index].traits.contains(.losing) else { return .never }
        guard let losing = extras.value.steals.losing(index), !losing.isOverdue else {
            return .never
        }
        return suffers(.cutsGraces) ? losing.until + Interval.milliseconds(-500) : losing.until
    }

    // MARK: The heap

    /// A queue, or more holders than this, and the deadlines stand in a heap.
    private static let holdersLookedThrough = 4

    /// Makes sure that the ticket is looked at no later than its deadline.
    mutating func arm(_ index: UInt32) {
        guard tickets[index].isLive else { return }
        if !extras.value.isCrowded {
            let isCrowd = holders.count > LockState.holdersLookedThrough
            let isQueued = tickets[index].phase == .queued
            guard isCrowd || isQueued else { return }
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
