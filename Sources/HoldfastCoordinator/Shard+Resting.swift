// Resources where nothing happens go to rest, to a third of their memory. A hand goes round over the handles, a part of
// them at a time and a few in one turn of the loop; it stops when a whole round found none that rests or may rest soon,
// so that a shard with nothing to do does nothing.

import HoldfastModel

/// Where the hand is.
struct RestingRound {
    fileprivate(set) var isRunning = false
    fileprivate var hand = 0
    /// Since one was found that rests or may rest soon.
    fileprivate var foundNoneFor = 0
    /// Whether many of those it came to last went to rest: then it goes faster.
    fileprivate var isFruitful = false
}

extension Shard {
    /// A resource is left in peace so long before it rests: waking it again costs a part of what a request does.
    static let quietBeforeRest = Interval.milliseconds(250)

    /// How often the hand goes on, and in how many goes it comes round.
    private static let usualPace = (pause: Interval.milliseconds(500), parts: 8)
    /// The same where it is worth it.
    private static let fastPace = (pause: Interval.milliseconds(250), parts: 1)
    private static let looksMin = 1_024
    private static let looksPerTurn = 512
    /// To pass one that rests, or a free handle, costs this part of a look at one that is awake.
    private static let passesPerLook = 32

    /// Called after whatever may leave a resource that could rest; the hand may have passed it just before.
    @inline(__always)
    func beginRound() {
        round.foundNoneFor = 0
        if !round.isRunning { startRound() }
    }

    private func startRound() {
        round.isRunning = true
        planRound()
    }

    private func planRound() {
        let pause = round.isFruitful ? Shard.fastPace.pause : Shard.usualPace.pause
        desk.value.clock.arm(round: loop.reading.now + pause)
    }

    /// Goes on with the round, if it is time.
    func goRound() async {
        guard desk.value.clock.takeRound(at: reading.now) else { return }
        let parts = round.isFruitful ? Shard.fastPace.parts : Shard.usualPace.parts
        let restingBefore = table.restingCount
        let awakeBefore = table.count - restingBefore
        var looksLeft = max(awakeBefore / parts, Shard.looksMin)
        var handlesLeft = table.handleCount
        while looksLeft > 0, handlesLeft > 0, round.foundNoneFor < table.handleCount {
            let quiet = Shard.quietBeforeRest.nanoseconds
            let quietSince = Instant(nanoseconds: loop.reading.now.nanoseconds - quiet)
            let handles = min(handlesLeft, Shard.looksPerTurn * Shard.passesPerLook)
            let done = look(quietSince: quietSince, handles: handles)
            looksLeft -= done.looks
            handlesLeft -= done.handles
            await loop.letOthersRun()
        }
        let looks = min(awakeBefore, max(awakeBefore / parts, Shard.looksMin))
        round.isFruitful = (table.restingCount - restingBefore) * 4 > looks
        round.isRunning = round.foundNoneFor < table.handleCount
        if round.isRunning { planRound() }
    }

    /// As far as the hand goes in one turn.
    private func look(quietSince: Instant, handles: Int) -> (looks: Int, handles: Int) {
        var (looks, passed) = (0, 0)
        while looks < Shard.looksPerTurn, passed < handles,
            round.foundNoneFor < table.handleCount
        {
            if round.hand >= table.handleCount { round.hand = 0 }
            let phase = table.letRest(round.hand, quietSince: quietSince)
            round.foundNoneFor = phase.isHopeful ? 0 : round.foundNoneFor + 1
            if phase != .passed { looks += 1 }
            round.hand += 1
            passed += 1
        }
        return (looks, passed)
    }
}

extension RestingPhase {
    /// Whether it is worth another round.
    fileprivate var isHopeful: Bool {
        switch self {
        case .now, .later: true
        case .never, .passed: false
        }
    }
}
