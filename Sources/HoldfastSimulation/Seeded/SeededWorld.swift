// A world whose every choice comes from one seed: which loop runs its next piece, when bytes arrive, what happens
// next. Time moves only when nothing can run, to the next thing that is due. The same seed gives the same run,
// byte for byte, in any process: nothing here iterates a dictionary, looks at an address, a clock or another
// thread.
//
// Everything happens on the thread that calls `run`; the class is Sendable because closures of it are, and no lock
// guards it because nobody else ever calls.

package import HoldfastModel

/// Loops, a timeline and chance.
package final class SeededWorld: @unchecked Sendable {
    package let clock = VirtualWorld()
    package var random: SeededGenerator
    private var timeline = Timeline()
    private var loops: [VirtualLoop] = []
    private var paused: Set<ObjectIdentifier> = []
    /// Of 1,000 pieces of a turn, so many end it early.
    package var cutsPerMille = 0
    private(set) var pieceCount = 0
    private var pieceCountBefore = 0
    /// So much happened in one instant that it will never end; nothing runs any more.
    private(set) package var isStuck = false
    private static let piecesOfInstantMax = 1_000_000
    private var lastContinued = Instant.zero

    package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    package var now: Instant { clock.reading.now }

    // MARK: What may run

    package func makeLoop(_ index: Int, clockOffset: Interval = .zero) -> VirtualLoop {
        let loop = clock.makeLoop(index, clockOffset: clockOffset)
        loops.append(loop)
        return loop
    }

    /// Takes the loops of a dead process out, after what they left has come to its end.
    package func remove(_ dead: [VirtualLoop]) {
        clock.runOut(dead)
        loops.removeAll { loop in dead.contains { $0 === loop } }
        for loop in dead { paused.remove(ObjectIdentifier(loop)) }
    }

    /// As SIGSTOP does to a process: none of it runs until it is continued.
    package func pause(_ process: [VirtualLoop], for length: Interval) {
        for loop in process { paused.insert(ObjectIdentifier(loop)) }
        after(length) { [self] in
            for loop in process where paused.remove(ObjectIdentifier(loop)) != nil {
                // Rule 11: such a loop ends no lease before what waited was read.
                if length > .milliseconds(100) { loop.wokeLate() }
            }
            lastContinued = now
        }
    }

    /// Something is held up, or was a moment ago: what is due may be late.
    package var isHeldUp: Bool { !paused.isEmpty || now < lastContinued + .milliseconds(200) }

    /// Lets something happen later; what is due at one instant happens in the order given.
    package func after(_ delay: Interval, _ action: @escaping @Sendable () -> Void) {
        timeline.add(at: now + delay, action)
    }

    // MARK: Running

    /// Lets time pass, with everything that is due on the way.
    package func run(for length: Interval) {
        let end = now + length
        while runNext(before: end) {}
        clock.move(to: max(end, now))
    }

    /// Runs what can run now; false when something is left to do after so many pieces.
    package func settle(pieceMax: Int = 1_000_000) -> Bool {
        for _ in 0..<pieceMax where !runNext(before: now) { return true }
        return false
    }

    /// One piece of one loop, or one entry of the timeline; false when nothing is left before `end`.
    private func runNext(before end: Instant) -> Bool {
        var ready: [VirtualLoop] = []
        for loop in loops where isReady(loop) { ready.append(loop) }
        let isDue = timeline.first.map { $0 <= now } ?? false
        if ready.isEmpty, !isDue { return skip(to: end) }
        pieceCount += 1
        isStuck = isStuck || pieceCount - pieceCountBefore > SeededWorld.piecesOfInstantMax
        if isStuck { return false }
        let choice = ready.count == 1 && !isDue ? 0 : random.below(ready.count + (isDue ? 1 : 0))
        if choice == ready.count {
            timeline.takeFirst()?()
        } else {
            _ = ready[choice].runPiece(cuttingTurn: random.below(1_000) < cutsPerMille)
        }
        return true
    }

    private func isReady(_ loop: VirtualLoop) -> Bool {
        (paused.isEmpty || !paused.contains(ObjectIdentifier(loop))) && loop.isRunnable
    }

    /// Nothing can run now: moves to what is due next.
    private func skip(to end: Instant) -> Bool {
        var next = timeline.first ?? .never
        for loop in loops where !paused.contains(ObjectIdentifier(loop)) {
            next = min(next, loop.nextDeadline ?? .never)
        }
        guard next <= end, next > now, !isStuck else { return false }
        pieceCountBefore = pieceCount
        clock.move(to: next)
        return true
    }

    /// Breaks the circles that loops and their tasks form.
    package func end() {
        remove(loops)
        timeline = Timeline()
    }
}
