// A lock that one client holds and nobody waits for, told in a few dozen bytes: nearly everything about it is at its
// default, or is a time close to another time. Locks that are held for long are kept so, a million of them in a third
// of the memory; whoever asks about one wakes it. It is the state itself, to the nanosecond, and no journal's image,
// which begins durations anew.

package import HoldfastModel

extension LockState {
    /// What of a resting lock is no number.
    package struct Keepsake: Sendable {
        package let owner: Owner
        let texts: Texts
    }

    /// Whether there is nothing but one holder, who has the only place.
    package var canRest: Bool {
        guard !extras.isPresent, holders.count == 1 else { return false }
        return tickets.placeCount == 1
    }

    /// Whether nothing has happened for so long that it may rest.
    package func isQuiet(since instant: Instant) -> Bool { lastStamp <= instant }

    /// Writes down everything but its path and bounds; only where it can rest.
    package func rest(in numbers: inout PackedNumbers) -> Keepsake {
        precondition(canRest, "a lock with more than a holder goes to rest")
        let ticket = tickets[0]
        numbers.put(UInt64(slot.number))
        numbers.put(UInt64(resourceIndex))
        numbers.putRaw(ticket.secretHigh, byteCount: 8)
        numbers.putRaw(UInt64(ticket.secretLow), byteCount: 4)
        numbers.put(ticket.number)
        numbers.put(lastNumber - ticket.number)
        numbers.put(ticket.fence.number)
        numbers.put(lastFence.number - ticket.fence.number)
        numbers.put(UInt64(ticket.traits.rawValue))
        numbers.put(ticket.mode)
        numbers.put(UInt64(ticket.notify.number) << 8 | UInt64(ticket.priority))
        numbers.put(UInt64(ticket.showings))
        numbers.put(UInt64(ticket.pollWithin.count))
        numbers.put(UInt64(ticket.lockDelay.count))
        numbers.put(ticket.lease)
        numbers.put(ticket.session.bits)
        // One more, so that none is zero.
        numbers.put(ticket.connection.bits &+ 1)
        numbers.put(ticket.createdAt, after: Instant(nanoseconds: 0))
        numbers.put(ticket.grantedAt, after: ticket.createdAt)
        numbers.put(ticket.heardAt, after: ticket.grantedAt)
        numbers.put(ticket.namedAt, after: ticket.heardAt)
        numbers.put(ticket.renewedAt, after: ticket.heardAt)
        numbers.put(ticket.until, after: ticket.heardAt + ticket.lease)
        numbers.put(lastStamp, after: ticket.heardAt)
        return Keepsake(owner: ticket.owner, texts: ticket.texts)
    }

    /// The lock that `rest` wrote down.
    package init(
        waking numbers: borrowing Span<UInt8>,
        _ keepsake: Keepsake,
        path: ResourcePath,
        bounds: Bounds
    ) {
        var reader = PackedReader()
        self.init(
            path: path,
            slot: Slot(number: UInt8(truncatingIfNeeded: reader.next(in: numbers))),
            resourceIndex: UInt32(truncatingIfNeeded: reader.next(in: numbers)),
            bounds: bounds
        )
        var ticket = Ticket()
        ticket.phase = .held
        ticket.owner = keepsake.owner
        ticket.texts = keepsake.texts
        ticket.secretHigh = reader.raw(in: numbers, byteCount: 8)
        ticket.secretLow = UInt32(truncatingIfNeeded: reader.raw(in: numbers, byteCount: 4))
        ticket.number = reader.next(in: numbers)
        lastNumber = ticket.number + reader.next(in: numbers)
        ticket.fence = Fence(number: reader.next(in: numbers))
        lastFence = Fence(number: ticket.fence.number + reader.next(in: numbers))
        ticket.traits = Ticket.Traits(rawValue: UInt16(reader.next(in: numbers)))
        ticket.mode = reader.mode(in: numbers)
        let wish = reader.next(in: numbers)
        ticket.notify = Notify(number: UInt8(wish >> 8))
        ticket.priority = UInt8(wish & 255)
        ticket.showings = UInt8(reader.next(in: numbers))
        ticket.pollWithin = Milliseconds(count: UInt32(reader.next(in: numbers)))
        ticket.lockDelay = Milliseconds(count: UInt32(reader.next(in: numbers)))
        ticket.lease = reader.interval(in: numbers)
        ticket.session = SessionID(bits: reader.next(in: numbers))
        ticket.connection = ConnectionID(bits: reader.next(in: numbers) &- 1)
        ticket.createdAt = reader.instant(after: Instant(nanoseconds: 0), in: numbers)
        ticket.grantedAt = reader.instant(after: ticket.createdAt, in: numbers)
        ticket.heardAt = reader.instant(after: ticket.grantedAt, in: numbers)
        ticket.namedAt = reader.instant(after: ticket.heardAt, in: numbers)
        ticket.renewedAt = reader.instant(after: ticket.heardAt, in: numbers)
        ticket.until = reader.instant(after: ticket.heardAt + ticket.lease, in: numbers)
        lastStamp = reader.instant(after: ticket.heardAt, in: numbers)
        if case .permit(let count, _) = ticket.mode { permitsHeld = count }
        holders.append(tickets.insert(ticket), in: &tickets)
    }
}

extension Notify {
    fileprivate var number: UInt8 {
        switch self {
        case .none: 0
        case .state: 1
        case .position: 2
        }
    }

    fileprivate init(number: UInt8) {
        switch number {
        case 0: self = .none
        case 1: self = .state
        default: self = .position
        }
    }
}
