// What must hold after every step. Called in debug builds, in the simulator and by tests; it trusts
// nothing and walks everything, so it costs as much as the resource is large.

import HoldfastModel

extension LockState {
    /// Traps where the state contradicts itself; called after every step in debug builds and
    /// simulation.
    package func checkInvariants() {
        tickets.checkInvariants()
        let all = (0..<UInt32(tickets.placeCount)).filter { tickets.contains($0) }
        checkHolders(all)
        checkQueue(all)
        checkRemembered(all)
        checkDeadlines(all)
        checkWaits(all)
        checkSteals(all)
        checkDirectory(all)
        checkStamps(all)
        checkFeed(all)
    }

    // MARK: Who holds

    private func checkHolders(_ all: [UInt32]) {
        let listed = checkList(holders, "holders")
        let heldCount = all.count { tickets[$0].phase == .held }
        precondition(listed.count == heldCount, "the list of holders is not who holds")
        var last = Fence.none
        var permits: UInt32 = 0
        for index in listed {
            precondition(tickets[index].phase == .held, "a listed holder holds nothing")
            precondition(last < tickets[index].fence, "fences do not rise in the order of grant")
            last = tickets[index].fence
            if case .permit(let count, _) = tickets[index].mode { permits += count }
            precondition(shares(tickets[index].mode, heldMode), "holders that do not share")
        }
        precondition(last <= lastFence, "a fence is newer than the last")
        precondition(permits == permitsHeld, "permits miscounted")
        switch heldMode {
        case .exclusive: precondition(listed.count == 1, "an exclusive ticket is not alone")
        case .permit(_, let of): precondition(permits <= of, "more permits than there are")
        case .shared, nil: break
        }
        checkHolderIndex(listed)
    }

    private func shares(_ mode: Mode, _ other: Mode?) -> Bool {
        switch (mode, other) {
        case (.exclusive, .exclusive), (.shared, .shared): true
        case (.permit(_, let of), .permit(_, let otherOf)): of == otherOf
        case (.exclusive, _), (.shared, _), (.permit, _): false
        }
    }

    private func checkHolderIndex(_ listed: [UInt32]) {
        guard extras.value.holders != OrderForest.none else { return }
        var indexed: [UInt32] = []
        extras.value.order.checkInvariants(under: extras.value.holders) { index, key in
            precondition(tickets[index].fence.number == key, "a holder is under another fence")
            indexed.append(index)
        }
        precondition(indexed == listed, "the index of holders is not the list of holders")
    }

    // MARK: Who waits

    private func checkQueue(_ all: [UInt32]) {
        var queued: [UInt32] = []
        var counts = QueueCounts()
        extras.value.order.checkInvariants(under: extras.value.queue) { index, key in
            precondition(tickets[index].phase == .queued, "a ticket in the queue does not wait")
            precondition(tickets[index].orderKey == key, "a ticket stands at another's place")
            queued.append(index)
            counts.add(
                tickets[index].mode,
                isStealer: tickets[index].traits.contains(.stealer),
                1
            )
        }
        let waitingCount = all.count { tickets[$0].phase == .queued }
        precondition(queued.count == waitingCount, "a waiting ticket is not in the queue")
        let kept = extras.value.queued
        precondition(
            counts.shared == kept.shared && counts.permit == kept.permit
                && counts.stealers == kept.stealers && counts.stealerPermits == kept.stealerPermits
                && (counts.permit == 0 || counts.permitOf == kept.permitOf),
            "the queue is miscounted"
        )
        checkCapacity(queued)
        guard let first = queued.first, !isClosed else { return }
        precondition(!fits(tickets[first].mode), "a ticket waits that could be granted")
        precondition(
            overdueVictims(of: first, at: Instant(nanoseconds: .min)) == nil,
            "a stealer waits whose victims are all due"
        )
    }

    private func checkCapacity(_ queued: [UInt32]) {
        var (capacity, hasShared): (UInt32?, Bool) = (nil, false)
        for mode in queued.map({ tickets[$0].mode }) + [heldMode].compactMap({ $0 }) {
            switch mode {
            case .exclusive: break
            case .shared: hasShared = true
            case .permit(_, let of):
                precondition(capacity ?? of == of, "permits of different capacities")
                capacity = of
            }
        }
        precondition(capacity == nil || !hasShared, "shared beside permit")
    }

    // MARK: What is remembered

    private func checkRemembered(_ all: [UInt32]) {
        let listed = checkList(remembered, "remembered tickets")
        let finishedCount = all.count { tickets[$0].phase == .finished }
        precondition(listed.count == finishedCount, "a finished ticket is not in its list")
        precondition(
            listed.allSatisfy { tickets[$0].phase == .finished },
            "a remembered ticket is not over"
        )
        precondition(listed.count <= bounds.retained, "more is remembered than may be")
        for (one, next) in zip(listed, listed.dropFirst()) {
            precondition(tickets[one].until < tickets[next].until, "ends are out of order")
        }
        let noted = all.count { tickets[$0].traits.contains(.noted) }
        precondition(noted == extras.value.endNotes.count, "a note belongs to no ticket")
    }

