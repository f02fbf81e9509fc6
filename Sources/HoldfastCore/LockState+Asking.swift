// `queue`, `lock`, `steal` and an exchange: one way in for all who want a ticket. First the ticket that is
// already there is looked for (rules 23, 25), then whether a new one may be made, then where it
// stands.

import HoldfastModel

/// A request for a ticket, with everything that came with it.
///
/// Not copyable, and lent `inout` though nobody changes it: else a look at one of its parts would copy the whole part,
/// and retain all that stands in it.
struct Asked: ~Copyable {
    var request: TicketRequest
    var purpose: Event.Purpose
    var secret: TicketSecret
    var caller: Caller

    @inline(__always)
    init(
        _ request: consuming TicketRequest,
        _ purpose: Event.Purpose,
        _ secret: TicketSecret,
        _ caller: consuming Caller
    ) {
        if request.binding == nil { request.binding = caller.session == nil ? .ticket : .session }
        self.request = consume request
        self.purpose = purpose
        self.secret = secret
        self.caller = consume caller
    }

    var steal: Steal? {
        guard case .steal(let steal) = purpose else { return nil }
        return steal
    }
}

extension LockState {
    mutating func ask(
        _ asked: inout Asked,
        at reading: ClockReading,
        _ fences: inout FenceCounter,
        _ effects: inout Effects
    ) {
        do throws(Refusal) {
            try checkRights(asked.purpose, asked.caller.rights)
            try checkBinding(asked.request.binding, hasSession: asked.caller.session != nil)
            if case .exchange(let held) = asked.purpose {
                return try exchange(held, &asked, at: reading, &fences, &effects)
            }
            if let index = try find(&asked) {
                return meetAgain(index, &asked, at: reading, &effects)
            }
            try checkCapacity(asked.request.mode)
            switch try way(for: &asked, at: reading) {
            case .atOnce(let victims):
                grantAtOnce(&asked, over: victims, at: reading, &fences, &effects)
            case .queued(let victims):
                enqueue(&asked, over: victims, at: reading, &effects)
            }
        } catch {
            effects.refuse(asked.caller.address, error)
        }
    }

    /// How a new ticket starts.
    private enum Way {
        /// Granted in this step, and these holders lose it.
        case atOnce(over: [UInt32])
        /// Waits, and these holders are to go.
        case queued(over: [UInt32])
    }
}

// MARK: - May it be asked?

extension LockState {
    private func checkRights(
        _ purpose: Event.Purpose,
        _ rights: Caller.Rights
    ) throws(Refusal) {
        switch purpose {
        case .queue, .lock, .exchange:
            guard rights.contains(.lock) else { throw .missing(.lock) }
        case .steal(let steal):
            guard rights.contains(.steal) else { throw .missing(.steal) }
            guard !steal.force || rights.contains(.admin) else { throw .missing(.admin) }
        }
    }

    @inline(__always)
    private func checkBinding(_ binding: Binding?, hasSession: Bool) throws(Refusal) {
        guard binding != .session || hasSession else {
            throw Refusal(
                .badRequest,
                "bind is session, but this connection has none: say so in hello",
                field: "bind"
            )
        }
    }

    /// Rule 6: while a permit ticket lives, its `of` stands, and shared tickets stay away; and the
    /// reverse.
    private func checkCapacity(_ mode: Mode) throws(Refusal) {
        switch mode {
        case .exclusive:
            return
        case .shared:
            guard let of = livePermitOf else { return }
            throw Refusal(
                .capacityMismatch,
                "\(path) is a semaphore of \(of) while its tickets live; shared does not fit it"
            )
        case .permit(_, let of):
            if let live = livePermitOf, live != of {
                throw Refusal(
                    .capacityMismatch,
                    "\(path) is a semaphore of \(live) while its tickets live, not of \(of)"
                )
            }
            guard hasLiveShared else { return }
            throw Refusal(
                .capacityMismatch,
                "\(path) is used in shared mode while its tickets live; permit does not fit it"
            )
        }
    }

    var livePermitOf: UInt32? {
        if case .permit(_, let of)? = heldMode { return of }
        return extras.value.queued.permit > 0 ? extras.value.queued.permitOf : nil
    }

