// From a request to the resource it is about: find it, ask who may, let it decide. Refusals that
// need no resource are made here.

import HoldfastCore
package import HoldfastModel
import Synchronization

extension Shard {
    /// Performs the requests of one read, in order.
    ///
    /// Every one is answered through its address.
    package func perform(_ requests: [RoutedRequest]) async {
        beginReading()
        for request in requests {
            if !hasRoom(for: request.operation) { await waitForRoom() }
            var request = request
            perform(&request)
        }
    }

    /// For a connection of this loop, before it hands over the requests of one read: for them the clock is read once,
    /// after they arrived.
    package nonisolated func beginRequests() { onSameLoop(()) { shard, _ in shard.beginReading() } }

    /// For a connection of this loop: performs one request for which there is room.
    package nonisolated func performNow(_ request: consuming RoutedRequest) {
        performOnSameLoop(&request)
    }

    /// The same for a connection that can tell its client the answer now: gives it, where it waits for nothing.
    ///
    /// Nil where it comes as all others do. What this buys is the way there: the place among what is told at the end of
    /// the turn, the look for the client, the client's place for the request.
    package nonisolated func answerNow(
        _ operation: consuming Operation,
        from principal: Principal,
        _ session: SessionLife?,
        at address: RequestAddress
    ) -> AnswerAtOnce? {
        var request = RoutedRequest(
            principal: principal,
            session: session,
            address: address,
            operation: consume operation
        )
        desk.value.beginAtOnce()
        performOnSameLoop(&request)
        return desk.value.endAtOnce()
    }

    /// As `onSameLoop` does it; nothing is changed in the request, which is lent so that a look at one of its parts
    /// copies no more than that.
    @inline(__always)
    private nonisolated func performOnSameLoop(_ request: inout RoutedRequest) {
        assert(loop.isCurrent, "called from another loop")
        let body: (isolated Shard, inout RoutedRequest) -> Void = { $0.perform(&$1) }
        // Safe: isolation is nothing but a promise about where the caller runs, and the first line is that promise.
        let plain = unsafe unsafeBitCast(body, to: PlainPerform.self)
        plain(self, &request)
    }

    private typealias PlainPerform = (Shard, inout RoutedRequest) -> Void

    /// The clock is read once for what came together.
    func beginReading() { reading = loop.reading }

    /// Whether the request may be performed now.
    ///
    /// On the loop.
    package nonisolated func hasRoom(for operation: Operation) -> Bool {
        !desk.value.isFull || !operation.begins
    }

    /// A disk that falls behind holds up whoever reads more requests from a client.
    private func waitForRoom() async {
        while desk.value.isFull {
            await withCheckedContinuation { desk.value.waitForRoom($0) }
        }
        reading = loop.reading
    }

    private func perform(_ request: inout RoutedRequest) {
        desk.value.begin(request.operation.kind, from: request.address)
        if let failure = desk.value.failure { return refuse(request.address, failure.refusal) }
        if request.session != nil, bindsToOver(&request) {
            return refuse(request.address, .unknownSession)
        }
        switch request.operation {
        case .queue(let ticket):
            ask(for: ticket, .queue, &request)
        case .lock(let ticket, let wait):
            ask(for: ticket, .lock(wait: wait), &request)
        case .steal(let ticket, let steal):
            ask(for: ticket, .steal(steal), &request)
        case .exchange(let reference, let ticket):
            exchange(reference, for: ticket, &request)
        case .acquire(let reference, let wait):
            let wait = wait.map(Event.Wait.atMost) ?? .none
            step(reference, needing: .lock, &request) { .acquire($0, wait: wait, $1) }
        case .status(let reference):
            step(reference, needing: .lockOrRead, &request) { .status($0, $1) }
        case .renew(let reference, let lease):
            step(reference, needing: .lock, &request) { .renew($0, lease: lease, $1) }
        case .release(let reference, let reason):
            release(reference, reason: reason, &request)
        case .checkTicket(let reference):
            step(reference, needing: .lockOrRead, &request) { .checkTicket($0, $1) }
        case .checkFence(let path, let fence):
            show(path, &request) { resource, _ in
                .checked(
                    resource?.onSameLoop(fence) { $0.check($1) }
                        ?? CheckAnswer(isValid: false)
                )
            }
        case .list(let path, let page):
            list(path, page, &request)
        case .history(let path, let limit):
            show(path, &request) { resource, reading in
                .history(
                    resource?.onSameLoop((limit, reading)) {
                        $0.history(limit: $1.0, at: $1.1)
                    } ?? []
                )
            }
        case .clear(let path, let reason):
            clear(path, reason: reason, &request)
        case .hello, .resources, .watch, .unwatch, .ping, .bye, .drain, .stats:
            preconditionFailure("\(request.operation) is not a shard's to answer")
        }
        // Asked first: to look whether there is one copies it.
        if hasWitness, let witness { testify(to: witness, about: request) }
    }

