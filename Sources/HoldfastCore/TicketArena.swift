// The tickets of one resource in one array: a ticket's index is part of its id, so finding one is
// one look. Lists run through the tickets themselves; a list of a hundred thousand holders costs
// nothing extra.

import HoldfastModel

/// Places for tickets; a freed one is used again.
struct TicketArena: Sendable {
    private var places: [Ticket] = []
    private var firstFree = TicketArena.none
    private var freeCount: UInt32 = 0
    private var removalsUntilLook: UInt32 = 256

    static let none = UInt32.max

    /// Of taken places.
    var count: Int { places.count - Int(freeCount) }
    /// Of places: every index is below it.
    var placeCount: Int { places.count }

    // Always inlined: else a look at one field would copy the whole ticket.
    subscript(index: UInt32) -> Ticket {
        @inline(__always) _read { yield places[Int(index)] }
        @inline(__always) _modify { yield &places[Int(index)] }
    }

    func contains(_ index: UInt32) -> Bool {
        guard index < places.count else { return false }
        return places[Int(index)].phase != .free
    }

    /// The index that `insert` will use next.
    var nextIndex: UInt32 {
        firstFree == TicketArena.none ? UInt32(truncatingIfNeeded: places.count) : firstFree
    }

    // Inlined, so that the ticket is made where it stands.
    @inline(__always)
    mutating func insert(_ ticket: consuming Ticket) -> UInt32 {
        let index = nextIndex
        if firstFree == TicketArena.none {
            places.append(ticket)
        } else {
            firstFree = places[Int(index)].next
            freeCount -= 1
            places[Int(index)] = ticket
        }
        return index
    }

    mutating func remove(_ index: UInt32) {
        places[Int(index)].vacate()
        places[Int(index)].next = firstFree
        firstFree = index
        freeCount += 1
        giveBackMemory()
    }

    /// Lets the memory of a crowd leave after it.
    ///
    /// Looked at once in as many removals as there are places, so that the looking is paid for.
    private mutating func giveBackMemory() {
        removalsUntilLook -= 1
        guard removalsUntilLook == 0 else { return }
        let taken = 1 + (places.lastIndex { $0.phase != .free } ?? -1)
        if taken < places.count / 4 {
            places = Array(places[0..<taken])
            relinkFree()
        }
        removalsUntilLook = UInt32(max(256, places.count))
    }

    // MARK: Replay

    /// Puts a ticket where its id says; until `relinkFree` nothing else may be inserted or counted.
    mutating func restore(_ ticket: consuming Ticket, at index: UInt32) {
        guard places.count != index else { return places.append(ticket) }
        if places.count < index {
            places.append(contentsOf: repeatElement(Ticket(), count: Int(index) + 1 - places.count))
        }
        precondition(places[Int(index)].phase == .free, "two tickets at one place")
        places[Int(index)] = ticket
    }

    /// The same for a ticket that was forgotten.
    mutating func vacate(_ index: UInt32) { places[Int(index)].vacate() }

    /// The lowest free place first, so that the array can shrink.
    mutating func relinkFree() {
        firstFree = TicketArena.none
        freeCount = 0
        for index in places.indices.reversed() where places[index].phase == .free {
            places[index].next = firstFree
            firstFree = UInt32(truncatingIfNeeded: index)
            freeCount += 1
        }
    }

    func checkInvariants() {
        var free = firstFree
        var seen: UInt32 = 0
        while free != TicketArena.none {
            precondition(places[Int(free)].phase == .free, "a taken place is listed as free")
            seen += 1
            precondition(seen <= freeCount, "the list of free places runs in a circle")
            free = places[Int(free)].next
        }
        precondition(seen == freeCount, "a free place is lost")
        precondition(places.count { $0.phase == .free } == Int(freeCount), "free places miscounted")
    }
}

/// A list that runs through tickets, oldest first.
struct TicketList: Sendable {
    private(set) var first = TicketArena.none
    private(set) var last = TicketArena.none
    private(set) var count: UInt32 = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ index: UInt32, in arena: inout TicketArena) {
        arena[index].previous = last
        arena[index].next = TicketArena.none
        if last == TicketArena.none { first = index } else { arena[last].next = index }
        last = index
        count += 1
    }

    mutating func remove(_ index: UInt32, in arena: inout TicketArena) {
        let (previous, next) = (arena[index].previous, arena[index].next)
        if previous == TicketArena.none { first = next } else { arena[previous].next = next }
        if next == TicketArena.none { last = previous } else { arena[next].previous = previous }
        arena[index].previous = TicketArena.none
        arena[index].next = TicketArena.none
        count -= 1
    }

    /// The first `limit`, in order.
    func prefix(_ limit: Int, in arena: TicketArena) -> [UInt32] {
        var indices: [UInt32] = []
        var index = first
        while index != TicketArena.none, indices.count < limit {
            indices.append(index)
            index = arena[index].next
        }
        return indices
    }

    /// The last `limit`, latest first.
    func suffix(_ limit: Int, in arena: TicketArena) -> [UInt32] {
        var indices: [UInt32] = []
        var index = last
        while index != TicketArena.none, indices.count < limit {
            indices.append(index)
            index = arena[index].previous
        }
        return indices
    }
}
