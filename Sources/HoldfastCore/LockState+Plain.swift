// The short way of the two things that nearly all requests are: a ticket like any other for a resource that nobody
// holds or waits for, and the release of such a ticket by its owner. They come to what the general way comes to (a
// test walks both beside each other), without an event, a change and an output to carry it: that is half of what a
// step costs. Wherever there is anything else to think of, nothing is done here, and the general way does it.

package import HoldfastModel

/// Somebody who asks without a session, and may lock here.
package struct PlainCaller: Sendable {
    package let owner: Owner
    let connection: ConnectionID

    package init(owner: Owner, connection: ConnectionID) {
        self.owner = owner
        self.connection = connection
    }
}

/// What a plain request for a ticket says: all else is as it is when nothing is said.
package struct PlainTerms: Sendable {
    package let lease: Interval
    package let notify: Notify

    package init(lease: Interval, notify: Notify) {
        self.lease = lease
        self.notify = notify
    }
}

/// A ticket that was granted as it was made.
package struct PlainGrant: Sendable {
    package let ticket: TicketID
    package let fence: Fence
    /// The count of tickets of its resource.
    package let number: UInt64
    package let at: Instant

    package init(ticket: TicketID, fence: Fence, number: UInt64, at: Instant) {
        self.ticket = ticket
        self.fence = fence
        self.number = number
        self.at = at
    }
}

/// A held ticket that its owner released.
package struct PlainRelease: Sendable {
    package let ticketIndex: UInt32
    package let at: Instant
    /// How long it was held.
    package let time: Interval
    /// The oldest of too many finished ones, which is remembered no longer.
    package let forgotten: UInt32?

    package init(ticketIndex: UInt32, at: Instant, time: Interval, forgotten: UInt32?) {
        self.ticketIndex = ticketIndex
        self.at = at
        self.time = time
        self.forgotten = forgotten
    }
}

extension LockState {
    /// Grants a new ticket at once; nil, and nothing is changed, where there is more to it.
    ///
    /// The caller counts it, keeps it, and shows it to whoever asked.
    package mutating func takePlainly(
        _ terms: PlainTerms,
        _ secret: TicketSecret,
        for caller: borrowing PlainCaller,
        at reading: ClockReading,
        _ fences: inout FenceCounter
    ) -> PlainGrant? {
        guard holders.isEmpty, hasNoQueue, !isClosed, tickets.nextIndex < bounds.places,
            !suffersAnything
        else { return nil }
        let fence = spendFence(&fences)
        lastNumber += 1
        let at = stamp(reading.now)
        let index = tickets.insert(
            Ticket(
                terms,
                secret,
                for: caller,
                number: lastNumber,
                granted: fence,
                at: at,
                reading.now
            )
        )
        holders.append(index, in: &tickets)
        list(index)
        arm(index)
        return PlainGrant(ticket: id(of: index), fence: fence, number: lastNumber, at: at)
    }

    /// Releases a held ticket; nil, and nothing is changed, where there is more to it.
    ///
    /// The caller counts it, and keeps it.
    package mutating func releasePlainly(
        _ id: TicketID,
        by caller: borrowing PlainCaller,
        at reading: ClockReading
    ) -> PlainRelease? {
        let index = id.ticketIndex
        guard tickets.contains(index), tickets[index].phase == .held,
            tickets[index].secretHigh == id.secretHigh, tickets[index].secretLow == id.secretLow,
            tickets[index].owner === caller.owner, tickets[index].isPlainlyHeld, hasNoQueue,
            bounds.retained > 0, remembered.count <= bounds.retained, !suffersAnything
        else { return nil }
        tickets[index].heardAt = reading.now
        if tickets[index].connection == caller.connection { tickets[index].namedAt = reading.now }
        unlistMine(index)
        leaveHolders(index)
        disarm(index)
        tickets[index].phase = .finished
        tickets[index].ending = .released
        tickets[index].until = stamp(reading.now)
        let at = tickets[index].until
        let time = at - tickets[index].grantedAt
        remembered.append(index, in: &tickets)
        let forgotten = remembered.count > bounds.retained ? forgetOldest() : nil
        return PlainRelease(ticketIndex: index, at: at, time: time, forgotten: forgotten)
    }

    private var hasNoQueue: Bool {
        guard extras.isPresent else { return true }
        return extras.value.queue == OrderForest.none
    }

    /// Deliberate bugs are the general way's.
    @inline(__always)
    private var suffersAnything: Bool {
        #if DEBUG
        return bounds.mutation != nil
        #else
        return false
        #endif
    }
}

extension Ticket {
    /// Nobody waits on it, has a claim on it, or is owed word of it; no session has it.
    @inline(__always)
    fileprivate var isPlainlyHeld: Bool {
        guard firstWait == WaitTable.none else { return false }
        return traits.isSubset(of: [.waited, .stealable])
    }

    /// Granted as it is made, and shown.
    @inline(__always)
    fileprivate init(
        _ terms: PlainTerms,
        _ secret: TicketSecret,
        for caller: borrowing PlainCaller,
        number: UInt64,
        granted fence: Fence,
        at stamp: Instant,
        _ now: Instant
    ) {
        secretHigh = secret.high
        secretLow = secret.low
        phase = .held
        mode = .exclusive
        priority = 0
        notify = terms.notify
        showings = 1
        pollWithin = Ticket.usualPollWithin
        lockDelay = .zero
        self.number = number
        owner = caller.owner
        texts = .none
        session = SessionID(bits: 0)
        connection = caller.connection
        lease = terms.lease
        self.fence = fence
        createdAt = stamp
        grantedAt = stamp
        until = now + terms.lease
        heardAt = now
        namedAt = now
    }

    private static let usualPollWithin = Milliseconds(TicketRequest.pollWithinDefault)
}
