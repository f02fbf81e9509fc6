// The invariants at the end of SEMANTICS.md, asked of what the core shows without the second model's help:
// should both be wrong in the same way, these still speak.

import HoldfastCore
import HoldfastModel

extension Duel {
    /// What must hold in every state, and between two states.
    func checkInvariants(of shown: Shown, before: Fence) throws(Disagreement) {
        let modes = shown.holders.map(\.mode)
        try demand(modes.count == 1 || !modes.contains(.exclusive), "exclusive is held alone")
        try demand(permitsFit(modes), "permits held are at most N, and never beside shared")
        let fences = shown.holders.compactMap { $0.fence?.number }
        try demand(fences.count == modes.count, "every holder has a fence")
        try demand(zip(fences, fences.dropFirst()).allSatisfy(<), "fences rise in grant order")
        try demand(fences.last ?? 0 <= shown.fence.number, "the last fence is the highest")
        try demand(before <= shown.fence, "fences never fall")
        try checkQueue(of: shown)
    }

    private func permitsFit(_ modes: [Mode]) -> Bool {
        var counts: [UInt32] = []
        var capacities: Set<UInt32> = []
        for case .permit(let count, let of) in modes {
            counts.append(count)
            capacities.insert(of)
        }
        guard let capacity = capacities.first else { return true }
        let isAlone = counts.count == modes.count && capacities.count == 1
        return isAlone && counts.reduce(0, +) <= capacity
    }

    /// Positions count from 1; the first waits only because it does not fit or the resource is closed.
    private func checkQueue(of shown: Shown) throws(Disagreement) {
        for (index, waiter) in shown.queue.enumerated() {
            let place = QueuePlace(position: index + 1, queueLength: shown.queueLength)
            try demand(waiter.standing == .queued(place), "positions count from 1")
        }
        let hasNoticedTime = model.nextDeadline > now
        guard let first = shown.queue.first, shown.closedFor == nil, hasNoticedTime else { return }
        let modes = shown.holders.map(\.mode) + [first.mode]
        let fits = modes.count == 1 || !modes.contains(.exclusive) && permitsFit(modes)
        try demand(!fits, "what fits and is first does not wait")
    }

    private func demand(_ holds: Bool, _ what: String) throws(Disagreement) {
        guard !holds else { return }
        throw Disagreement(text: "broken: \(what)")
    }
}
