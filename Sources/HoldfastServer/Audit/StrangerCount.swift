// Whoever guesses tokens from many connections must not be able to fill a disk with the lines that say so: after a few
// in a while the others are only counted, and the next line tells how many they were.

import HoldfastModel

/// How many people who were not let in are worth a line.
struct StrangerCount: Sendable {
    private var since = WallTime(microseconds: .min)
    private var told = 0
    private var untold = 0

    static let window = Interval.seconds(10)
    static let toldMax = 10

    /// One more; how many before it were not told, or nil where this one is not either.
    mutating func note(at wall: WallTime) -> Int? {
        let windowMicroseconds = StrangerCount.window.nanoseconds / 1_000
        // The wall clock may be set back.
        if wall < since || wall.microseconds - since.microseconds.clamped >= windowMicroseconds {
            (since, told) = (wall, 0)
        }
        guard told < StrangerCount.toldMax else {
            untold += 1
            return nil
        }
        told += 1
        defer { untold = 0 }
        return untold
    }
}

extension Int64 {
    /// So that a difference to it does not overflow.
    fileprivate var clamped: Int64 { Swift.max(self, .min / 2) }
}
