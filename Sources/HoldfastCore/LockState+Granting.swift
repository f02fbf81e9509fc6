// Who gets the resource (rules 6, 7, 18): whoever stands first and fits, in the same step in which
// that became true.

import HoldfastModel

extension LockState {
    /// Grants to all that can be granted now; called at the end of every step, and after every
    /// ending by time.
    mutating func settle(
        at reading: ClockReading,
        _ fences: inout FenceCounter,
        _ effects: inout Effects
    ) {
        while let index = nextWaiter, !isClosed {
            if !fits(tickets[index].mode) {
                guard let victims = overdueVictims(of: index, at: reading.now) else { return }
                endStolen(victims, by: index, at: reading, &effects)
            }
            grant(index, at: reading, &fences, &effects)
        }
    }

    private var nextWaiter: UInt32? {
        let (order, queue) = (extras.value.order, extras.value.queue)
        if suffers(.grantsTheSecond),
            let second = order.nodes(after: 1, limit: 1, under: queue).first
        {
            return second
        }
        return order.first(under: queue)
    }

    /// Rule 6: exclusive shares with nobody, shared with shared, permit with permit while permits
    /// last.
    func fits(_ mode: Mode) -> Bool {
        guard let held = heldMode else { return true }
        switch (mode, held) {
        case (.shared, .shared):
            return true
        case (.permit(let count, let of), .permit):
            return permitsHeld + count <= (suffers(.overbooksPermits) ? of + 1 : of)
        case (.shared, .exclusive) where suffers(.sharesExclusive):
            return true
        case (.exclusive, _), (_, .exclusive), (.shared, .permit), (.permit, .shared):
            return false
        }
    }

    private mutating func grant(
        _ index: UInt32,
        at reading: ClockReading,
        _ fences: inout FenceCounter,
        _ effects: inout Effects
    ) {
        leaveQueue(index)
        let fence = spendFence(&fences)
        hold(index, fence, since: stamp(reading.now), at: reading.now)
        let grantedAt = tickets[index].grantedAt
        effects.changes.append(Change(.granted, index, at: grantedAt))
        effects.keep(.granted(ticketIndex: index, fence, at: grantedAt))
        note(.acquired, index, at: tickets[index].grantedAt, reading, &effects)
        tellGrant(index, at: reading, &effects)
        dropClaims(of: index, at: reading, &effects)
        arm(index)
    }

    /// Rule 18: a fence is spent even if its grant is never delivered.
    mutating func spendFence(_ fences: inout FenceCounter) -> Fence {
        if suffers(.repeatsFences), lastFence != .none { return lastFence }
        lastFence = fences.next(above: lastFence)
        return lastFence
    }

    /// Makes a ticket that stands nowhere a holder; its lease starts (rule 10).
    mutating func hold(_ index: UInt32, _ fence: Fence, since stamp: Instant, at now: Instant) {
        unlistMine(index)
        tickets[index].phase = .held
        tickets[index].fence = fence
        tickets[index].grantedAt = stamp
        tickets[index].until = now + tickets[index].lease
        listMine(index)
        holders.append(index, in: &tickets)
        if case .permit(let count, _) = tickets[index].mode { permitsHeld += count }
        indexHolder(index)
    }

    /// Takes a ticket out of the holders; it stands nowhere then.
    mutating func leaveHolders(_ index: UInt32) {
        holders.remove(index, in: &tickets)
        if case .permit(let count, _) = tickets[index].mode { permitsHeld -= count }
        unindexHolder(index)
    }

    /// Puts a ticket into the queue.
    mutating func stand(_ index: UInt32) {
        let (key, weight) = (tickets[index].orderKey, tickets[index].secretLow)
        extras.value.enqueue(index, key: key, weight: weight)
        count(index, 1)
    }

    mutating func leaveQueue(_ index: UInt32) {
        unfollow(index)
        let key = tickets[index].orderKey
        extras.value.dequeue(key: key)
        count(index, -1)
    }

    private mutating func count(_ index: UInt32, _ sign: Int) {
        let isStealer = tickets[index].traits.contains(.stealer)
        let mode = tickets[index].mode
        extras.value.queued.add(mode, isStealer: isStealer, sign)
    }

    func place(of index: UInt32) -> QueuePlace {
        let rank = extras.value.order.rank(of: tickets[index].orderKey, under: extras.value.queue)
        let first = suffers(.miscountsPositions) ? 2 : 1
        return QueuePlace(position: rank + first, queueLength: queueLength)
    }

    /// The next instant of the history: two things that happen here never have the same.
    ///
    /// What happens in one and the same instant is counted on in nanoseconds; `Instant.told` leaves them out.
    mutating func stamp(_ now: Instant) -> Instant {
        lastStamp = max(now, lastStamp + Interval(nanoseconds: 1))
        return lastStamp
    }
}

// MARK: - Many holders by fence

extension LockState {
    /// More holders than this are kept in a tree, too, so that `check` finds a fence among many.
    private static let holdersLookedThrough = 16

    private mutating func indexHolder(_ index: UInt32) {
        if extras.value.holders != OrderForest.none {
            indexHolderByFence(index)
        } else if holders.count > LockState.holdersLookedThrough {
            for holder in holders.prefix(Int(holders.count), in: tickets) {
                indexHolderByFence(holder)
            }
        }
    }

    private mutating func indexHolderByFence(_ index: UInt32) {
        let (fence, weight) = (tickets[index].fence, tickets[index].secretLow)
        extras.value.indexHolder(index, fence: fence, weight: weight)
    }

    private mutating func unindexHolder(_ index: UInt32) {
        guard extras.value.holders != OrderForest.none else { return }
        let fence = tickets[index].fence
        extras.value.unindexHolder(with: fence)
    }

    /// The holder with this fence.
    func holder(with fence: Fence) -> UInt32? {
        guard extras.value.holders == OrderForest.none else {
            let index = extras.value.order.first(from: fence.number, under: extras.value.holders)
            return index.flatMap { tickets[$0].fence == fence ? $0 : nil }
        }
        return holders.prefix(Int(holders.count), in: tickets).first { tickets[$0].fence == fence }
    }
}

extension Instant {
    /// A stamp of the history without the nanoseconds that only keep its order.
    var told: Instant {
        let rest = nanoseconds % 1_000
        return Instant(nanoseconds: nanoseconds - (rest < 0 ? rest + 1_000 : rest))
    }
}
