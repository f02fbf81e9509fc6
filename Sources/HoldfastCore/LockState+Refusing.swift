// Why not: the refusals of the rules, each with a sentence that helps the person who reads it.

import HoldfastModel

extension Refusal {
    static let notYours = Refusal(
        .forbidden,
        "only the owner of a ticket may acquire or renew it"
    )
}

extension LockState {
    /// Rule 16: who is in the way of a request that may not wait.
    func conflict(at reading: ClockReading) -> Refusal {
        Refusal(.conflict, whoIsInTheWay(at: reading), held: held(at: reading))
    }

    func timedOut(at reading: ClockReading) -> Refusal {
        let message = "the wait is over; " + whoIsInTheWay(at: reading)
        return Refusal(.timedOut, message, held: held(at: reading))
    }

    /// What a `lock` on a finished ticket is told.
    func refusalOfLock(_ index: UInt32, at reading: ClockReading) -> Refusal {
        tickets[index].ending == .timedOut ? timedOut(at: reading) : refusalOfLost(index)
    }

    /// What an `acquire` that waited is told of the end of its ticket.
    func refusalOfPoll(_ index: UInt32) -> Refusal {
        var refusal = refusalOfLost(index)
        refusal.loss?.endsAcquire = true
        return refusal
    }

    func refusalOfLost(_ index: UInt32) -> Refusal {
        let loss = loss(of: index)
        var message = "this ticket of \(path) " + words(for: loss.ended)
        if let by = loss.by { message += " by \(by)" }
        if let reason = loss.reason { message += " (\(reason))" }
        return Refusal(.lost, message, loss: loss)
    }

    func notStealable(_ victims: [UInt32]) -> Refusal {
        let kept = victims.filter { !tickets[$0].traits.contains(.stealable) }
        let who = kept.first.map { label(of: $0) } ?? "its holder"
        let others = kept.count > 1 ? " and \(kept.count - 1) more" : ""
        return Refusal(
            .notStealable,
            "\(path) is held by \(who)\(others), not stealable; an administrator may use force"
        )
    }

    private func held(at reading: ClockReading) -> Refusal.Held {
        Refusal.Held(
            holder: isHeld ? view(of: holders.first, showsID: false, at: reading) : nil,
            holderCount: holderCount,
            queueLength: queueLength,
            closedFor: closedFor(at: reading.now)
        )
    }

    /// "deploy/prod is held by ci-7 for 12 s more; 4 are waiting".
    private func whoIsInTheWay(at reading: ClockReading) -> String {
        var message = "\(path) is "
        if isHeld {
            let left = remaining(of: holders.first, at: reading.now)
            let others = holders.count > 1 ? " and \(holders.count - 1) more" : ""
            message += "held by \(label(of: holders.first))\(others) for \(left.words) more"
        } else if let closed = closedFor(at: reading.now) {
            message += "closed by a lock delay for \(closed.words) more"
        } else if queueLength > 0 {
            message += "about to be granted to who waits"
        } else {
            message += "free: a new attempt takes a new key"
        }
        switch queueLength {
        case 0: return message
        case 1: return message + "; 1 is waiting"
        default: return message + "; \(queueLength) are waiting"
        }
    }

    private func label(of index: UInt32) -> String {
        tickets[index].details?.holder ?? tickets[index].owner.name
    }

    private func words(for ending: Ending) -> String {
        switch ending {
        case .released: "was released"
        case .cancelled: "was cancelled"
        case .expired: "expired: its lease ran out"
        case .timedOut: "timed out before it was granted"
        case .abandoned: "was abandoned: its owner was not heard in time"
        case .sessionEnded: "ended with its session"
        case .stolen: "was stolen"
        case .cleared: "was cleared"
        }
    }
}

extension Interval {
    /// "12 s", "0.25 s": rounded up, so that nobody reads zero while something is left.
    fileprivate var words: String {
        let milliseconds = (nanoseconds + 999_999) / 1_000_000
        if milliseconds >= 10_000 { return "\((milliseconds + 999) / 1_000) s" }
        let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        guard rest > 0 else { return "\(whole) s" }
        let digits = String(rest + 1_000).dropFirst()
        return "\(whole).\(digits) s"
    }
}
