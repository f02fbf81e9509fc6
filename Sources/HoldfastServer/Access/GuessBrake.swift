// Guessing a token must be slow: whoever shows one that nobody knows waits for the answer, on each connection longer
// with every further one. What else the connection sends waits behind it.

import HoldfastModel

/// The wrong credentials of one connection.
struct GuessBrake: Sendable {
    private let state: LoopBound<State>

    private struct State {
        var count = 0
        var isNew = false
    }

    init(on loop: any Loop) { state = LoopBound(State(), on: loop) }

    /// One more was wrong.
    func note() {
        state.value.count += 1
        state.value.isNew = true
    }

    var wantsPause: Bool { state.value.isNew }

    /// Waits where the last one was wrong.
    func pauseAfterGuess(on loop: any Loop) async {
        guard wantsPause else { return }
        state.value.isNew = false
        let pause = GuessBrake.pause(afterGuesses: state.value.count)
        let alarm = loop.makeAlarm()
        alarm.set(for: loop.reading.now + pause)
        _ = await alarm.rings()
    }

    static func pause(afterGuesses count: Int) -> Interval {
        .milliseconds(min(250 << min(count - 1, 10), 4_000))
    }
}
