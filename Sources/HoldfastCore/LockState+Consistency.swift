// Whether a record can have happened here, asked before it is replayed. A checksum says that the bytes are those that
// were written, not that they make sense: a version with a bug, or a hand that edits, writes nonsense with a right
// checksum. Whatever would break the state, or an arithmetic of later, is named here, and nothing is changed by it.
//
// The checks look at a few places each, so that a million tickets are read back as fast as before. An image tells its
// story after `counted`, so the counts cannot say what is out of order in it; the tickets themselves do.

import HoldfastModel

/// Why a record cannot have happened.
package struct ReplayFlaw: Error, Hashable, Sendable {
    package let text: String
    init(_ text: String) { self.text = text }
}

extension LockState {
    /// Nil where the record may follow on what was replayed before.
    func flaw(in record: Record) -> ReplayFlaw? {
        switch record {
        case .made(let record, let fence): flaw(inMaking: record, fence)
        case .granted(let index, let fence, let at):
            flaw(unless: .queued, index) ?? flaw(inGrant: tickets[index].mode, fence) ?? flaw(at)
        case .ended(let end): flaw(inEnd: end)
        case .leaseLengthened(let index, let lease): flaw(unlessThereIs: index) ?? flaw(lease)
        case .losing(let victim, let stealer, let grace, let at):
            flaw(inClaim: victim, stealer, grace) ?? flaw(at)
        case .kept(let victim, let at): flaw(unless: .held, victim) ?? flaw(at)
        case .closed(let delay): flaw(delay)
        case .opened: nil
        case .forgotten(let index): flaw(unless: .finished, index)
        // Where nothing happened yet, the latest stamp is before all time.
        case .counted(let number, let fence, let at):
            flaw(number) ?? flaw(fence) ?? flaw(max(at, .zero))
        case .claimed(let victim, let stealer, let grace): flaw(inClaim: victim, stealer, grace)
        case .logged(let entry): flaw(entry.at)
        }
    }

    /// Whether tickets here hold or wait.
    package var hasLiveTickets: Bool { holders.count > 0 || queueLength > 0 }

    // MARK: Single records

    private func flaw(inMaking record: Record.TicketRecord, _ fence: Fence?) -> ReplayFlaw? {
        let (index, request) = (record.id.ticketIndex, record.request)
        // A place is added only when all others are taken, and each was taken by a ticket with a number of its own.
        guard index < bounds.places, index < record.number else {
            return ReplayFlaw("place \(index) is beyond any ticket \(record.number) may have")
        }
        guard !tickets.contains(index) else {
            return ReplayFlaw("a ticket is made at place \(index), where another stands")
        }
        guard record.id.slot == slot, record.id.resourceIndex == resourceIndex else {
            return ReplayFlaw("a ticket of another resource")
        }
        guard request.priority <= TicketRequest.priorityMax else {
            return ReplayFlaw("there is no priority \(request.priority)")
        }
        let durations = [
            request.lease, request.maxWait ?? .zero, request.lockDelay, request.pollWithin,
            record.steal?.grace ?? .zero,
        ]
        return flaw(record.number) ?? flaw(record.at) ?? flaw(inMode: request.mode)
            ?? durations.lazy.compactMap { flaw($0) }.first
            ?? (fence.map { flaw(inGrant: request.mode, $0) } ?? flaw(inPlaceOf: record))
    }

    /// Two in the queue never have the same place in it.
    private func flaw(inPlaceOf record: Record.TicketRecord) -> ReplayFlaw? {
        guard queueLength > 0 else { return nil }
        let key = Ticket(record).orderKey
        let next = extras.value.order.first(from: key, under: extras.value.queue)
        guard let next, tickets[next].orderKey == key else { return nil }
        return ReplayFlaw("two tickets wait at one place of the queue")
    }

