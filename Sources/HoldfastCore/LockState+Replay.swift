// From records back to a state (rules 14, 23, 27): `replay` takes them in the order they were written,
// `restart` lets every running duration begin again in full. What no record tells is assumed in the holder's
// favour: a grant was seen, and a session that comes back has to be told.

package import HoldfastModel

extension LockState {
    /// Takes in what happened before the restart, one record after another; then comes `restart`.
    ///
    /// The instants of the records are on the clock of this process. A record that cannot have happened is thrown
    /// back, and changes nothing.
    package mutating func replay(_ record: Record) throws(ReplayFlaw) {
        if let flaw = flaw(in: record) { throw flaw }
        switch record {
        case .made(let record, let fence):
            replayMaking(record, fence)
        case .granted(let index, let fence, let at):
            leaveQueue(index)
            forgetClaims(of: index)
            replayGrant(index, fence, at)
        case .ended(let end):
            replayEnd(end)
        case .leaseLengthened(let index, let lease):
            tickets[index].lease = lease
        case .losing(let victim, let stealer, let grace, let at):
            replayLosing(victim, stealer, grace, at)
        case .kept(let victim, let at):
            dropClaim(on: victim)
            log(.kept, victim, at: at)
        case .closed(let delay):
            // Relative until the restart; of several that run, each starts again, so the longest counts.
            let known = isClosed ? extras.value.closedUntil : .zero
            extras.value.closedUntil = max(known, .zero + delay)
            extras.value.closedDelay = extras.value.closedUntil - .zero
        case .opened:
            extras.value.closedUntil = .never
        case .forgotten(let index):
            remembered.remove(index, in: &tickets)
            keepHistory(of: index)
            unlist(index)
            extras.value.endNotes[index] = nil
            tickets.vacate(index)
        case .counted(let number, let fence, let at):
            lastNumber = max(lastNumber, number)
            lastFence = max(lastFence, fence)
            note(at)
        case .claimed(let victim, let stealer, let grace):
            _ = claim(victim, for: stealer, grace: grace, from: .zero)
            tickets[victim].traits.insert(.losing)
        case .logged(let entry):
            note(entry.at)
            if bounds.history > 0 { extras.value.log.insert(entry, limit: bounds.history) }
        }
    }

    /// The server is ready: every running duration starts now, in full (rule 14), and whoever can be granted
    /// is, should the records have ended between an ending and the grant it made possible.
    package mutating func restart(
        at reading: ClockReading,
        fences: inout FenceCounter,
        into effects: inout Effects
    ) {
        tickets.relinkFree()
        guard tickets.count > 0 || isClosed else { return extras.drop() }
        if isClosed {
            extras.value.closedUntil = reading.now + (extras.value.closedUntil - .zero)
        }
        if !remembered.isEmpty || queueLength > 0 { extras.value.restartedAt = reading.now }
        for index in 0..<UInt32(tickets.placeCount) where tickets.contains(index) {
            restart(index, at: reading.now)
        }
        settle(at: reading, &fences, &effects)
        forgetSurplus(&effects)
    }

    /// The largest fence granted here, as far as is remembered: the slot's counter must not be below it.
    package var newestFence: Fence { lastFence }

    private mutating func restart(_ index: UInt32, at now: Instant) {
        tickets[index].heardAt = now
        switch tickets[index].phase {
        case .held:
            let part: Int64 = suffers(.halvesLeasesAtRestart) ? 2 : 1
            let lease = Interval(nanoseconds: tickets[index].lease.nanoseconds / part)
            tickets[index].until = now + lease
            tickets[index].showings = .max
            owe(.owesGrant, index)
            if tickets[index].traits.contains(.losing) {
                owe(.owesNews, index)
                extras.value.steals.restart(index, at: now)
            }
        case .queued:
            // `until` is the `maxWait`, from the beginning of time.
            let maxWait = tickets[index].until
            tickets[index].until = maxWait == .never ? .never : now + (maxWait - .zero)
        case .finished:
            // Rule 20: its owner is not told of what it did itself.
            switch tickets[index].ending {
            case .released, .cancelled: break
            case .expired, .timedOut, .abandoned, .sessionEnded, .stolen, .cleared:
                owe(.owesNews, index)
            }
        case .free:
            break
        }
        arm(index)
    }

    private mutating func owe(_ debt: Ticket.Traits, _ index: UInt32) {
        guard tickets[index].isBound, tickets[index].notify != .none else { return }
        tickets[index].traits.insert(debt)
    }

    // MARK: Single records

    private mutating func replayMaking(_ record: Record.TicketRecord, _ fence: Fence?) {
        let index = record.id.ticketIndex
        var ticket = Ticket(record)
        ticket.until = record.request.maxWait.map { .zero + $0 } ?? .never
        if fence == nil { ticket.traits.insert(.waited) }
        tickets.restore(ticket, at: index)
        list(index)
        lastNumber = max(lastNumber, record.number)
        note(record.at)
        if let fence { replayGrant(index, fence, record.at) } else { stand(index) }
    }

    private mutating func replayGrant(_ index: UInt32, _ fence: Fence, _ at: Instant) {
        hold(index, fence, since: at, at: .zero)
        lastFence = max(lastFence, fence)
        note(at)
    }

    private mutating func replayEnd(_ end: Record.EndRecord) {
        let index = end.ticketIndex
        unlistMine(index)
        if end.wasHeld { leaveHolders(index) } else { leaveQueue(index) }
        dropClaim(on: index)
        forgetClaims(of: index)
        tickets[index].phase = .finished
        tickets[index].ending = end.ending
        tickets[index].until = end.at
        if end.by != nil || end.reason != nil {
            tickets[index].traits.insert(.noted)
            extras.value.endNotes[index] = EndNote(by: end.by, reason: end.reason)
        }
        remembered.append(index, in: &tickets)
        note(end.at)
    }

    private mutating func replayLosing(
        _ victim: UInt32,
        _ stealer: UInt32,
        _ grace: Interval,
        _ at: Instant
    ) {
        note(at)
        guard claim(victim, for: stealer, grace: grace, from: .zero) else { return }
        tickets[victim].traits.insert(.losing)
        log(
            .losing,
            victim,
            at: at,
            by: tickets[stealer].owner.name,
            reason: tickets[stealer].details?.reason
        )
    }

    /// A stealer was granted or ended; whom it let go has a record of its own.
    private mutating func forgetClaims(of stealer: UInt32) {
        guard tickets[stealer].traits.contains(.stealer) else { return }
        for victim in extras.value.steals.victims(of: stealer)
        where extras.value.steals.dropClaim(on: victim) {
            tickets[victim.ticket].traits.remove(.losing)
        }
        extras.value.steals.remove(stealer: stealer)
    }

    private mutating func log(
        _ kind: Notice.Kind,
        _ index: UInt32,
        at stamp: Instant,
        by: String? = nil,
        reason: String? = nil
    ) {
        note(stamp)
        guard bounds.history > 0 else { return }
        let entry = historyEntry(kind, index, at: stamp, by: by, reason: reason)
        extras.value.log.insert(entry, limit: bounds.history)
    }

    /// The history goes on after what it holds.
    private mutating func note(_ stamp: Instant) { lastStamp = max(lastStamp, stamp) }
}
