// What other threads hand to a loop. The lock is held to move values, never to run them; whether the loop
// sleeps is decided under the same lock, so no hand-over falls between "nothing there" and "asleep".

/// The locked part of a loop.
struct Inbox {
    /// Where a loop is in its life.
    enum Phase {
        /// Not started, or running: takes everything.
        case open
        /// Was asked to stop: takes everything still, ends when nothing is left.
        case stopping
        /// The thread is gone: nothing would run any more.
        case stopped
    }

    var phase = Phase.open
    var jobs: [UnownedJob] = []
    var posts: [@Sendable () -> Void] = []
    /// Whether the loop sleeps in the kernel, or is about to, and wants one wake-up.
    var isAsleep = false

    var isEmpty: Bool { jobs.isEmpty && posts.isEmpty }

    /// True once per sleep: whoever gets it wakes the loop.
    mutating func takeWakeUp() -> Bool {
        defer { isAsleep = false }
        return isAsleep
    }
}
