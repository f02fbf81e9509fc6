// The requests of a TCP connection that wait: a `lock` or an `acquire` is answered when it is done, in no order. On
// which ticket it waits the client is told when the disk has taken that; at which shard is known from the beginning, so
// that its end is known there at once.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire

extension LineClient {
    /// A `lock` or `acquire` that is answered when it is done.
    struct Wait {
        var id: RequestID
        var ignored: [String]
        /// The shard where it waits; on which ticket is told when the disk has taken that.
        var home: ShardHome?
        var place: WaitPlace?
    }

    var hasRoomForWait: Bool {
        // One that was answered apart keeps its place for as long as an earlier reply waits.
        state.value.waits.count < limits.waits
            && state.value.ring.placeCount < limits.inFlight + limits.waits
    }

    /// A place for a request that waits; nil when the connection has too many.
    func placeWait(_ id: RequestID, ignored: [String], at home: ShardHome?) -> UInt64? {
        guard hasRoomForWait else { return nil }
        let number = state.value.ring.skip()
        state.value.waits[number] = Wait(id: id, ignored: ignored, home: home)
        return number
    }

    func takeWait(_ request: UInt64) -> Wait? {
        guard !state.value.waits.isEmpty else { return nil }
        defer {
            // A connection that once had thousands must not keep their table.
            let isRoomy = state.value.waits.capacity > 64
            if isRoomy, state.value.waits.isEmpty { state.value.waits = [:] }
        }
        return state.value.waits.removeValue(forKey: request)
    }

    func takeWait(_ request: UInt64, on place: WaitPlace) {
        // Taken out and put back: changing it in place costs an allocation for the access.
        if var wait = state.value.waits[request] {
            wait.place = place
            state.value.waits[request] = wait
        }
        switch state.value.phase {
        case .open, .leaving: return
        case .inputEnded, .left, .lingering, .closed: break
        }
        // A dead waiter must never be granted.
        if !state.value.isStopping { place.resource.home.endWaits(of: id, at: [place]) }
    }

    /// Where this client waits, shard by shard, for whoever ends those waits.
    ///
    /// None where a server that stops must end none (rule 27).
    func takeWaits() -> [WaitEnds] {
        guard !state.value.isStopping else { return [] }
        var all: [WaitEnds] = []
        for number in state.value.waits.keys.sorted() {
            guard let wait = state.value.waits[number], let home = wait.home else { continue }
            let known = all.firstIndex { $0.home === home }
            let index = known ?? all.count
            if known == nil { all.append(WaitEnds(at: home)) }
            if let place = wait.place {
                all[index].places.append(place)
                state.value.waits[number]?.place = nil
            } else {
                all[index].withUntold = true
            }
        }
        return all
    }
}
