// Who hears what (PROTOCOL §5): answers, the events of a ticket's own connection, and what it still
// has to be told. What a reply tells is not told again as an event.

package import HoldfastModel

extension Effects {
    mutating func refuse(
        _ address: RequestAddress,
        _ refusal: Refusal,
        shows: Output.Shown? = nil
    ) {
        outputs.append(.answer(address, .refused(refusal), shows: shows))
    }

    mutating func answer(
        _ address: RequestAddress,
        _ answer: Answer,
        shows: Output.Shown? = nil
    ) {
        outputs.append(.answer(address, answer, shows: shows))
    }
}

extension LockState {
    func id(of index: UInt32) -> TicketID {
        TicketID(
            secretHigh: tickets[index].secretHigh,
            secretLow: tickets[index].secretLow,
            slot: slot,
            resourceIndex: resourceIndex,
            ticketIndex: index
        )
    }

    /// The caller, who owns the ticket, named it: it was heard (rule 17), `waited` counts from here
    /// on this connection (rule 13), and where it `takesOver` the connection hears the ticket's
    /// events from now on.
    mutating func name(_ index: UInt32, by caller: Caller, takesOver: Bool, at now: Instant) {
        let connection = caller.address.connection
        tickets[index].heardAt = now
        let (first, before) = (tickets[index].firstWait, tickets[index].connection)
        if takesOver, before != connection {
            if first != WaitTable.none, tickets[index].namedAt != .never {
                let namedAt = tickets[index].namedAt
                extras.value.waits.noteNaming(by: before, at: namedAt, from: first)
            }
            tickets[index].connection = connection
        }
        if tickets[index].connection == connection {
            tickets[index].namedAt = now
        } else if first != WaitTable.none {
            extras.value.waits.noteNaming(by: connection, at: now, from: first)
        }
    }

    /// How long from the last naming on this connection to now (rule 13).
    func waited(_ wait: Wait, at now: Instant) -> Interval {
        let ticket = tickets[wait.ticket]
        guard ticket.connection == wait.address.connection, ticket.namedAt != .never else {
            return now - wait.namedAt
        }
        return now - max(wait.namedAt, ticket.namedAt)
    }

    // MARK: Where a ticket stands

    /// What is left of the lease, of what its holder may trust: no longer than a stealer lets it
    /// (rule 21).
    func remaining(of index: UInt32, at now: Instant) -> Interval {
        var end = tickets[index].until
        if tickets[index].traits.contains(.losing), let losing = extras.value.steals.losing(index) {
            end = min(end, losing.until)
        }
        return max(.zero, end - now)
    }

    func standing(of index: UInt32, at now: Instant, waited: Interval? = nil) -> Standing {
        switch tickets[index].phase {
        case .queued:
            return .queued(place(of: index))
        case .held:
            let remaining = remaining(of: index, at: now)
            return .acquired(
                Grant(fence: tickets[index].fence, remaining: remaining, waited: waited)
            )
        case .finished:
            return .released(tickets[index].ending)
        case .free:
            preconditionFailure("a free place stands nowhere")
        }
    }

    func ticketAnswer(
        _ index: UInt32,
        at now: Instant,
        waited: Interval? = nil,
        isExisting: Bool = false
    ) -> Answer {
        .ticket(
            TicketAnswer(
                ticket: id(of: index),
                resource: path,
                lease: tickets[index].lease,
                standing: standing(of: index, at: now, waited: waited),
                isExisting: isExisting
            )
        )
    }

    func acquireAnswer(_ index: UInt32, at now: Instant, waited: Interval? = nil) -> Answer {
        .acquire(
            AcquireAnswer(
                resource: path,
                lease: tickets[index].lease,
                standing: standing(of: index, at: now, waited: waited)
            )
        )
    }

    /// Answers `queue`, `lock` or `steal` with where the ticket stands now.
    mutating func answer(
        _ address: RequestAddress,
        with index: UInt32,
        isExisting: Bool = false,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        let answer = ticketAnswer(index, at: reading.now, isExisting: isExisting)
        effects.answer(address, answer, shows: show(index))
    }

    /// Rule 17: a reply or event that shows a grant makes it seen, until it comes back undelivered.
    mutating func show(_ index: UInt32) -> Output.Shown? {
        guard tickets[index].phase == .held else { return nil }
        // A grant that was shown so often stays seen, rather than be miscounted.
        if tickets[index].showings < .max { tickets[index].showings += 1 }
        tickets[index].traits.remove(.owesGrant)
        return Output.Shown(ticketIndex: index, fence: tickets[index].fence)
    }

