// When the hub watches: from the first stream until a while after the last. Whoever lost its connection and comes back
// within that while misses nothing; later it is told that nobody knows what it missed.

import HoldfastCoordinator
import HoldfastModel

extension EventHub {
    /// One more stream; returns when every shard is watched, so that nothing behind that is missed.
    ///
    /// Any loop.
    func enter() async {
        await withCheckedContinuation { continuation in
            loop.post { self.enter(continuation) }
        }
    }

    /// One stream less.
    ///
    /// Any loop.
    func leave() {
        loop.post {
            self.state.value.streamCount -= 1
            guard self.state.value.streamCount == 0 else { return }
            self.alarm.set(for: self.loop.reading.now + EventHub.lingering)
        }
    }

    /// Ends the watch when nobody looked on for long, until the task is cancelled.
    ///
    /// On the hub's loop.
    func keepWatch() async {
        while await alarm.rings() {
            if state.value.streamCount == 0, state.value.isWatching { endWatch() }
        }
    }

    private func enter(_ continuation: CheckedContinuation<Void, Never>) {
        state.value.streamCount += 1
        alarm.set(for: .never)
        if !state.value.isWatching { beginWatch() }
        guard state.value.starters != nil else { return continuation.resume() }
        state.value.starters?.append(continuation)
    }

    private func beginWatch() {
        state.value.isWatching = true
        state.value.starters = []
        coordinator.rosters[0].add(self, as: id)
        tellShards(true) {
            let starters = self.state.value.starters ?? []
            self.state.value.starters = nil
            for starter in starters { starter.resume() }
        }
    }

    private func endWatch() {
        state.value.isWatching = false
        state.value.forget(at: loop.reading.wall)
        coordinator.rosters[0].remove(id)
        tellShards(false) {}
    }

    /// `whenAll` is called on the hub's loop when all have done it.
    private func tellShards(_ isOn: Bool, whenAll: @escaping @Sendable () -> Void) {
        let missing = LoopBound(coordinator.map.shards.count, on: loop)
        for shard in coordinator.map.shards {
            shard.watchEverything(isOn, connection: id, number: EventHub.watch) { [loop] in
                loop.post {
                    missing.value -= 1
                    if missing.value == 0 { whenAll() }
                }
            }
        }
    }
}
