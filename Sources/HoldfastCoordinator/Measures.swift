// What a server measures of itself, put together when somebody asks: the counts of all loops, how long each of them
// lets others wait, and what the disk does.

import HoldfastCore
package import HoldfastModel

/// One look at a server.
package struct Measures: Sendable {
    package var stats: StatsAnswer
    /// Of all loops together.
    package var metrics: Metrics
    /// By the number of the loop.
    package var loopLags: [DurationHistogram]
    /// Nil where nothing is written to a disk.
    package var syncs: DurationHistogram?
}

extension Metrics {
    /// Notes how long tickets waited and held, and what that makes of the queue.
    mutating func measure(_ changes: [Change], of state: borrowing LockState) {
        var growth = 0
        // By index: a change that is bound to a name is copied.
        for index in changes.indices {
            switch changes[index].kind {
            case .queued:
                growth += 1
            case .grantedAtOnce:
                waits.note(.zero)
            case .granted:
                growth -= 1
                let (ticket, instant) = (changes[index].ticketIndex, changes[index].at)
                if let age = state.age(ofTicket: ticket, at: instant) { waits.note(age) }
            case .ended where changes[index].wasHeld:
                let (ticket, instant) = (changes[index].ticketIndex, changes[index].at)
                if let time = state.holdingTime(ofTicket: ticket, at: instant) { holds.note(time) }
            case .ended:
                growth -= 1
            case .forgotten:
                continue
            }
        }
        guard growth != 0 else { return }
        let length = state.queueLength
        depths.change(from: length - growth, to: length)
    }

    mutating func noteAppend(of entryCount: Int, took: Interval) {
        batches += 1
        batchedEntries += entryCount
        appends.note(took)
    }
}
