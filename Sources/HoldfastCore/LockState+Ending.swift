// How a ticket ends (rules 2, 15, 20, 23): it leaves the holders or the queue, whoever waits on it
// is answered, its connection is told, and it is remembered for a while.

import HoldfastModel

extension LockState {
    /// Ends a live ticket and grants nothing: the step settles later.
    mutating func end(
        _ index: UInt32,
        _ ending: Ending,
        by: String? = nil,
        reason: String? = nil,
        tellsOwner: Bool = true,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        let wasHeld = tickets[index].phase == .held
        let closing = delay(after: ending, of: index)
        unlistMine(index)
        if wasHeld { leaveHolders(index) } else { leaveQueue(index) }
        disarm(index)
        tickets[index].phase = .finished
        tickets[index].ending = ending
        tickets[index].until = stamp(reading.now)
        if by != nil || reason != nil {
            tickets[index].traits.insert(.noted)
            extras.value.endNotes[index] = EndNote(by: by, reason: reason)
        }
        if !suffers(.losesReleases) || ending != .released {
            effects.changes.append(endChange(index, wasHeld: wasHeld))
            effects.keep(.ended(endRecord(index, wasHeld: wasHeld, by: by, reason: reason)))
        }
        if let closing { close(for: closing, at: reading, &effects) }
        let kind = Notice.Kind(ending)
        note(kind, index, at: tickets[index].until, by: by, reason: reason, reading, &effects)
        let isTold = answerWaits(on: index, tellsOwner: tellsOwner, at: reading, &effects)
        if tellsOwner, !isTold { tellLost(index, &effects) }
        dropClaim(on: index)
        dropClaims(of: index, at: reading, &effects)
        // Rule 23: known for a while, so that a retry finds out.
        remembered.append(index, in: &tickets)
    }

    private func endChange(_ index: UInt32, wasHeld: Bool) -> Change {
        var change = Change(
            .ended,
            index,
            owner: tickets[index].owner,
            session: tickets[index].boundSession,
            at: tickets[index].until
        )
        change.ending = tickets[index].ending
        change.wasHeld = wasHeld
        return change
    }

    func endRecord(
        _ index: UInt32,
        wasHeld: Bool,
        by: String?,
        reason: String?
    ) -> Record.EndRecord {
        Record.EndRecord(
            ticketIndex: index,
            ending: tickets[index].ending,
            wasHeld: wasHeld,
            owner: tickets[index].owner,
            session: tickets[index].boundSession,
            by: by,
            reason: reason,
            at: tickets[index].until
        )
    }

    // MARK: Rule 15

    /// Rule 15: only where the holder may still believe in its lock.
    private func delay(after ending: Ending, of index: UInt32) -> Interval? {
        let delay = tickets[index].lockDelay
        guard delay != .zero, tickets[index].phase == .held, tickets[index].isSeen else {
            return nil
        }
        if suffers(.forgetsLockDelays) { return nil }
        switch ending {
        case .expired, .sessionEnded: return delay.interval
        case .released, .cancelled, .timedOut, .abandoned, .stolen, .cleared: return nil
        }
    }

    private mutating func close(
        for delay: Interval,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        let end = reading.now + delay
        // The latest end counts.
        guard !isClosed || extras.value.closedUntil < end else { return }
        // Rule 14: after a restart each that still runs starts again, so the longest of them counts.
        extras.value.closedDelay = isClosed ? max(extras.value.closedDelay, delay) : delay
        extras.value.closedUntil = end
        effects.keep(.closed(delay))
    }

    mutating func open(_ effects: inout Effects) {
        guard isClosed else { return }
        extras.value.closedUntil = .never
        effects.keep(.opened)
    }

    // MARK: Waits

    /// Takes all waits off a ticket, in the order they came.
    mutating func endWaits(on index: UInt32) -> [Wait] {
        guard tickets[index].firstWait != WaitTable.none else { return [] }
        return extras.value.waits.waits(from: tickets[index].firstWait).map {
            extras.value.waits.remove($0, first: &tickets[index].firstWait)
        }
    }

    /// Answers whoever waits on a ticket that just ended; true where the ticket's connection was
    /// told so.
    ///
    /// Rule 20: where the answer cannot be written, the end is owed to whoever resumes the session.
    private mutating func answerWaits(
        on index: UInt32,
        tellsOwner: Bool,
        at reading: ClockReading,
        _ effects: inout Effects
    ) -> Bool {
        var isTold = false
        for wait in endWaits(on: index) {
            let refusal =
                wait.isLock ? refusalOfLock(index, at: reading) : refusalOfPoll(index)
            let isOwn = wait.address.connection == tickets[index].connection
            let isOwed = isOwn && tellsOwner && tickets[index].isBound
            let shown = isOwed ? Output.Shown(ticketIndex: index, fence: nil) : nil
            effects.refuse(wait.address, refusal, shows: shown)
            isTold = isTold || isOwn
        }
        return isTold
    }

    // MARK: Memory of the finished

    /// Forgets the oldest of too many (rule 23).
    ///
    /// Done when a step is over, so that within it every index leads to its ticket.
    mutating func forgetSurplus(_ effects: inout Effects) {
        while remembered.count > bounds.retained { forgetOldest(&effects) }
    }

    /// Forgets what is finished here, where nothing else is left: the server is short of memory, and what rests while
    /// it is held takes more as soon as it is released.
    ///
    /// Not what a session may have to be told of when it comes back (rule 20).
    package mutating func forgetFinished(into effects: inout Effects) {
        guard !hasLiveTickets else { return }
        while !remembered.isEmpty {
            let oldest = remembered.first
            let isKnown = [.released, .cancelled, .sessionEnded].contains(tickets[oldest].ending)
            guard isKnown || tickets[oldest].boundSession == nil else { return }
            forgetOldest(&effects)
        }
        dropLog()
        dropIfEmpty()
    }

    mutating func forgetOldest(_ effects: inout Effects) {
        let index = forgetOldest()
        effects.changes.append(Change(.forgotten, index))
        effects.keep(.forgotten(ticketIndex: index))
    }

    /// Its index.
    mutating func forgetOldest() -> UInt32 {
        let index = remembered.first
        remembered.remove(index, in: &tickets)
        keepHistory(of: index)
        unlist(index)
        if tickets[index].traits.contains(.noted) { extras.value.endNotes[index] = nil }
        tickets.remove(index)
        return index
    }

    /// Leaves nothing of what a crowd needed once the last ticket is gone.
    mutating func dropIfEmpty() {
        guard tickets.count == 0, extras.isPresent, !isClosed else { return }
        tickets = TicketArena()
        let log = extras.value.log
        extras.drop()
        if !log.isEmpty { extras.value.log = log }
    }
}