    private func checkList(_ list: TicketList, _ name: String) -> [UInt32] {
        let forward = list.prefix(tickets.count + 1, in: tickets)
        let backward = list.suffix(tickets.count + 1, in: tickets)
        precondition(forward.count == list.count, "the list of \(name) is miscounted")
        precondition(forward == backward.reversed(), "the list of \(name) is not one list")
        return forward
    }

    // MARK: What is due

    private func checkDeadlines(_ all: [UInt32]) {
        let (heap, live) = (extras.value.deadlines, all.filter { tickets[$0].isLive })
        heap.checkInvariants()
        guard extras.value.isCrowded else {
            precondition(heap.isEmpty && queueLength == 0, "deadlines without a crowd")
            return
        }
        var armed = 0
        for index in live {
            let known = heap.deadline(of: index)
            let due = deadline(of: index)
            precondition(due == .never || known.map { $0 <= due } ?? false, "a deadline is missed")
            if known != nil { armed += 1 }
        }
        precondition(armed == heap.count, "a deadline belongs to no live ticket")
    }

    private func checkWaits(_ all: [UInt32]) {
        extras.value.waits.checkInvariants()
        var count = 0
        for index in all where tickets[index].firstWait != WaitTable.none {
            precondition(tickets[index].phase == .queued, "somebody waits on what is decided")
            for wait in extras.value.waits.waits(from: tickets[index].firstWait) {
                precondition(extras.value.waits[wait].ticket == index, "a wait on another ticket")
                count += 1
            }
        }
        precondition(count == extras.value.waits.count, "a wait belongs to no ticket")
    }

    // MARK: Steals

    private func checkSteals(_ all: [UInt32]) {
        var losingCount = 0
        for index in all {
            let losing = extras.value.steals.losing(index)
            let isLosing = tickets[index].traits.contains(.losing)
            precondition(isLosing == (losing != nil), "a victim is not marked as one")
            guard let losing else { continue }
            losingCount += 1
            precondition(tickets[index].phase == .held, "a victim holds nothing")
            let claimants = Set(losing.claimants.filter(tickets.isWaiting))
            precondition(claimants.count == losing.claimCount, "claims miscounted")
            precondition(losing.claimCount > 0, "a victim of nobody")
        }
        precondition(losingCount == extras.value.steals.losingCount, "victims miscounted")
    }

    // MARK: Finding tickets

    private func checkDirectory(_ all: [UInt32]) {
        let directory = extras.value.directory
        if directory.isKept {
            var keyed = 0
            for index in all {
                guard case .keyed(let request) = tickets[index].texts else { continue }
                keyed += 1
                let found = knownTicket(withKey: request.key, of: tickets[index].owner)
                precondition(found == index, "a key leads to another ticket")
            }
            precondition(keyed == directory.keys.count, "a key leads nowhere")
        }
        guard directory.keepsMine else { return }
        var listed = 0
        for root in directory.mine.values {
            directory.forest.checkInvariants(under: root) { index, _ in
                precondition(tickets[index].isLive, "a finished ticket is somebody's own")
                listed += 1
            }
        }
        precondition(listed == all.count { tickets[$0].isLive }, "own tickets miscounted")
    }

    // MARK: History and positions

    private func checkStamps(_ all: [UInt32]) {
        // As plain numbers: this is sorted after every step.
        var stamps: [Int64] = extras.value.log.entries.map(\.at.nanoseconds)
        for (one, next) in zip(stamps, stamps.dropFirst()) {
            precondition(one < next, "the log is out of order")
        }
        for index in all {
            let ticket = tickets[index]
            if ticket.traits.contains(.waited) { stamps.append(ticket.createdAt.nanoseconds) }
            for stamp in [ticket.grantedAt, ticket.renewedAt] where stamp != .never {
                precondition(ticket.createdAt <= stamp, "granted before it was made")
                stamps.append(stamp.nanoseconds)
            }
            if ticket.phase == .finished { stamps.append(ticket.until.nanoseconds) }
            precondition(ticket.number <= lastNumber, "a number is newer than the last")
        }
        stamps.sort()
        for (one, next) in zip(stamps, stamps.dropFirst()) {
            precondition(one < next, "two things happened at one instant")
        }
        guard let last = stamps.last else { return }
        precondition(last <= lastStamp.nanoseconds, "something happened after the last")
    }

    private func checkFeed(_ all: [UInt32]) {
        extras.value.feed.checkInvariants()
        var followed = 0
        for index in all where tickets[index].traits.contains(.followed) {
            precondition(tickets[index].phase == .queued, "a ticket without a place is followed")
            precondition(extras.value.feed.told[index] != nil, "a follower is not in the feed")
            followed += 1
        }
        precondition(followed == extras.value.feed.followers.count, "followers miscounted")
    }
}
