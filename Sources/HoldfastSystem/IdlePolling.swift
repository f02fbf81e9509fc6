// Whether a loop looks a moment longer before it sleeps, and how long. A thread that sleeps is woken 50 µs late,
// which is most of what a lock costs that is handed over, or that waits for the disk; a thread that looks on burns
// its core. So it looks on only where the latest pauses say that what comes will come soon, never for more than 250
// µs, and not for a while after somebody else wanted its core.

import HoldfastModel

/// What a loop remembers of its pauses.
struct IdlePolling {
    /// Nothing is looked for at all.
    private let isOff: Bool
    /// About how long the latest pauses were, the last one a quarter of it.
    private var pause = Interval.zero
    private var pausesToSkip = 0
    private var skippedLast = 0

    static let lengthMax = Interval(nanoseconds: 250_000)
    /// A pause that is longer says no more than that it was long.
    private static let pauseMax = Interval(nanoseconds: 1_000_000)
    private static let slack = Interval(nanoseconds: 20_000)
    /// Between two looks there is next to nothing; whoever was away for so long had to let somebody else work.
    static let absenceMax = Interval(nanoseconds: 200_000)
    private static let skippedMin = 8
    static let skippedMax = 1_024

    init(isOff: Bool) { self.isOff = isOff }

    /// How long to look on in the pause that begins; zero where it is to sleep at once.
    mutating func length() -> Interval {
        guard !isOff, pause <= IdlePolling.lengthMax else { return .zero }
        guard pausesToSkip == 0 else {
            pausesToSkip -= 1
            return .zero
        }
        let twice = Interval(nanoseconds: pause.nanoseconds * 2)
        return min(twice + IdlePolling.slack, IdlePolling.lengthMax)
    }

    /// A pause is over, whether it was slept or looked through.
    mutating func note(_ length: Interval) {
        let clamped = min(length, IdlePolling.pauseMax).nanoseconds
        pause = Interval(nanoseconds: (pause.nanoseconds * 3 + clamped) / 4)
    }

    /// It looked on, and this was the longest time between two looks.
    ///
    /// Where somebody else wanted the core the next pauses are slept, twice as many each time until one goes well. That
    /// the thread had to yield says less: who is woken by it often starts where it runs, and moves on.
    mutating func lookedOn(awayFor absence: Interval) {
        guard absence > IdlePolling.absenceMax else {
            skippedLast = 0
            return
        }
        skippedLast = min(max(IdlePolling.skippedMin, skippedLast * 2), IdlePolling.skippedMax)
        pausesToSkip = skippedLast
    }
}
