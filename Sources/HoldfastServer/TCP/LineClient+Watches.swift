// The watches of a connection (PROTOCOL §5): notices are numbered here, and dropped here when the client does not
// read. They never fill the buffer above its limit, so a client that only watches is not disconnected for being slow;
// it is told how much it missed (rule 32).

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire

extension LineClient {
    /// One `watch` of this connection.
    struct Watch {
        var scope: WatchScope
        /// The number of its last event or of the last one a gap stands for.
        var sequence: UInt64 = 0
        /// Dropped since the last event, and not yet told as a gap.
        var missed: UInt64 = 0
        /// The request that asked for it, once that is answered; what happened before is not told.
        var answeredBy: UInt64?
        /// What happened between the answer and the moment it could be sent.
        var early: [Notice] = []
    }

    /// In the order in which they were made: that of a dictionary differs from run to run.
    var watchedScopes: [(number: UInt64, scope: WatchScope)] {
        state.value.watches.sorted { $0.key < $1.key }.map { ($0.key, $0.value.scope) }
    }

    func addWatch(_ scope: WatchScope) -> UInt64? {
        guard state.value.watches.count < limits.watches else { return nil }
        defer { state.value.nextWatch += 1 }
        state.value.watches[state.value.nextWatch] = Watch(scope: scope)
        return state.value.nextWatch
    }

    /// Every shard knows of the watch: from here on nothing is missed.
    func answerWatch(_ watch: UInt64, to request: UInt64) {
        state.value.watches[watch]?.answeredBy = request
        answer(request, .watching(watch))
    }

    func removeWatch(_ number: UInt64) -> WatchScope? {
        state.value.watches.removeValue(forKey: number)?.scope
    }

    func take(_ notice: Notice, for number: UInt64) {
        guard let request = state.value.watches[number]?.answeredBy else { return }
        guard request < state.value.ring.firstNumber else {
            // The reply that names the watch stands behind another one: its events come after it.
            if state.value.watches[number]?.early.count ?? 0 < LineClient.earlyNoticesMax {
                state.value.watches[number]?.early.append(notice)
            } else {
                state.value.watches[number]?.missed += 1
            }
            return
        }
        tell(notice, of: number)
        mark()
    }

    /// The replies in front were sent: so can be what waited behind the reply to a `watch`.
    func tellEarlyNotices() {
        // Asked first: to sort no names takes memory all the same.
        guard !state.value.watches.isEmpty else { return }
        let first = state.value.ring.firstNumber
        for number in state.value.watches.keys.sorted() {
            guard let watch = state.value.watches[number], !watch.early.isEmpty,
                let request = watch.answeredBy, request < first
            else { continue }
            let missed = watch.missed
            state.value.watches[number]?.early = []
            state.value.watches[number]?.missed = 0
            for notice in watch.early { tell(notice, of: number) }
            state.value.watches[number]?.missed += missed
        }
    }

    /// The client has caught up: it learns what it missed, though nothing new happens.
    func tellGaps() {
        guard !state.value.watches.isEmpty else { return }
        for number in state.value.watches.keys.sorted() {
            guard let missed = state.value.watches[number]?.missed, missed > 0 else { continue }
            if append(gap: missed, of: number, { _ in }) { mark() }
        }
    }

    /// Rule 32: a slow reader loses events and is told how many; it never holds memory without limit.
    private func tell(_ notice: Notice, of number: UInt64) {
        guard let watch = state.value.watches[number] else { return }
        let sequence = watch.sequence + watch.missed + 1
        let isTold = append(gap: watch.missed, of: number) {
            let event = ConnectionEvent.watched(watch: number, sequence: sequence, notice)
            EventWriter.write(event, into: &$0)
        }
        if isTold {
            state.value.watches[number]?.sequence += 1
        } else {
            state.value.watches[number]?.missed += 1
        }
    }

    /// Appends the gap, if there is one, and what `body` writes; nothing where that is too much.
    private func append(gap: UInt64, of number: UInt64, _ body: (inout [UInt8]) -> Void) -> Bool {
        let isTold = state.value.outbound.append(upTo: limits.outboundBytes) {
            if gap > 0 { EventWriter.write(.gap(watch: number, missed: gap), into: &$0) }
            body(&$0)
        }
        guard isTold, gap > 0 else { return isTold }
        state.value.watches[number]?.sequence += gap
        state.value.watches[number]?.missed = 0
        return true
    }

    /// What may wait behind the reply to a `watch`.
    private static let earlyNoticesMax = 1_024
}
