// What an outsider knows who reads every record and hears every answer, and shares no code with the rules: who holds,
// which fence was last, who still waits for an answer, until when a lease was promised.

import HoldfastCore
import HoldfastModel

/// Holds the rules to what they wrote and said.
struct Ledger {
    private var modes: [UInt32: Mode] = [:]
    private var held: [UInt32: Mode] = [:]
    private var lastFence = Fence.none
    /// Nil: owed at once; else what it waits on.
    private var owed: [RequestAddress: UInt32?] = [:]
    /// Rule 13: until when a holder may trust its lease.
    private var promised: [UInt32: Instant] = [:]

    var isNothingHeld: Bool { held.isEmpty }

    // MARK: Records

    mutating func take(_ record: Record, at now: Instant) throws(Finding) {
        switch record {
        case .made(let ticket, let fence):
            let index = ticket.id.ticketIndex
            modes[index] = ticket.request.mode
            promised[index] = nil
            if let fence { try grant(index, fence) }
        case .granted(let index, let fence, _): try grant(index, fence)
        case .ended(let end): try self.end(end, at: now)
        case .leaseLengthened, .losing, .kept, .closed, .opened, .forgotten: break
        case .counted, .claimed, .logged: throw Finding("a step wrote \(record)")
        }
    }

    private mutating func grant(_ index: UInt32, _ fence: Fence) throws(Finding) {
        try demand(lastFence < fence, "rule 18: \(fence) after \(lastFence)")
        try demand(held[index] == nil, "granted twice")
        lastFence = fence
        held[index] = modes[index]
    }

    private mutating func end(_ end: Record.EndRecord, at now: Instant) throws(Finding) {
        let index = end.ticketIndex
        try demand((held[index] != nil) == end.wasHeld, "\(end.ending): wrong about being held")
        held[index] = nil
        guard end.ending == .expired, let promise = promised[index] else { return }
        try demand(promise <= now, "rule 11: a lease ended \((promise - now).seconds) s early")
    }

    /// Rule 6, in the records' own words.
    func checkExclusion() throws(Finding) {
        guard held.count > 1 || held.values.contains(where: \.isPermit) else { return }
        var (permits, of) = (UInt32(0), Set<UInt32>())
        for mode in held.values {
            switch mode {
            case .exclusive: throw Finding("an exclusive holder is not alone")
            case .shared: of.insert(0)
            case .permit(let count, let capacity):
                permits += count
                of.insert(capacity)
            }
        }
        try demand(of.count == 1, "holders that do not share: \(held)")
        try demand(permits == 0 || permits <= of.first ?? 0, "more permits than there are")
    }

    // MARK: Answers

    mutating func expectAnswer(to address: RequestAddress) { owed[address] = .some(nil) }

    func checkIsAnsweredOrWaits(_ address: RequestAddress) throws(Finding) {
        guard let debt = owed[address] else { return }
        try demand(debt != nil, "a request was not answered")
    }

    func waits(of connection: ConnectionID) -> [UInt32] {
        let waits = owed.filter { $0.key.connection == connection }.sorted {
            $0.key.request < $1.key.request
        }
        return waits.compactMap(\.value)
    }

    /// The connection is gone: what it did not hear it never will.
    mutating func forgetAnswers(to connection: ConnectionID) {
        owed = owed.filter { $0.key.connection != connection }
    }

    mutating func take(_ output: Output, at now: Instant) throws(Finding) {
        switch output {
        case .waiting(let address, let index):
            guard let debt = owed[address], debt == nil else {
                throw Finding("a request waits that was answered, or waits twice")
            }
            owed[address] = .some(index)
        case .answer(let address, let answer, let shows):
            try demand(owed.removeValue(forKey: address) != nil, "answered twice: \(answer)")
            note(answer, shows, at: now)
        case .event(_, .acquired(let id, _, _, let grant), _, _):
            promise(id.ticketIndex, grant.remaining, at: now)
        case .event, .notice: break
        }
    }

    private mutating func note(_ answer: Answer, _ shows: Output.Shown?, at now: Instant) {
        switch answer {
        case .ticket(let ticket):
            guard case .acquired(let grant) = ticket.standing else { return }
            promise(ticket.ticket.ticketIndex, grant.remaining, at: now)
        case .acquire(let polled):
            guard case .acquired(let grant) = polled.standing, let shows else { return }
            promise(shows.ticketIndex, grant.remaining, at: now)
        default: break
        }
    }

    private mutating func promise(_ index: UInt32, _ remaining: Interval, at now: Instant) {
        promised[index] = max(promised[index] ?? .zero, now + remaining)
    }
}

extension Mode {
    fileprivate var isPermit: Bool {
        if case .permit = self { true } else { false }
    }
}
