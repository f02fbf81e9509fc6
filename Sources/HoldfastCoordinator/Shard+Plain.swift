// The short way through a shard, for the lines that nearly all traffic consists of: from the bytes of a path or the id
// of a ticket to what is to be told, without an operation, an event and an answer in between. Who calls has made sure
// that the caller may lock everything and has no session. With sixteen requests in flight a lock and its release take
// 7,200 instructions of the server so, and 16,100 without. Where the rules find more to it the step is one like any
// other, of the resource that was found; all else is left to the general way.

package import HoldfastCore
package import HoldfastModel
import Synchronization

/// Who asks, and how it is told.
package struct PlainAsker {
    let principal: Principal
    let address: RequestAddress
    /// Nothing stands before its answer, where that is known at once.
    package let isNext: Bool
    /// An answer can be written before it may leave.
    let hasGates: Bool

    package init(
        _ principal: Principal,
        at address: RequestAddress,
        isNext: Bool,
        hasGates: Bool
    ) {
        self.principal = principal
        self.address = address
        self.isNext = isNext
        self.hasGates = hasGates
    }

    fileprivate var caller: PlainCaller {
        PlainCaller(owner: principal.owner, connection: address.connection)
    }
}

/// What became of a plain request.
package enum PlainOutcome {
    /// Nothing: it is one for the general way.
    case declined
    /// To be told now, with what goes back where it is never written; behind the gate of this batch, or none.
    case granted(PlainReply, Receipt, behind: UInt64)
    case released(PlainReply, behind: UInt64)
    /// To be told now, after a step like any other.
    case answered(AnswerAtOnce)
    /// It was decided, and is told when it may be; of a resource of this slot.
    case later(Slot)
}

extension Shard {
    /// For a connection of this loop, after `beginRequests`: a ticket of the resource with this path.
    package nonisolated func takePlainly(
        _ path: Span<UInt8>,
        _ terms: PlainTerms,
        _ purpose: Event.Purpose,
        for asker: borrowing PlainAsker
    ) -> PlainOutcome {
        assert(loop.isCurrent, "called from another loop")
        let body:
            (isolated Shard, Span<UInt8>, PlainTerms, Event.Purpose, borrowing PlainAsker) ->
                PlainOutcome = { $0.takeHere($1, $2, $3, for: $4) }
        // Safe: isolation is nothing but a promise about where the caller runs, and the first line is that promise.
        let plain = unsafe unsafeBitCast(body, to: PlainTake.self)
        return plain(self, path, terms, purpose, asker)
    }

    private typealias PlainTake = (
        Shard, Span<UInt8>, PlainTerms, Event.Purpose, borrowing PlainAsker
    ) -> PlainOutcome

    /// The same for the end of a ticket.
    package nonisolated func releasePlainly(
        _ ticket: TicketID,
        for asker: PlainAsker
    ) -> PlainOutcome {
        onSameLoop((ticket, asker)) { $0.releaseHere($1.0, for: $1.1) }
    }

    func takeHere(
        _ path: Span<UInt8>,
        _ terms: PlainTerms,
        _ purpose: Event.Purpose,
        for asker: borrowing PlainAsker
    ) -> PlainOutcome {
        guard desk.value.failure == nil, !desk.value.isFull,
            let resource = table.resource(told: path),
            isUnbound(asker.principal, isKnown: true)
        else { return .declined }
        let secret = newSecret()
        guard
            let grant = resource.onSameLoop(
                (terms, secret, asker.caller, reading),
                { $0.takePlainly($1.0, $1.1, for: $1.2, at: $1.3) }
            )
        else { return ask(resource, terms, purpose, secret, for: asker) }
        beginRound()
        desk.value.countPlain(purpose.kind)
        let reply = PlainReply(grant, terms)
        guard let gate = desk.value.gate(canWait: asker.isNext && asker.hasGates) else {
            desk.value.tellLater(reply, of: resource, to: asker.address)
            return .later(grant.ticket.slot)
        }
        let receipt = Receipt(
            client: asker.address.connection,
            resource: resource,
            ticketIndex: grant.ticket.ticketIndex,
            grant: grant.fence,
            endsWait: false
        )
        return .granted(reply, receipt, behind: gate)
    }

    /// It is not free: a step like any other, of the resource that was found.
    @inline(never)
    private func ask(
        _ resource: Resource,
        _ terms: PlainTerms,
        _ purpose: Event.Purpose,
        _ secret: TicketSecret,
        for asker: borrowing PlainAsker
    ) -> PlainOutcome {
        let request = TicketRequest(
            resource: resource.path,
            lease: terms.lease,
            notify: terms.notify
        )
        let caller = caller(asker, on: resource)
        return step(resource, purpose.kind, for: asker, .request(request, purpose, secret, caller))
    }

    func releaseHere(_ ticket: TicketID, for asker: PlainAsker) -> PlainOutcome {
        guard desk.value.failure == nil, !isShortOfMemory,
            let resource = table.resource(slot: ticket.slot, index: ticket.resourceIndex)
        else { return .declined }
        guard
            resource.onSameLoop(
                (ticket, asker.caller, reading),
                { $0.releasePlainly($1.0, by: $1.1, at: $1.2) }
            )
        else {
            // It may be somebody else's: who wants to know of that is told on the general way.
            guard !hasWitness else { return .declined }
            let event = Event.release(ticket, reason: nil, caller(asker, on: resource))
            return step(resource, .release, for: asker, event)
        }
        beginRound()
        dropOldHistory()
        desk.value.countPlain(.release)
        let reply = PlainReply(released: ticket)
        guard let gate = desk.value.gate(canWait: asker.isNext && asker.hasGates) else {
            desk.value.tellLater(reply, of: resource, to: asker.address)
            return .later(ticket.slot)
        }
        return .released(reply, behind: gate)
    }

    private func caller(_ asker: borrowing PlainAsker, on resource: Resource) -> Caller {
        Caller(
            owner: asker.principal.owner,
            address: asker.address,
            rights: rights(of: asker.principal, on: resource.path)
        )
    }

    private func step(
        _ resource: Resource,
        _ kind: Operation.Kind,
        for asker: borrowing PlainAsker,
        _ event: consuming Event
    ) -> PlainOutcome {
        if asker.isNext, kind != .lock { desk.value.beginAtOnce() }
        desk.value.begin(kind, from: asker.address)
        step(resource, event)
        return desk.value.endAtOnce().map(PlainOutcome.answered) ?? .later(resource.slot)
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
        desk.value.tell(PlainReply(grant, terms), of: resource, to: address)
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
        desk.value.tell(PlainReply(released: ticket), of: resource, to: address)
        return true
    }
}

extension Event.Purpose {
    fileprivate var kind: Operation.Kind {
        switch self {
        case .queue: .queue
        case .lock: .lock
        case .steal: .steal
        case .exchange: .exchange
        }
    }
}