    /// Nothing would end what it makes.
    @inline(never)
    private func bindsToOver(_ request: inout RoutedRequest) -> Bool {
        guard request.session?.isOver == true else { return false }
        return switch request.operation {
        case .queue(let ticket), .lock(let ticket, _), .steal(let ticket, _):
            ticket.binding != .ticket
        default: false
        }
    }

    func refuse(_ address: RequestAddress, _ refusal: Refusal) {
        desk.value.tell(.refused(refusal), to: address)
    }

    func caller(of request: inout RoutedRequest, on path: ResourcePath) -> Caller {
        Caller(
            owner: request.principal.owner,
            address: request.address,
            session: request.session?.id,
            rights: rights(of: request.principal, on: path)
        )
    }
}

// MARK: - Tickets

extension Shard {
    /// Inlined, because else what it is about is copied on the way.
    @inline(__always)
    private func ask(
        for ticket: consuming TicketRequest,
        _ purpose: Event.Purpose,
        _ request: inout RoutedRequest
    ) {
        let caller = caller(of: &request, on: ticket.resource)
        if let refusal = missingRight(for: purpose, caller) {
            return refuse(request.address, refusal)
        }
        if let most = request.principal.limits.priority, ticket.priority > most {
            return refuse(request.address, .tooUrgent(ticket.priority, atMost: most))
        }
        let known = table.resource(at: ticket.resource)
        if !isUnbound(request.principal, isKnown: known != nil),
            let refusal = bound(on: request.principal, isKnown: known != nil),
            !isThere(ticket, of: caller.owner, in: known)
        {
            return refuse(request.address, refusal)
        }
        let resource = known ?? open(ticket.resource)
        let secret = newSecret()
        if request.session == nil, ticket.isPlain, purpose.isPlain {
            let terms = PlainTerms(lease: ticket.lease, notify: ticket.notify)
            if take(resource, terms, secret, for: request.address, caller.owner) { return }
        }
        step(resource, .request(ticket, purpose, secret, caller))
    }

    /// Bounds do not stand against a ticket that is found again.
    private func isThere(
        _ ticket: borrowing TicketRequest,
        of owner: Owner,
        in resource: Resource?
    ) -> Bool {
        resource?.onSameLoop((copy ticket, owner)) { $0.finds($1.0, of: $1.1) } ?? false
    }

    /// Bounds do not stand against it: nothing is added.
    private func exchange(
        _ reference: TicketReference,
        for ticket: TicketRequest,
        _ request: inout RoutedRequest
    ) {
        let secret = newSecret()
        step(reference, needing: .lock, &request) {
            .request(ticket, .exchange($0), secret, $1)
        }
    }

    func newSecret() -> TicketSecret {
        TicketSecret(
            high: randomness.value.next(),
            low: UInt32(truncatingIfNeeded: randomness.value.next())
        )
    }

    private func missingRight(for purpose: Event.Purpose, _ caller: Caller) -> Refusal? {
        if !caller.rights.contains(.lock) { return .missing(.lock) }
        if case .steal = purpose, caller.rights.isDisjoint(with: .stealOrAdmin) {
            return .missing(.steal)
        }
        return nil
    }

    /// Whether nothing stands against a new ticket, which is nearly always: to hand on even a refusal that is none
    /// costs more than this.
    @inline(__always)
    func isUnbound(_ principal: borrowing Principal, isKnown: Bool) -> Bool {
        let census = setting.census
        return !census.isDraining.load(ordering: .relaxed) && census.memoryLevel == .enough
            && principal.owner.liveTickets.load(ordering: .relaxed) < ticketsMax(of: principal)
            && (isKnown || hasRoomForResource)
    }

