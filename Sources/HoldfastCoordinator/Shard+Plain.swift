// The short way through a shard, for the lines that nearly all traffic consists of: from the bytes of a path or the id
// of a ticket to what is to be told, without an operation, an event and an answer in between. Who calls has made sure
// that the caller may lock everything and has no session. Measured at 16 requests in flight, a lock and its release
// take two thirds of the instructions that they take on the general way, to which everything is left that is the least
// bit different.

package import HoldfastCore
package import HoldfastModel
import Synchronization

/// Who asks, and how it is told.
package struct PlainAsker {
    let principal: Principal
    let address: RequestAddress
    /// Nothing stands before its answer, where that is known at once.
    let isNext: Bool

    package init(_ principal: Principal, at address: RequestAddress, isNext: Bool) {
        self.principal = principal
        self.address = address
        self.isNext = isNext
    }

    fileprivate var caller: PlainCaller {
        PlainCaller(owner: principal.owner, connection: address.connection)
    }
}

/// What became of a plain request.
package enum PlainOutcome {
    /// Nothing: it is one for the general way.
    case declined
    /// To be told now, with what goes back where it is never written.
    case granted(TicketID, Fence, Receipt)
    case released
    /// It was decided, and is told when it may be; of a resource of this slot.
    case later(Slot)
}

extension Shard {
    /// For a connection of this loop, after `beginRequests`: a ticket of the resource with this path.
    package nonisolated func takePlainly(
        _ path: Span<UInt8>,
        _ terms: PlainTerms,
        as kind: Operation.Kind,
        for asker: borrowing PlainAsker
    ) -> PlainOutcome {
        assert(loop.isCurrent, "called from another loop")
        let body:
            (isolated Shard, Span<UInt8>, PlainTerms, Operation.Kind, borrowing PlainAsker) ->
                PlainOutcome = { $0.take($1, $2, as: $3, for: $4) }
        // Safe: isolation is nothing but a promise about where the caller runs, and the first line is that promise.
        let plain = unsafe unsafeBitCast(body, to: PlainTake.self)
        return plain(self, path, terms, kind, asker)
    }

    private typealias PlainTake = (
        Shard, Span<UInt8>, PlainTerms, Operation.Kind, borrowing PlainAsker
    ) -> PlainOutcome

    /// The same for the end of a ticket.
    package nonisolated func releasePlainly(
        _ ticket: TicketID,
        for asker: PlainAsker
    ) -> PlainOutcome {
        onSameLoop((ticket, asker)) { $0.release($1.0, for: $1.1) }
    }

    @inline(__always)
    private func take(
        _ path: Span<UInt8>,
        _ terms: PlainTerms,
        as kind: Operation.Kind,
        for asker: borrowing PlainAsker
    ) -> PlainOutcome {
        guard desk.value.failure == nil, !desk.value.isFull,
            let resource = table.resource(told: path),
            isUnbound(asker.principal, isKnown: true),
            let grant = resource.onSameLoop(
                (terms, newSecret(), asker.caller, reading),
                { $0.takePlainly($1.0, $1.1, for: $1.2, at: $1.3) }
            )
        else { return .declined }
        beginRound()
        desk.value.countPlain(kind)
        let (ticket, fence) = (grant.ticket, grant.fence)
        guard asker.isNext, desk.value.mayTellAtOnce else {
            desk.value.tellLater(grant, terms, of: resource, to: asker.address)
            return .later(ticket.slot)
        }
        let receipt = Receipt(
            client: asker.address.connection,
            resource: resource,
            ticketIndex: ticket.ticketIndex,
            grant: fence,
            endsWait: false
        )
        return .granted(ticket, fence, receipt)
    }

    private func release(_ ticket: TicketID, for asker: PlainAsker) -> PlainOutcome {
        guard desk.value.failure == nil, !isShortOfMemory,
            let resource = table.resource(slot: ticket.slot, index: ticket.resourceIndex),
            resource.onSameLoop(
                (ticket, asker.caller, reading),
                { $0.releasePlainly($1.0, by: $1.1, at: $1.2) }
            )
        else { return .declined }
        beginRound()
        dropOldHistory()
        desk.value.countPlain(.release)
        guard asker.isNext, desk.value.mayTellAtOnce else {
            desk.value.tellLater(released: ticket, of: resource, to: asker.address)
            return .later(ticket.slot)
        }
        return .released
    }

    // MARK: The same for requests that came the general way, which counts them

    /// False, and nothing happened, where that is to be gone on.
    func take(
        _ resource: Resource,
        _ terms: PlainTerms,
        _ secret: TicketSecret,
        for address: RequestAddress,
        _ owner: Owner
    ) -> Bool {
        let caller = PlainCaller(owner: owner, connection: address.connection)
        guard
            let grant = resource.onSameLoop(
                (terms, secret, caller, reading),
                { $0.takePlainly($1.0, $1.1, for: $1.2, at: $1.3) }
            )
        else { return false }
        beginRound()
        desk.value.tell(grant, terms, of: resource, to: address)
        return true
    }

    func release(
        _ ticket: TicketID,
        of resource: Resource,
        for address: RequestAddress,
        _ owner: Owner
    ) -> Bool {
        let caller = PlainCaller(owner: owner, connection: address.connection)
        guard !isShortOfMemory,
            resource.onSameLoop(
                (ticket, caller, reading),
                { $0.releasePlainly($1.0, by: $1.1, at: $1.2) }
            )
        else { return false }
        beginRound()
        dropOldHistory()
        desk.value.tell(released: ticket, of: resource, to: address)
        return true
    }
}
