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

    /// The answer to the request that is being performed.
    mutating func tell(_ reply: PlainReply, of resource: Resource, to address: RequestAddress) {
        metrics.answers.countSuccess(of: asked.kind)
        guard answersAtOnce, address == asked.address else {
            return tellLater(reply, of: resource, to: address)
        }
        let receipt = reply.receipt(of: resource, for: address.connection)
        answerAtOnce = AnswerAtOnce(answer: reply.answer(receipt), receipt: receipt)
    }

    /// What was counted already, at the end of the turn or of its batch.
    mutating func tellLater(
        _ reply: PlainReply,
        of resource: Resource,
        to address: RequestAddress
    ) {
        let content = Outgoing.Content.plain(reply, to: address.request)
        outgoing.append(Outgoing(address.connection, content, resource), after: lastBatch)
    }
}