    /// The grant could not be written: unless it was shown in another way, it is unseen again.
    mutating func takeBackShowing(of index: UInt32, _ fence: Fence) {
        guard tickets.contains(index), tickets[index].fence == fence else { return }
        guard tickets[index].phase == .held else { return }
        if tickets[index].showings > 0, tickets[index].showings < .max {
            tickets[index].showings -= 1
        }
        if tickets[index].notify != .none { tickets[index].traits.insert(.owesGrant) }
        arm(index)
    }

    /// The client of a `lock` was gone before its grant could be told: where nobody else was shown the grant, nobody
    /// will ever ask for the ticket, and it ends `abandoned` as soon as time is looked at (rules 8, 17).
    package mutating func stopHearing(_ index: UInt32, grantedWith fence: Fence) {
        guard tickets.contains(index), tickets[index].phase == .held, !tickets[index].isBound,
            tickets[index].fence == fence, !tickets[index].isSeen
        else { return }
        tickets[index].heardAt = Instant(nanoseconds: -Interval.day.nanoseconds)
        arm(index)
    }

    // MARK: Events

    /// Whether the ticket's connection wants to hear of it.
    func isListening(_ index: UInt32) -> Bool {
        tickets[index].notify != .none && tickets[index].connection != .none
    }

    mutating func tell(
        _ index: UInt32,
        _ event: TicketEvent,
        shows: Output.Shown? = nil,
        _ effects: inout Effects
    ) {
        let connection = tickets[index].connection
        effects.outputs.append(.event(connection, event, ticketIndex: index, shows: shows))
    }

    /// Answers whoever waits for the grant; the ticket's connection gets an event only if no answer
    /// went there.
    mutating func tellGrant(
        _ index: UInt32,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        var isTold = false
        for wait in endWaits(on: index) {
            // Rule 17: who waits is heard all the time.
            tickets[index].heardAt = reading.now
            let waited = waited(wait, at: reading.now)
            let answer =
                switch wait.kind {
                case .lock(let isExisting):
                    ticketAnswer(index, at: reading.now, waited: waited, isExisting: isExisting)
                case .acquire:
                    acquireAnswer(index, at: reading.now, waited: waited)
                }
            effects.answer(wait.address, answer, shows: show(index))
            isTold = isTold || wait.address.connection == tickets[index].connection
        }
        guard !isTold, tickets[index].notify != .none else { return }
        guard tickets[index].connection != .none else {
            tickets[index].traits.insert(.owesGrant)
            return
        }
        let namedAt = tickets[index].namedAt
        let waited = namedAt == .never ? nil : reading.now - namedAt
        tellAcquired(index, waited: waited, at: reading, &effects)
    }

    mutating func tellAcquired(
        _ index: UInt32,
        waited: Interval?,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        let remaining = remaining(of: index, at: reading.now)
        let grant = Grant(fence: tickets[index].fence, remaining: remaining, waited: waited)
        let event = TicketEvent.acquired(id(of: index), path, lease: tickets[index].lease, grant)
        tell(index, event, shows: show(index), &effects)
    }

    func loss(of index: UInt32) -> Refusal.Loss {
        let note = tickets[index].traits.contains(.noted) ? extras.value.endNotes[index] : nil
        return Refusal.Loss(ended: tickets[index].ending, by: note?.by, reason: note?.reason)
    }

    mutating func tellLost(_ index: UInt32, _ effects: inout Effects) {
        guard tickets[index].notify != .none, !suffers(.tellsNoLoss) else { return }
        guard tickets[index].connection != .none else {
            tickets[index].traits.insert(.owesNews)
            return
        }
        tell(index, .lost(id(of: index), path, loss(of: index)), &effects)
    }

    /// An event could not be written; it is owed to the connection that resumes the session.
    mutating func noteUntold(_ index: UInt32) {
        guard tickets.contains(index), tickets[index].notify != .none else { return }
        tickets[index].traits.insert(.owesNews)
    }

    /// To watchers, where there are any.
    func note(
        _ kind: Notice.Kind,
        _ index: UInt32,
        at stamp: Instant,
        by: String? = nil,
        reason: String? = nil,
        _ reading: ClockReading,
        _ effects: inout Effects
    ) {
        guard effects.wantsNotices else { return }
        let entry = historyEntry(kind, index, at: stamp, by: by, reason: reason)
        effects.outputs.append(.notice(entry.notice(of: path, at: reading)))
    }
}
