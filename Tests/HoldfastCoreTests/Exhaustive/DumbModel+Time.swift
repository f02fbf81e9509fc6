// What happens without a request: time, lost connections, sessions that end or come back.

import HoldfastCore
import HoldfastModel

extension DumbModel {
    /// Something that is due at an instant.
    private enum Due {
        case leaseEnds(UInt64)
        case graceEnds(UInt64)
        case maxWaitEnds(UInt64)
        case waitEnds(UInt64, RequestAddress)
        case abandoned(UInt64)
        case forgotten(UInt64)
        case opens
    }

    private struct Deadline {
        var at: Instant
        var due: Due
    }

    private var deadlines: [Deadline] {
        var all: [Deadline] = []
        for ticket in tickets {
            let number = ticket.number
            if ticket.state == .acquired, let end = ticket.leaseEnd {
                all.append(Deadline(at: end, due: .leaseEnds(number)))
            }
            if let end = ticket.graceEnd, !ticket.isGraceOver {
                all.append(Deadline(at: end, due: .graceEnds(number)))
            }
            if ticket.state == .queued, let maxWait = ticket.request.maxWait {
                all.append(Deadline(at: ticket.startedAt + maxWait, due: .maxWaitEnds(number)))
            }
            for wait in ticket.waits {
                guard let end = wait.end else { continue }
                all.append(Deadline(at: end, due: .waitEnds(number, wait.address)))
            }
            if let end = ticket.abandonedAt {
                all.append(Deadline(at: end, due: .abandoned(number)))
            }
            if ticket.state == .released {
                let end = ticket.startedAt + bounds.retain
                all.append(Deadline(at: end, due: .forgotten(number)))
            }
        }
        if let closedUntil { all.append(Deadline(at: closedUntil, due: .opens)) }
        return all
    }

    /// When something happens next.
    var nextDeadline: Instant { deadlines.map(\.at).min() ?? .never }

    /// Does at most `limit` things that are due, in the order in which they became due; what is freed is granted in the
    /// same step.
    mutating func timePassed(limit: Int) {
        var left = limit
        while left > 0, let next = deadlines.min(by: { $0.at < $1.at }), next.at <= now {
            left -= 1
            perform(next.due)
            grantWhatFits()
        }
    }

    private mutating func perform(_ due: Due) {
        switch due {
        case .leaseEnds(let number): end(number, .expired)
        case .graceEnds(let number): change(number) { $0.isGraceOver = true }
        case .maxWaitEnds(let number): end(number, .timedOut)
        case .waitEnds(let number, let address): waitEnds(number, address)
        case .abandoned(let number): end(number, .abandoned)
        case .forgotten(let number): forget(number)
        case .opens: closedUntil = nil
        }
    }

    /// A `lock` takes its ticket with it, an `acquire` says where the ticket stands.
    private mutating func waitEnds(_ number: UInt64, _ address: RequestAddress) {
        guard let ticket = ticket(number),
            let wait = ticket.waits.first(where: { $0.address == address })
        else { return }
        guard wait.kind == .acquire else { return end(number, .timedOut) }
        stopWaiting(number, address)
        told.append(.answer(address, .polled(lease: ticket.lease, standing(of: ticket))))
    }

    private mutating func stopWaiting(_ number: UInt64, _ address: RequestAddress) {
        let now = now
        change(number) {
            $0.waits.removeAll { $0.address == address }
            $0.heardAt = now
        }
    }
}

// MARK: Connections and sessions

extension DumbModel {
    /// PROTOCOL §7: what waits on a connection that ends is answered; an unbound `lock` is cancelled.
    mutating func end(_ connection: ConnectionID, waitingOn indices: [UInt32]) {
        deadConnections.insert(connection)
        for index in indices {
            guard let place = slot(atIndex: index), tickets[place].isLive else { continue }
            endWaits(of: connection, on: tickets[place].number)
        }
        grantWhatFits()
    }

    private mutating func endWaits(of connection: ConnectionID, on number: UInt64) {
        let gone = ticket(number)?.waits.filter { $0.address.connection == connection } ?? []
        for wait in gone { stopWaiting(number, wait.address) }
        guard let ticket = ticket(number), !gone.isEmpty else { return }
        for wait in gone where wait.kind == .acquire {
            let said = Said.polled(lease: ticket.lease, standing(of: ticket))
            told.append(.answer(wait.address, said))
        }
        let locks = gone.filter { $0.kind != .acquire }
        // A client that came back and waits again on another connection keeps its ticket.
        if !locks.isEmpty, !ticket.isBound, ticket.waits.isEmpty { end(number, .cancelled) }
        for wait in locks { refuse(wait.address, .timedOut, Why(held: held)) }
    }

    /// Rule 5: all end before anything is granted, so that none of them is granted on the way.
    mutating func end(_ session: SessionID, tickets indices: [UInt32]) {
        for index in indices {
            guard let place = slot(atIndex: index), tickets[place].session == session else {
                continue
            }
            end(tickets[place].number, .sessionEnded)
        }
        grantWhatFits()
    }

    /// Rule 29: all that wait end before anything is granted; who holds goes on.
    mutating func withdraw(_ ids: [TicketID], reason: String) {
        for id in ids {
            let secret = TicketSecret(high: id.secretHigh, low: id.secretLow)
            let ticket = tickets.first { $0.secret == secret && $0.state == .queued }
            if let ticket { end(ticket.number, .cleared, reason: reason) }
        }
        grantWhatFits()
    }

    /// PROTOCOL §3 `hello`: tells every bound ticket whose state changed since the connection ended.
    mutating func resume(
        _ session: SessionID,
        on connection: ConnectionID,
        tickets indices: [UInt32]
    ) {
        for index in indices {
            guard let place = slot(atIndex: index), tickets[place].session == session else {
                continue
            }
            tickets[place].listener = connection
            tellAgain(tickets[place].number, on: connection)
        }
    }

    private mutating func tellAgain(_ number: UInt64, on connection: ConnectionID) {
        guard let ticket = ticket(number), ticket.notify != .none else { return }
        switch ticket.state {
        case .queued: return
        case .acquired:
            if !ticket.isSeen || ticket.owesGrant {
                let event = Whispered.acquired(lease: ticket.lease, grant(of: ticket))
                told.append(.event(connection, ticket: number, event))
                change(number) { $0.noteShown() }
            }
            if ticket.owesLosing { tellLosing(number) }
        case .released:
            guard ticket.owesLoss, let ending = ticket.ending else { return }
            let loss = Refusal.Loss(
                ended: ending,
                by: ticket.endedBy,
                reason: ticket.endReason
            )
            told.append(.event(connection, ticket: number, .lost(loss)))
            change(number) { $0.owesLoss = false }
        }
    }

    mutating func undelivered(_ index: UInt32, _ fence: Fence) {
        guard let place = slot(atIndex: index), tickets[place].fence == fence else { return }
        tickets[place].seenCount = max(0, tickets[place].seenCount - 1)
    }

    mutating func untold(_ index: UInt32) {
        guard let place = slot(atIndex: index) else { return }
        switch tickets[place].state {
        case .queued: return
        case .acquired:
            if tickets[place].isLosing { tickets[place].owesLosing = true }
        case .released: tickets[place].owesLoss = true
        }
    }
}
