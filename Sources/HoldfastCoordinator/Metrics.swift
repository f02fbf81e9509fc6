// What a shard counts. Plain integers on its loop; whoever asks adds the shards up.

import HoldfastCore
package import HoldfastModel
import Synchronization

/// Counts of one loop since its start, and what is there now.
package struct Metrics: Hashable, Sendable {
    package var held = 0
    package var waiting = 0
    package var granted = 0
    package var released = 0
    package var expired = 0
    package var lost = 0
    package var stolen = 0
    package var requests = 0
    package var bytesIn = 0
    package var bytesOut = 0
    package var answers = RequestCounts()
    /// Of tickets that were granted, also of those that did not wait.
    package var waits = DurationHistogram.ofTickets
    /// Of tickets that held, however that ended.
    package var holds = DurationHistogram.ofTickets
    var depths = QueueDepths()
    /// Handed to the journal, and answered by it.
    package var batches = 0
    package var batchedEntries = 0
    /// From the handing over of a batch to the word that it is durable.
    package var appends = DurationHistogram.ofDisks
    /// The longest queue; of several loops the longest of all.
    package var queueDepthMax = 0

    package init() {}

    /// What happened before a restart is not counted among what happened since.
    mutating func forgetTotals() {
        var fresh = Metrics()
        (fresh.held, fresh.waiting, fresh.depths) = (held, waiting, depths)
        self = fresh
    }

    mutating func count(_ change: borrowing Change) {
        switch change.kind {
        case .queued:
            change.owner?.liveTickets.wrappingAdd(1, ordering: .relaxed)
            waiting += 1
        case .grantedAtOnce:
            change.owner?.liveTickets.wrappingAdd(1, ordering: .relaxed)
            countGrant()
        case .granted:
            waiting -= 1
            countGrant()
        case .ended:
            change.owner?.liveTickets.wrappingSubtract(1, ordering: .relaxed)
            if change.wasHeld { held -= 1 } else { waiting -= 1 }
            count(change.ending, wasHeld: change.wasHeld)
        case .forgotten:
            return
        }
    }

    /// The two that go the short way.
    @inline(__always)
    mutating func countGrantAtOnce(to owner: Owner) {
        owner.liveTickets.wrappingAdd(1, ordering: .relaxed)
        countGrant()
        waits.note(.zero)
    }

    @inline(__always)
    mutating func countRelease(by owner: Owner, after time: Interval) {
        owner.liveTickets.wrappingSubtract(1, ordering: .relaxed)
        held -= 1
        released += 1
        holds.note(time)
    }

    private mutating func countGrant() {
        held += 1
        granted += 1
    }

    private mutating func count(_ ending: Ending, wasHeld: Bool) {
        switch ending {
        case .released: released += 1
        case .expired: expired += 1
        case .stolen: stolen += 1
        case .cancelled, .timedOut, .abandoned, .sessionEnded, .cleared: break
        }
        // Lost is every end of a held ticket that its owner did not ask for.
        if wasHeld, ending != .released { lost += 1 }
    }

    package mutating func add(_ other: Metrics) {
        held += other.held
        waiting += other.waiting
        granted += other.granted
        released += other.released
        expired += other.expired
        lost += other.lost
        stolen += other.stolen
        requests += other.requests
        bytesIn += other.bytesIn
        bytesOut += other.bytesOut
        answers.add(other.answers)
        waits.add(other.waits)
        holds.add(other.holds)
        batches += other.batches
        batchedEntries += other.batchedEntries
        appends.add(other.appends)
        queueDepthMax = max(queueDepthMax, other.depths.deepest)
    }
}
