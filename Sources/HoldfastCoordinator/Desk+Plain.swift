// What the desk takes of a step that went the short way: the counts, what the journal is to keep, the deadline.

import HoldfastCore
import HoldfastJournal
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
                &fences[Int(resource.slot.number)]
            )
        else { return nil }
        metrics.countGrantAtOnce(to: caller.owner)
        if keepsRecords {
            draft.append(grant, terms, to: caller.owner, of: resource.path, in: resource.slot)
        }
        finishPlainly(state, of: resource)
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
        guard let release = state.releasePlainly(ticket, by: caller, at: reading) else {
            return false
        }
        metrics.countRelease(by: caller.owner, after: release.time)
        if keepsRecords {
            let place = (resource.resourceIndex, resource.slot)
            draft.append(release, by: caller.owner, at: place.0, of: resource.path, in: place.1)
        }
        if let forgotten = release.forgotten {
            bindings.forget(BoundTicket(handle: resource.handle, ticketIndex: forgotten))
            noteHistory(of: resource, before: loggedBefore, after: state.loggedCount)
        }
        finishPlainly(state, of: resource)
        return true
    }

    @inline(__always)
    private mutating func finishPlainly(_ state: borrowing LockState, of resource: Resource) {
        if checksInvariants { state.checkInvariants() }
        clock.arm(resource.handle, for: state.nextDeadline)
    }

    /// Counts a request that succeeded.
    @inline(__always)
    mutating func countPlain(_ kind: Operation.Kind) {
        metrics.requests += 1
        metrics.answers.countSuccess(of: kind)
    }

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
