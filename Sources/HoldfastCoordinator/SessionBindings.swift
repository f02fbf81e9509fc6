// Which tickets a session's end takes with it, on one loop. Only tickets bound to sessions are
// here, so a lock without a session costs nothing.

import HoldfastCore
import HoldfastModel

/// A ticket of this loop.
struct BoundTicket: Hashable, Sendable {
    var handle: UInt32
    var ticketIndex: UInt32
}

/// The live tickets of each session, and those whose end its client was not told.
struct SessionBindings: Sendable {
    private var tickets: [SessionID: Set<BoundTicket>] = [:]
    /// Of those, the ones that are kept only because something was not told; gone when the ticket is forgotten, so
    /// that nobody finds another resource, or none, where the ticket was.
    private var owed: [BoundTicket: SessionID] = [:]
    /// Who took a session up last; only of sessions that were taken up, so that one that never lost its connection
    /// costs nothing here.
    private var carriers: [SessionID: ConnectionID] = [:]

    /// Follows the life of a ticket.
    mutating func note(_ change: borrowing Change, handle: UInt32) {
        let ticket = BoundTicket(handle: handle, ticketIndex: change.ticketIndex)
        switch change.kind {
        case .queued, .grantedAtOnce:
            if let session = change.session { add(ticket, to: session) }
        case .ended:
            if let session = change.session { remove(ticket, from: session) }
        case .forgotten:
            forget(ticket)
        case .granted:
            return
        }
    }

    /// It is no longer remembered that there was such a ticket.
    mutating func forget(_ ticket: BoundTicket) {
        guard !owed.isEmpty else { return }
        if let session = owed.removeValue(forKey: ticket) { remove(ticket, from: session) }
    }

    /// The ticket has something to tell that could not be told; whoever resumes the session hears it.
    mutating func addOwing(_ ticket: BoundTicket, to session: SessionID) {
        add(ticket, to: session)
        owed[ticket] = session
    }

    private mutating func add(_ ticket: BoundTicket, to session: SessionID) {
        tickets[session, default: []].insert(ticket)
    }

    private mutating func remove(_ ticket: BoundTicket, from session: SessionID) {
        guard let index = tickets.index(forKey: session) else { return }
        tickets.values[index].remove(ticket)
        if tickets.values[index].isEmpty { tickets.remove(at: index) }
    }

    /// A connection took the session up; what comes back unheard from an older one is told to it.
    mutating func carry(_ session: SessionID, by connection: ConnectionID) {
        carriers[session] = connection
    }

    func carrier(of session: SessionID) -> ConnectionID? { carriers[session] }

    /// The session's tickets, by resource, and forgets them.
    mutating func take(_ session: SessionID) -> [(handle: UInt32, tickets: [UInt32])] {
        carriers[session] = nil
        let all = tickets.removeValue(forKey: session) ?? []
        if !owed.isEmpty { for ticket in all { owed[ticket] = nil } }
        if isEmpty { self = SessionBindings() }
        return grouped(all)
    }

    func of(_ session: SessionID) -> [(handle: UInt32, tickets: [UInt32])] {
        grouped(tickets[session] ?? [])
    }

    /// Those with tickets here, in an order that every process has.
    var sessions: [SessionID] { tickets.keys.sorted { $0.bits < $1.bits } }

    var isEmpty: Bool { tickets.isEmpty && owed.isEmpty && carriers.isEmpty }

    /// Sorted, because the order of a set differs from process to process.
    private func grouped(_ all: Set<BoundTicket>) -> [(handle: UInt32, tickets: [UInt32])] {
        var groups: [(handle: UInt32, tickets: [UInt32])] = []
        for ticket in all.sorted(by: { ($0.handle, $0.ticketIndex) < ($1.handle, $1.ticketIndex) })
        {
            if groups.last?.handle == ticket.handle {
                groups[groups.count - 1].tickets.append(ticket.ticketIndex)
            } else {
                groups.append((ticket.handle, [ticket.ticketIndex]))
            }
        }
        return groups
    }
}
