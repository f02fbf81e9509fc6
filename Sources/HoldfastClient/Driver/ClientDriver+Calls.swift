// Whoever waits for something: an answer, a lock, the next event.

import HoldfastModel

extension ClientDriver {
    /// Asks, and waits for what comes of it.
    ///
    /// A call that is shielded goes on in a cancelled task.
    func perform(
        _ request: Request,
        for purpose: Call.Purpose = .caller,
        isShielded: Bool = false
    ) async -> Result<Outcome, HoldfastError> {
        let call = expect(machine.submit(request, for: purpose, at: now))
        return await outcome(of: call, isShielded: isShielded)
    }

    func renew(
        _ hold: HoldID,
        lease: Interval?
    ) async -> Result<Outcome, HoldfastError>? {
        guard let call = machine.renew(hold, lease: lease, at: now) else { return nil }
        return await outcome(of: expect(call), isShielded: false)
    }

    /// Nil where the lock is kept no more.
    func release(
        _ hold: HoldID,
        reason: String?
    ) async -> Result<Outcome, HoldfastError>? {
        guard let call = machine.release(hold, reason: reason, at: now) else { return nil }
        holds.removeValue(forKey: hold)?.end()
        return await outcome(of: expect(call), isShielded: true)
    }

    /// Gives back a lock whose handle nobody has any more.
    nonisolated func forget(_ hold: HoldID) {
        loop.post { self.assumeIsolated { $0.releaseUnattended(hold) } }
    }

    private func releaseUnattended(_ hold: HoldID) {
        guard machine.release(hold, reason: nil, at: now) != nil else { return }
        holds.removeValue(forKey: hold)?.end()
        settleUp()
    }

    /// Says that somebody will wait for the call, in the same breath in which it was made.
    private func expect(_ call: CallID) -> CallID {
        waits[call] = .expected
        settleUp()
        return call
    }

    private func outcome(
        of call: CallID,
        isShielded: Bool
    ) async -> Result<Outcome, HoldfastError> {
        guard !isShielded else { return await park(call) }
        return await withTaskCancellationHandler {
            await park(call)
        } onCancel: {
            // On the cancelling thread, maybe before the wait is registered: it only posts.
            loop.post { self.assumeIsolated { $0.cancel(call) } }
        }
    }

    private func park(_ call: CallID) async -> Result<Outcome, HoldfastError> {
        await withCheckedContinuation { continuation in
            if case .answered(let outcome)? = waits[call] {
                waits[call] = nil
                continuation.resume(returning: outcome)
            } else {
                waits[call] = .parked(continuation)
            }
        }
    }

    private func cancel(_ call: CallID) {
        machine.cancel(call, at: now)
        settleUp()
    }

    // MARK: Events

    /// Events of this client's tickets from now on.
    func events(bufferedUpTo limit: Int) -> EventStream<LockEvent> {
        lastFeed += 1
        let id = lastFeed
        let (stream, feed) = EventFeed<LockEvent>.make(limit: limit) {
            .gap(missed: $0)
        } onEnd: {
            [loop, weak self] in
            loop.post { self?.assumeIsolated { $0.feeds[id] = nil } }
        }
        if machine.isOver { feed.finish() } else { feeds[id] = feed }
        return stream
    }

    func watch(
        _ topic: WatchTopic,
        bufferedUpTo limit: Int
    ) async -> (EventStream<WatchEvent>, Result<Outcome, HoldfastError>) {
        let (watch, call) = machine.watch(topic, at: now)
        let (stream, feed) = EventFeed<WatchEvent>.make(limit: limit) {
            .gap(missed: $0)
        } onEnd: {
            [loop, weak self] in
            loop.post { self?.assumeIsolated { $0.unwatch(watch) } }
        }
        // Before the answer: the first event may come with it.
        watches[watch] = feed
        return (stream, await outcome(of: expect(call), isShielded: false))
    }

    private func unwatch(_ watch: WatchID) {
        watches[watch] = nil
        machine.unwatch(watch, at: now)
        settleUp()
    }
}