    private func flaw(inMode mode: Mode) -> ReplayFlaw? {
        guard case .permit(let count, let of) = mode else { return nil }
        guard count > 0, count <= of, of <= .max / 2 else {
            return ReplayFlaw("\(count) of \(of) permits")
        }
        return nil
    }

    /// Rules 1 and 18: who may hold beside those that do, and a fence that rises.
    private func flaw(inGrant mode: Mode, _ fence: Fence) -> ReplayFlaw? {
        for latest in [holders.last, remembered.last] where latest != TicketArena.none {
            guard tickets[latest].fence < fence else {
                return ReplayFlaw("fence \(fence.number) follows \(tickets[latest].fence.number)")
            }
        }
        guard fence != .none else { return ReplayFlaw("a grant without a fence") }
        guard mayHold(mode) else { return ReplayFlaw("a grant beside holders that do not share") }
        return flaw(fence)
    }

    /// Apart from `fits`, which deliberate bugs change and which trusts its numbers.
    private func mayHold(_ mode: Mode) -> Bool {
        guard let held = heldMode else { return true }
        switch (mode, held) {
        case (.shared, .shared): return true
        case (.permit(let count, let of), .permit(_, let heldOf)):
            return of == heldOf && permitsHeld <= of && count <= of - permitsHeld
        case (.exclusive, _), (.shared, _), (.permit, _): return false
        }
    }

    private func flaw(inEnd end: Record.EndRecord) -> ReplayFlaw? {
        let index = end.ticketIndex
        if let flaw = flaw(unless: end.wasHeld ? .held : .queued, index) { return flaw }
        guard tickets[index].isOwned(by: end.owner), tickets[index].boundSession == end.session
        else { return ReplayFlaw("the ticket at place \(index) ends as another's") }
        return flaw(end.at)
    }

    private func flaw(
        inClaim victim: UInt32,
        _ stealer: UInt32,
        _ grace: Interval
    ) -> ReplayFlaw? {
        if let flaw = flaw(unless: .held, victim) ?? flaw(unless: .queued, stealer) { return flaw }
        guard tickets[stealer].traits.contains(.stealer) else {
            return ReplayFlaw("the ticket at place \(stealer) has a claim and is no stealer")
        }
        return flaw(grace)
    }

    // MARK: Parts

    private func flaw(unlessThereIs index: UInt32) -> ReplayFlaw? {
        tickets.contains(index) ? nil : ReplayFlaw("no ticket stands at place \(index)")
    }

    private func flaw(unless phase: Ticket.Phase, _ index: UInt32) -> ReplayFlaw? {
        if let flaw = flaw(unlessThereIs: index) { return flaw }
        let found = tickets[index].phase
        guard found != phase else { return nil }
        return ReplayFlaw("the ticket at place \(index) is \(found), not \(phase)")
    }

    private func flaw(_ duration: Interval) -> ReplayFlaw? {
        guard duration >= .zero, duration.nanoseconds <= .max / 4 else {
            return ReplayFlaw("a duration of \(duration.nanoseconds) ns")
        }
        return nil
    }

    /// Far from the ends of the clock, so that what is added later does not leave it.
    private func flaw(_ stamp: Instant) -> ReplayFlaw? {
        guard stamp.nanoseconds.magnitude <= Int64.max / 2 else {
            return ReplayFlaw("it happened at \(stamp.nanoseconds) ns")
        }
        return nil
    }

    private func flaw(_ fence: Fence) -> ReplayFlaw? {
        guard fence.isPlausible else { return ReplayFlaw("a fence of \(fence.number)") }
        return nil
    }

    private func flaw(_ number: UInt64) -> ReplayFlaw? {
        guard number < 1 << Ticket.numberBitCount else {
            return ReplayFlaw("a number of \(number)")
        }
        return nil
    }
}

extension Fence {
    /// So far from the last number that a counter that goes on from here never ends.
    package var isPlausible: Bool { number <= .max / 2 }
}
