// The requests that wait: a `lock`, or an `acquire` with `wait`. Several may wait on one ticket;
// each is answered once. They stand apart from the tickets, because most tickets are never waited
// on.

import HoldfastModel

/// A request whose answer comes later.
struct Wait: Sendable {
    enum Kind: Sendable {
        /// The end of its wait ends the ticket.
        case lock(isExisting: Bool)
        /// The end of its wait is answered with where the ticket stands.
        case acquire
    }

    var address: RequestAddress
    var kind: Kind
    var ticket: UInt32
    /// When its connection last named the ticket (rule 13), as far as the ticket itself does not
    /// know.
    var namedAt: Instant
    var previous = WaitTable.none
    var next = WaitTable.none

    var isLock: Bool {
        switch kind {
        case .lock: true
        case .acquire: false
        }
    }
}

/// All waits of a resource, in a list for each ticket and in one heap by deadline.
struct WaitTable: Sendable {
    private var places: [Wait?] = []
    private var free: [UInt32] = []
    private var deadlines = DeadlineHeap()
    private var serial: UInt32 = 0

    static let none = UInt32.max

    var count: Int { places.count - free.count }
    var isEmpty: Bool { count == 0 }
    var nextDeadline: Instant { deadlines.first?.deadline ?? .never }
    /// The wait that is over first.
    var nextDue: UInt32? { deadlines.first?.handle }

    subscript(index: UInt32) -> Wait {
        guard let wait = places[Int(index)] else { preconditionFailure("no wait at \(index)") }
        return wait
    }

    /// Puts a wait at the head of its ticket's list.
    mutating func insert(_ wait: Wait, until deadline: Instant, first: inout UInt32) {
        var wait = wait
        wait.next = first
        let index = free.popLast() ?? UInt32(truncatingIfNeeded: places.count)
        if first != WaitTable.none { places[Int(first)]?.previous = index }
        first = index
        if index == places.count { places.append(wait) } else { places[Int(index)] = wait }
        serial &+= 1
        deadlines.set(index, to: deadline, tie: serial)
    }

    mutating func remove(_ index: UInt32, first: inout UInt32) -> Wait {
        let wait = self[index]
        if wait.previous == WaitTable.none {
            first = wait.next
        } else {
            places[Int(wait.previous)]?.next = wait.next
        }
        if wait.next != WaitTable.none { places[Int(wait.next)]?.previous = wait.previous }
        places[Int(index)] = nil
        free.append(index)
        deadlines.remove(index)
        if isEmpty, places.count > 64 { (places, free) = ([], []) }
        return wait
    }

    /// The waits of a ticket, in the order they came.
    func waits(from first: UInt32) -> [UInt32] {
        var indices: [UInt32] = []
        var index = first
        while index != WaitTable.none {
            indices.append(index)
            index = self[index].next
        }
        indices.reverse()
        return indices
    }

    /// Rule 13: the connection named the ticket, and the ticket itself does not remember it.
    mutating func noteNaming(by connection: ConnectionID, at now: Instant, from first: UInt32) {
        for index in waits(from: first) where self[index].address.connection == connection {
            places[Int(index)]?.namedAt = now
        }
    }

    func checkInvariants() {
        deadlines.checkInvariants()
        precondition(places.count { $0 == nil } == free.count, "free waits miscounted")
    }
}
