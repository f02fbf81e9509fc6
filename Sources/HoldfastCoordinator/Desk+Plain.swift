// What the desk takes of a step that went the short way: the counts, the record where there is one, the deadline. What
// is rarer (a ticket that is forgotten meanwhile, a history that grows) goes the way of all effects.

import HoldfastCore
import HoldfastModel

extension Desk {
    /// Nil, and nothing happened, where the general way is to be gone.
    mutating func takePlainly(
        _ state: inout LockState,
        _ terms: PlainTerms,
        _ secret: TicketSecret,
        for caller: borrowing PlainCaller,
        of resource: Resource,
        at reading: ClockReading
    ) -> PlainGrant? {
        guard !watches.covers(resource.path),
            let grant = state.takePlainly(
                terms,
                secret,
                for: caller,
                at: reading,
                &fences[Int(resource.slot.number)],
                &effects
            )
        else { return nil }
        metrics.countGrantAtOnce(to: caller.owner)
        let logged = effects.isEmpty ? nil : state.loggedCount
        finishPlainly(state, of: resource, loggedBefore: logged)
        return grant
    }

    /// False, and nothing happened, where the general way is to be gone.
    mutating func releasePlainly(
        _ state: inout LockState,
        _ ticket: TicketID,
        by caller: borrowing PlainCaller,
        of resource: Resource,
        at reading: ClockReading
    ) -> Bool {
        guard !watches.covers(resource.path) else { return false }
        let loggedBefore = state.loggedCount
        guard let time = state.releasePlainly(ticket, by: caller, at: reading, &effects) else {
            return false
        }
        metrics.countRelease(by: caller.owner, after: time)
        finishPlainly(state, of: resource, loggedBefore: effects.isEmpty ? nil : loggedBefore)
        return true
    }

    /// Nil where there were no effects.
    @inline(__always)
    private mutating func finishPlainly(
        _ state: borrowing LockState,
        of resource: Resource,
        loggedBefore: Int?
    ) {
        if let loggedBefore {
            return takeEffects(of: resource, state, loggedBefore: loggedBefore)
        }
        if checksInvariants { state.checkInvariants() }
        clock.arm(resource.handle, for: state.nextDeadline)
    }

    /// Counts a request that succeeded.
    @inline(__always)
    mutating func countPlain(_ kind: Operation.Kind) {
        metrics.requests += 1
        metrics.answers.countSuccess(of: kind)
    }

    /// Nothing waits to be told before it, and no journal keeps what is decided.
    @inline(__always)
    var mayTellAtOnce: Bool { !keepsRecords && outgoing.isEmpty && failure == nil }

    // MARK: Telling

    /// The answer to the request that is being performed.
    mutating func tell(
        _ grant: PlainGrant,
        _ terms: PlainTerms,
        of resource: Resource,
        to address: RequestAddress
    ) {
        dispatch(grant.output(terms, of: resource, to: address), of: resource, lastBatch)
    }

    mutating func tell(
        released ticket: TicketID,
        of resource: Resource,
        to address: RequestAddress
    ) {
        dispatch(.released(ticket, to: address), of: resource, lastBatch)
    }

    // The same for what was counted already, at the end of the turn or of its batch.

    mutating func tellLater(
        _ grant: PlainGrant,
        _ terms: PlainTerms,
        of resource: Resource,
        to address: RequestAddress
    ) {
        tellLater(grant.output(terms, of: resource, to: address), of: resource)
    }

    mutating func tellLater(
        released ticket: TicketID,
        of resource: Resource,
        to address: RequestAddress
    ) {
        tellLater(.released(ticket, to: address), of: resource)
    }

    private mutating func tellLater(_ output: consuming Output, of resource: Resource) {
        guard case .answer(let address, let answer, let shown) = consume output else { return }
        let content = Outgoing.Content.answer(answer, to: address.request, shown)
        outgoing.append(Outgoing(address.connection, content, resource), after: lastBatch)
    }
}

extension PlainGrant {
    fileprivate func output(
        _ terms: PlainTerms,
        of resource: Resource,
        to address: RequestAddress
    ) -> Output {
        let answer = TicketAnswer(
            ticket: ticket,
            resource: resource.path,
            lease: terms.lease,
            standing: .acquired(Grant(fence: fence, remaining: terms.lease))
        )
        let shown = Output.Shown(ticketIndex: ticket.ticketIndex, fence: fence)
        return .answer(address, .ticket(answer), shows: shown)
    }
}

extension Output {
    fileprivate static func released(_ ticket: TicketID, to address: RequestAddress) -> Output {
        let answer = ReleaseAnswer(ticket: ticket, ended: .released, already: false)
        return .answer(address, .released(answer), shows: nil)
    }
}
