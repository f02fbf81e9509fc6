// Whoever guesses tokens from many connections, or asks over and over for what it may not do, must not be able to fill
// a disk with the lines that say so: after a few in a while the others are only counted, and the next line tells how
// many they were.

import HoldfastModel

/// How many refusals are worth a line.
struct RefusalCount: Sendable {
    private var since = WallTime(microseconds: .min)
    private var told = 0
    private var untold = 0

    static let window = Interval.seconds(10)
    static let toldMax = 10

    /// Whether the while is over; the wall clock may be set back.
    func isOver(at wall: WallTime) -> Bool {
        let length = RefusalCount.window.nanoseconds / 1_000
        return wall < since || wall.microseconds - since.microseconds.clamped >= length
    }

    /// One more; how many before it were not told, or nil where this one is not either.
    mutating func note(at wall: WallTime) -> Int? {
        if isOver(at: wall) { (since, told) = (wall, 0) }
        guard told < RefusalCount.toldMax else {
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
