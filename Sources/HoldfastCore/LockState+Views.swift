// What people see of a resource (PROTOCOL §§3–4): views of tickets, `list`, and the line in
// `resources`. Reading changes nothing, and looks at no more than it shows.

package import HoldfastModel

extension LockState {
    /// The view of a ticket; its id is for its owner and for administrators.
    func view(of index: UInt32, for caller: Caller, at reading: ClockReading) -> TicketView {
        let isOwn = tickets[index].isOwned(by: caller.owner)
        let showsID = isOwn || caller.rights.contains(.admin)
        return view(of: index, showsID: showsID, at: reading)
    }

    func view(of index: UInt32, showsID: Bool, at reading: ClockReading) -> TicketView {
        let ticket = tickets[index]
        let isHeld = ticket.phase == .held
        let loss = loss(of: index)
        func time(_ instant: Instant) -> WallTime? {
            instant == .never ? nil : reading.wallTime(of: instant)
        }
        let expiry = reading.now + remaining(of: index, at: reading.now)
        let since = ticket.grantedAt == .never ? ticket.createdAt : ticket.grantedAt
        return TicketView(
            ticket: showsID ? id(of: index) : nil,
            number: ticket.number,
            resource: path,
            standing: standing(of: index, at: reading.now),
            mode: ticket.mode,
            owner: ticket.owner,
            details: ticket.details,
            priority: ticket.priority,
            lease: ticket.lease,
            fence: ticket.fence == .none ? nil : ticket.fence,
            createdAt: reading.wallTime(of: ticket.createdAt),
            acquiredAt: time(ticket.grantedAt),
            renewedAt: time(ticket.renewedAt),
            expiresAt: isHeld ? time(expiry) : nil,
            endedAt: ticket.phase == .finished ? time(ticket.until) : nil,
            stealable: ticket.traits.contains(.stealable),
            binding: ticket.isBound ? .session : .ticket,
            endedBy: loss.by,
            endReason: loss.reason,
            age: max(.zero, reading.now - since.told)
        )
    }

    package func list(
        _ page: ListPage,
        for caller: Caller,
        at reading: ClockReading
    ) -> ListAnswer {
        let queued = extras.value.order.nodes(
            after: page.after,
            limit: page.limit,
            under: extras.value.queue
        )
        func views(_ indices: [UInt32]) -> [TicketView] {
            indices.map { index in
                page.revealsTickets
                    ? view(of: index, showsID: true, at: reading)
                    : view(of: index, for: caller, at: reading)
            }
        }
        return ListAnswer(
            resource: path,
            mode: liveMode,
            holders: views(holders.prefix(page.limit, in: tickets)),
            holderCount: holderCount,
            queue: views(queued),
            queueLength: queueLength,
            recent: views(remembered.suffix(page.limit, in: tickets)),
            fence: lastFence,
            closedFor: closedFor(at: reading.now)
        )
    }

    /// A ticket in the queue, and whose it is.
    package struct Waiting: Sendable {
        package var ticket: TicketID
        package var asker: Asker
    }

    /// Who waits for what it may have as long as it has the rights for it.
    package struct Asker: Hashable, Sendable {
        package var owner: Owner
        /// It waits to take the lock from its holders (rule 21).
        package var steals: Bool
    }

    /// Whoever waits, from the front.
    package var waiting: [Waiting] {
        guard queueLength > 0 else { return [] }
        let order = extras.value.order
        return order.nodes(after: 0, limit: queueLength, under: extras.value.queue).map { index in
            let steals = tickets[index].traits.contains(.stealer)
            return Waiting(
                ticket: id(of: index),
                asker: Asker(owner: tickets[index].owner, steals: steals)
            )
        }
    }

    /// The longest holder is this owner's.
    package func isHeld(by owner: Owner) -> Bool {
        isHeld && tickets[holders.first].isOwned(by: owner)
    }

    package func summary(at reading: ClockReading) -> ResourceSummary {
        ResourceSummary(
            resource: path,
            mode: liveMode,
            holderCount: holderCount,
            queueLength: queueLength,
            fence: lastFence,
            oldestWait: oldestArrival.map { max(.zero, reading.now - $0.told) } ?? .zero,
            holder: isHeld ? view(of: holders.first, showsID: false, at: reading) : nil,
            closedFor: closedFor(at: reading.now)
        )
    }

    /// Of the live tickets: the holders' where there are any, else the next one's.
    private var liveMode: Mode? {
        heldMode ?? extras.value.order.first(under: extras.value.queue).map { tickets[$0].mode }
    }

    /// When the longest waiting ticket was made: each rank of the queue is in the order of arrival.
    private var oldestArrival: Instant? {
        queuedRanks.compactMap { extras.value.order.first(from: $0, under: extras.value.queue) }
            .map { tickets[$0].createdAt }.min()
    }

    /// The first keys of the ranks in which somebody waits: stealers, and each priority.
    var queuedRanks: [UInt64] {
        var ranks: [UInt64] = []
        var start: UInt64 = 0
        while let next = extras.value.order.first(from: start, under: extras.value.queue) {
            let rank = tickets[next].orderKey >> Ticket.numberBitCount
            ranks.append(rank << Ticket.numberBitCount)
            start = (rank + 1) << Ticket.numberBitCount
        }
        return ranks
    }
}