    private var hasLiveShared: Bool { heldMode == .shared || extras.value.queued.shared > 0 }

    /// Decides whether the ticket is granted now, waits, or is refused; changes nothing.
    private func way(
        for asked: inout Asked,
        at reading: ClockReading
    ) throws(Refusal) -> Way {
        var victims: [UInt32] = []
        let mayTakeNow: Bool
        switch asked.purpose {
        case .queue, .lock, .exchange:
            mayTakeNow = isNext(priority: asked.request.priority) && fits(asked.request.mode)
        case .steal(let steal):
            victims = try self.victims(of: asked.request.mode, force: steal.force)
            let mayTakeVictims = victims.isEmpty || steal.grace == .zero
            mayTakeNow = extras.value.queued.stealers == 0 && mayTakeVictims
        }
        guard tickets.nextIndex < bounds.places else {
            throw Refusal(
                .limitExceeded,
                "\(path) has \(bounds.places) tickets, which is the most that one resource can have",
                limit: .queue
            )
        }
        if mayTakeNow, !isClosed { return .atOnce(over: victims) }
        // Rule 16: what may not wait is refused, and leaves nothing behind.
        guard asked.request.maxWait != .zero, asked.purpose != .lock(wait: .zero) else {
            throw conflict(at: reading)
        }
        guard queueLength < bounds.queue else {
            throw Refusal(
                .limitExceeded,
                "\(path) has \(bounds.queue.counted("waiting ticket")) already, the limit queue",
                limit: .queue
            )
        }
        let claims = extras.isPresent ? extras.value.steals.claimCount : 0
        guard victims.isEmpty || claims + victims.count <= bounds.claims else {
            throw Refusal(
                .limitExceeded,
                "its stealers would have more than \(bounds.claims) claims on holders of \(path)",
                limit: .claims
            )
        }
        return .queued(over: victims)
    }

    /// Whether a new ticket of this priority would stand before all that wait.
    private func isNext(priority: UInt8) -> Bool {
        guard let first = extras.value.order.first(under: extras.value.queue) else { return true }
        let rank = UInt64(10 - priority) << Ticket.numberBitCount
        return rank < extras.value.order.key(of: first) & ~((1 << Ticket.numberBitCount) - 1)
    }
}

// MARK: - A new ticket

extension LockState {
    private mutating func grantAtOnce(
        _ asked: inout Asked,
        over victims: [UInt32],
        at reading: ClockReading,
        _ fences: inout FenceCounter,
        _ effects: inout Effects
    ) {
        for victim in victims {
            let (by, why) = (asked.caller.owner.name, asked.request.details?.reason)
            end(victim, .stolen, by: by, reason: why, at: reading, &effects)
        }
        grant(&asked, at: reading, &fences, &effects)
    }

    /// A held ticket for a new one in the same step: the resource is never free.
    private mutating func exchange(
        _ held: TicketID,
        _ asked: inout Asked,
        at reading: ClockReading,
        _ fences: inout FenceCounter,
        _ effects: inout Effects
    ) throws(Refusal) {
        let index = try findOwn(held, of: asked.caller)
        guard tickets[index].phase == .held else {
            throw tickets[index].isLive ? conflict(at: reading) : refusalOfLost(index)
        }
        guard tickets[index].mode == asked.request.mode else {
            throw Refusal(.badRequest, "a ticket is exchanged for one of its mode", field: "mode")
        }
        // Rule 21: whoever waits with a claim keeps it.
        guard !tickets[index].traits.contains(.losing) else { throw conflict(at: reading) }
        end(index, .released, tellsOwner: false, at: reading, &effects)
        grant(&asked, at: reading, &fences, &effects)
    }

    private mutating func grant(
        _ asked: inout Asked,
        at reading: ClockReading,
        _ fences: inout FenceCounter,
        _ effects: inout Effects
    ) {
        let fence = spendFence(&fences)
        let index = make(&asked, granted: fence, at: reading, &effects)
        hold(index, fence, since: tickets[index].createdAt, at: reading.now)
        note(.acquired, index, at: tickets[index].grantedAt, reading, &effects)
        answer(asked.caller.address, with: index, at: reading, &effects)
        arm(index)
    }

