// Connections and sessions that come and go (rules 5, 17, 20), rights that are taken away (rule 29), and `clear`
// (rule 22).

import HoldfastModel

extension LockState {
    /// A connection is gone, or will send no more: a dead waiter must never be granted.
    mutating func endWaits(
        of connection: ConnectionID,
        on indices: [UInt32],
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        for index in indices where tickets.contains(index) {
            endWaits(of: connection, on: index, at: reading, &effects)
        }
    }

    private mutating func endWaits(
        of connection: ConnectionID,
        on index: UInt32,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        guard tickets[index].firstWait != WaitTable.none else { return }
        let gone = extras.value.waits.waits(from: tickets[index].firstWait).filter {
            extras.value.waits[$0].address.connection == connection
        }
        guard !gone.isEmpty else { return }
        tickets[index].heardAt = reading.now
        var locks: [RequestAddress] = []
        for wait in gone {
            let ended = extras.value.waits.remove(wait, first: &tickets[index].firstWait)
            if ended.isLock {
                locks.append(ended.address)
            } else {
                effects.answer(ended.address, acquireAnswer(index, at: reading.now))
            }
        }
        // A ticket that another connection of its owner waits on is not dead: that is a client that
        // came back and asked again with its key.
        let isWaitedOn = tickets[index].firstWait != WaitTable.none
        let isDead = !tickets[index].isBound && !isWaitedOn && !suffers(.grantsDeadWaiters)
        if !locks.isEmpty, isDead {
            let tellsOwner = tickets[index].connection != connection
            end(index, .cancelled, tellsOwner: tellsOwner, at: reading, &effects)
        } else {
            arm(index)
        }
        // Rule 8: the ticket that was cancelled is not counted any more.
        for address in locks { effects.refuse(address, timedOut(at: reading)) }
    }

    /// Rule 5: all of them end before anybody is granted, so that none of them is.
    mutating func endSession(
        _ session: SessionID,
        _ indices: [UInt32],
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        for index in indices where tickets.contains(index) {
            guard tickets[index].isLive, tickets[index].boundSession == session else { continue }
            if suffers(.keepsTicketsOfSessions), tickets[index].phase == .held { continue }
            end(index, .sessionEnded, at: reading, &effects)
        }
    }

    /// Rule 29: nobody is granted what it may not have any more; what is held stays its holder's until it ends.
    mutating func withdraw(
        _ ids: [TicketID],
        reason: String,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        for id in ids {
            guard let index = try? find(id), tickets[index].phase == .queued else { continue }
            end(index, .cleared, reason: reason, at: reading, &effects)
        }
    }

    /// The session has a new connection: it hears what its tickets could not tell (PROTOCOL §3).
    mutating func resume(
        _ session: SessionID,
        _ connection: ConnectionID,
        _ indices: [UInt32],
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        for index in indices where tickets.contains(index) {
            guard tickets[index].boundSession == session else { continue }
            listen(index, on: connection, at: reading.now)
            tellOwed(index, at: reading, &effects)
            follow(index)
            // What came of the positions told before is not known.
            if tickets[index].traits.contains(.followed) { extras.value.feed.forgetTold(index) }
        }
    }

    /// Rule 13: after a resume nothing is known of when the new connection named the ticket.
    private mutating func listen(_ index: UInt32, on connection: ConnectionID, at now: Instant) {
        let (first, before) = (tickets[index].firstWait, tickets[index].connection)
        if first != WaitTable.none, tickets[index].namedAt != .never {
            let namedAt = tickets[index].namedAt
            extras.value.waits.noteNaming(by: before, at: namedAt, from: first)
        }
        tickets[index].connection = connection
        tickets[index].namedAt = .never
        tickets[index].heardAt = now
    }

    private mutating func tellOwed(
        _ index: UInt32,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        let owed = tickets[index].traits.intersection([.owesGrant, .owesNews])
        guard isListening(index), !owed.isEmpty else { return }
        tickets[index].traits.subtract([.owesGrant, .owesNews])
        switch tickets[index].phase {
        case .held:
            let isLosing = tickets[index].traits.contains(.losing)
            if owed.contains(.owesGrant) || !isLosing {
                tellAcquired(index, waited: nil, at: reading, &effects)
            }
            if isLosing { tellLosing(index, at: reading, &effects) }
        case .finished:
            tellLost(index, &effects)
        case .queued, .free:
            break
        }
    }

    /// Rule 22: every ticket ends, and the lock delay.
    mutating func clear(
        _ reason: String?,
        _ caller: Caller,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        guard caller.rights.contains(.admin) else {
            return effects.refuse(caller.address, .missing(.admin))
        }
        let order = extras.value.order
        let live =
            holders.prefix(Int(holders.count), in: tickets)
            + order.nodes(after: 0, limit: queueLength, under: extras.value.queue)
        // Claims go first, so that nobody is told `kept` on the way out.
        for index in live where tickets[index].traits.contains(.losing) { dropClaim(on: index) }
        for index in live {
            end(index, .cleared, by: caller.owner.name, reason: reason, at: reading, &effects)
        }
        open(&effects)
        effects.answer(caller.address, .cleared(live.count))
    }
}
