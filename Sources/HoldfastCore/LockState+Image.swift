// How a resource stands, told in records (rule 27): replayed into a fresh state they give what the whole journal of the
// resource would give. A ticket is told by when it was made, granted and ended, in the order in which that happened,
// because the order of holders and of the remembered is that order. What only a journal as a whole knows (counts,
// claims, the log of the history) has records of its own.

import HoldfastModel

extension LockState {
    /// The records that rebuild this state.
    package func image() -> [Record] {
        var story: [(at: Instant, record: Record)] = []
        for index in 0..<UInt32(tickets.placeCount) where tickets.contains(index) {
            tell(index, into: &story)
        }
        // Two things that happen here never have the same stamp.
        story.sort { $0.at < $1.at }
        var records = [Record.counted(number: lastNumber, lastFence, at: lastStamp)]
        records += story.map(\.record)
        records += lengthenings
        guard extras.isPresent else { return records }
        records += claims
        records += extras.value.log.entries.map { .logged($0) }
        if isClosed { records.append(.closed(extras.value.closedDelay)) }
        return records
    }

    private func tell(_ index: UInt32, into story: inout [(at: Instant, record: Record)]) {
        let ticket = tickets[index]
        let wasGranted = ticket.fence != .none
        let grantedAtOnce = wasGranted && !ticket.traits.contains(.waited)
        story.append(
            (ticket.createdAt, .made(made(index), grant: grantedAtOnce ? ticket.fence : nil))
        )
        if wasGranted, !grantedAtOnce {
            let grant = Record.granted(ticketIndex: index, ticket.fence, at: ticket.grantedAt)
            story.append((ticket.grantedAt, grant))
        }
        switch ticket.phase {
        case .queued, .held:
            break
        case .finished:
            let note = loss(of: index)
            let end = Record.EndRecord(
                ticketIndex: index,
                ending: ticket.ending,
                wasHeld: wasGranted,
                owner: ticket.owner,
                session: ticket.boundSession,
                by: note.by,
                reason: note.reason,
                at: ticket.until
            )
            story.append((ticket.until, .ended(end)))
        case .free:
            preconditionFailure("a free place has no story")
        }
    }

    private func made(_ index: UInt32) -> Record.TicketRecord {
        let ticket = tickets[index]
        let isStealer = ticket.traits.contains(.stealer)
        return Record.TicketRecord(
            id: id(of: index),
            number: ticket.number,
            owner: ticket.owner,
            session: ticket.boundSession,
            request: request(of: ticket),
            steal: ticket.texts.keyed?.steal ?? (isStealer ? Steal() : nil),
            at: ticket.createdAt
        )
    }

    /// What it was asked for with, as far as it still means something.
    private func request(of ticket: Ticket) -> TicketRequest {
        guard var request = ticket.texts.keyed?.request else {
            return TicketRequest(
                resource: path,
                lease: ticket.lease,
                mode: ticket.mode,
                maxWait: maxWait(of: ticket),
                priority: ticket.priority,
                binding: ticket.isBound ? .session : .ticket,
                stealable: ticket.traits.contains(.stealable),
                lockDelay: ticket.lockDelay.interval,
                pollWithin: ticket.pollWithin.interval,
                notify: ticket.notify,
                details: ticket.details
            )
        }
        request.notify = ticket.notify
        return request
    }

    /// A keyed request is told as it was asked, with the lease that it had then; also a finished ticket shows
    /// the one it had last.
    private var lengthenings: [Record] {
        let granted =
            holders.prefix(Int(holders.count), in: tickets)
            + remembered.prefix(Int(remembered.count), in: tickets)
        return granted.compactMap { index in
            guard let keyed = tickets[index].texts.keyed, keyed.request.lease < tickets[index].lease
            else { return nil }
            return .leaseLengthened(ticketIndex: index, tickets[index].lease)
        }
    }

    /// While it waits: of the time when it began, only when it is over is kept.
    private func maxWait(of ticket: Ticket) -> Interval? {
        guard ticket.phase == .queued, ticket.until != .never else { return nil }
        let began =
            extras.isPresent ? max(ticket.createdAt, extras.value.restartedAt) : ticket.createdAt
        // Stamps are pushed on by nanoseconds where several things happen at once.
        let microseconds = ((ticket.until - began).nanoseconds + 500) / 1_000
        return Interval(nanoseconds: microseconds * 1_000)
    }

    /// Rule 21: who waits for which holder.
    private var claims: [Record] {
        guard extras.value.steals.losingCount > 0 else { return [] }
        return holders.prefix(Int(holders.count), in: tickets).flatMap { victim -> [Record] in
            guard let losing = extras.value.steals.losing(victim) else { return [] }
            return losing.claimants.filter(tickets.isWaiting).map {
                .claimed(victim: victim, stealer: $0.ticket, grace: losing.grace)
            }
        }
    }
}