    private mutating func enqueue(
        _ asked: inout Asked,
        over victims: [UInt32],
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        let index = make(&asked, granted: nil, at: reading, &effects)
        tickets[index].traits.insert(.waited)
        stand(index)
        note(.queued, index, at: tickets[index].createdAt, reading, &effects)
        if let steal = asked.steal {
            claim(victims, for: index, grace: steal.grace, at: reading, &effects)
        }
        switch asked.purpose {
        case .lock(let wait):
            startLock(index, wait, asked.caller, isExisting: false, at: reading, &effects)
        case .queue, .steal, .exchange:
            answer(asked.caller.address, with: index, at: reading, &effects)
        }
        follow(index)
        arm(index)
    }

    /// Puts a ticket into the arena; it stands nowhere yet.
    private mutating func make(
        _ asked: inout Asked,
        granted fence: Fence?,
        at reading: ClockReading,
        _ effects: inout Effects
    ) -> UInt32 {
        lastNumber += 1
        let session = asked.request.binding == .session ? asked.caller.session : nil
        let at = stamp(reading.now)
        let index = tickets.insert(
            Ticket(
                asked.secret,
                number: lastNumber,
                owner: asked.caller.owner,
                session: session,
                &asked.request,
                asked.steal,
                at: at
            )
        )
        tickets[index].connection = asked.caller.address.connection
        if let most = asked.request.maxWait { tickets[index].until = reading.now + most }
        if suffers(.waitsForEver) { tickets[index].until = .never }
        if suffers(.ignoresPriority) { tickets[index].priority = 0 }
        tickets[index].heardAt = reading.now
        tickets[index].namedAt = reading.now
        list(index)
        let kind: Change.Kind = fence == nil ? .queued : .grantedAtOnce
        let owner = asked.caller.owner
        effects.changes.append(Change(kind, index, owner: owner, session: session, at: at))
        effects.keep(.made(record(of: index, &asked), grant: fence))
        return index
    }

    private func record(of index: UInt32, _ asked: inout Asked) -> Record.TicketRecord {
        Record.TicketRecord(
            id: id(of: index),
            number: tickets[index].number,
            owner: asked.caller.owner,
            session: tickets[index].boundSession,
            request: asked.request,
            steal: asked.steal,
            at: tickets[index].createdAt
        )
    }
}

// MARK: - A ticket that is already there

extension LockState {
    /// The ticket that a key or `ifMine` leads to.
    private mutating func find(_ asked: inout Asked) throws(Refusal) -> UInt32? {
        let owner = asked.caller.owner
        guard let key = asked.request.details?.key, !suffers(.forgetsKeys),
            let index = ticket(withKey: key, of: owner)
        else {
            guard asked.request.ifMine == .return else { return nil }
            return ticket(mine: owner, asked.request.mode)
        }
        guard case .keyed(let keyed) = tickets[index].texts, keyed.isSame(as: asked) else {
            throw Refusal(
                .badRequest,
                "this key was used for another request; a new request takes a new key",
                field: "key"
            )
        }
        return index
    }

    private mutating func meetAgain(
        _ index: UInt32,
        _ asked: inout Asked,
        at reading: ClockReading,
        _ effects: inout Effects
    ) {
        name(index, by: asked.caller, takesOver: true, at: reading.now)
        tickets[index].notify = asked.request.notify
        let address = asked.caller.address
        switch (asked.purpose, tickets[index].phase) {
        case (.lock(let wait), .queued):
            startLock(index, wait, asked.caller, isExisting: true, at: reading, &effects)
        case (.lock, .finished):
            effects.refuse(address, refusalOfLock(index, at: reading))
        case (.queue, _), (.steal, _), (.exchange, _), (.lock, .held), (.lock, .free):
            answer(address, with: index, isExisting: true, at: reading, &effects)
        }
        tellOwedLosing(index, at: reading, &effects)
        follow(index)
        arm(index)
    }
}

extension KeyedRequest {
    fileprivate func isSame(as asked: borrowing Asked) -> Bool {
        steal == asked.steal && request.isSameRequest(as: asked.request)
    }
}