    private func ticketsMax(of principal: borrowing Principal) -> Int {
        principal.limits.tickets ?? setting.limits.ticketsPerPrincipal
    }

    private var hasRoomForResource: Bool {
        setting.census.resources.load(ordering: .relaxed) < setting.limits.resources
    }

    /// What stands against a new ticket, whoever holds the resource.
    @inline(never)
    private func bound(on principal: Principal, isKnown: Bool) -> Refusal? {
        let owner = principal.owner
        let ticketsMax = ticketsMax(of: principal)
        let census = setting.census
        if census.isDraining.load(ordering: .relaxed) {
            let reason = census.drainReason.withLock { $0 }.map { " (\($0))" } ?? ""
            return Refusal(
                .draining,
                "the server takes no new tickets: it is being drained\(reason)"
            )
        }
        if let refusal = census.refusalForMemory { return refusal }
        if owner.liveTickets.load(ordering: .relaxed) >= ticketsMax {
            return .exceeded(
                .ticketsPerPrincipal,
                "\(owner.name) has \(ticketsMax.counted("live ticket")) already"
            )
        }
        if !isKnown, !hasRoomForResource {
            return .exceeded(
                .resources,
                "the server remembers \(setting.limits.resources.counted("resource")) already"
            )
        }
        return nil
    }

    private func open(_ path: ResourcePath) -> Resource {
        setting.census.resources.wrappingAdd(1, ordering: .relaxed)
        return table.add(path)
    }

    /// An operation on a ticket by its id; one of `rights` is enough.
    private func step(
        _ reference: TicketReference,
        needing rights: Caller.Rights,
        _ request: inout RoutedRequest,
        _ event: (TicketID, Caller) -> Event
    ) {
        guard let found = find(reference, needing: rights, &request) else { return }
        step(found.resource, event(found.ticket, found.caller))
    }

    private func release(
        _ reference: TicketReference,
        reason: String?,
        _ request: inout RoutedRequest
    ) {
        guard let found = find(reference, needing: .lockOrAdmin, &request) else { return }
        let (resource, ticket, caller) = (found.resource, found.ticket, found.caller)
        if reason == nil, request.session == nil,
            release(ticket, of: resource, for: request.address, caller.owner)
        {
            return
        }
        step(resource, .release(ticket, reason: reason, caller))
    }

    /// Nil where it was refused.
    @inline(__always)
    private func find(
        _ reference: TicketReference,
        needing rights: Caller.Rights,
        _ request: inout RoutedRequest
    ) -> (resource: Resource, ticket: TicketID, caller: Caller)? {
        guard let ticket = reference.ticket,
            let resource = table.resource(slot: ticket.slot, index: ticket.resourceIndex),
            reference.resource.map({ $0 == resource.path }) ?? true
        else {
            refuse(request.address, .unknownTicket)
            return nil
        }
        let caller = caller(of: &request, on: resource.path)
        guard !caller.rights.isDisjoint(with: rights) else {
            // Named is what would be enough for anybody's ticket.
            refuse(request.address, .missing(rights.contains(.read) ? .read : .lock))
            return nil
        }
        return (resource, ticket, caller)
    }
}

extension Event.Purpose {
    fileprivate var isPlain: Bool {
        switch self {
        case .queue, .lock: true
        case .steal, .exchange: false
        }
    }
}

extension Operation {
    /// May begin a ticket, and so what the journal has to keep.
    fileprivate var begins: Bool {
        switch self {
        case .queue, .lock, .steal, .exchange: true
        default: false
        }
    }
}

extension Refusal {
    static func tooUrgent(_ priority: UInt8, atMost most: UInt8) -> Refusal {
        Refusal(
            .forbidden,
            "priority \(priority) is above \(most), the highest that your roles may ask for",
            field: "priority"
        )
    }

    package static func exceeded(_ limit: LimitName, _ message: String) -> Refusal {
        Refusal(.limitExceeded, message, limit: limit)
    }
}
