// The runs whose words are in a journal, and how their clocks go over into the clock of this process. An instant means
// nothing in another boot; what both processes know is the wall. So an instant of an earlier run is as long before now
// as it was before the wall's now, by the reading that its run began with.
//
// A wall clock that was set back would make a later run older than an earlier one, and instants order the history. So,
// from now backwards, no run may reach into the one after it: it is moved back until it does not.

import HoldfastModel

/// The runs of a journal, oldest first.
struct RunTable: Sendable {
    private(set) var runs: [Known] = []

    struct Known: Hashable, Sendable {
        var run: FileHeader.Run
        /// The latest instant it wrote, from its beginning, in nanoseconds.
        var latest: Int64 = 0
    }

    var newestNumber: UInt64 { runs.last?.run.number ?? 0 }

    /// The place of a run that a file names; nil where it is older than one before it, or not the same.
    mutating func place(of run: FileHeader.Run) -> Int? {
        if let last = runs.last, run.number <= last.run.number {
            return last.run == run ? runs.count - 1 : nil
        }
        runs.append(Known(run: run))
        return runs.count - 1
    }

    mutating func note(latest: Int64, of place: Int) {
        runs[place].latest = max(runs[place].latest, latest)
    }

    /// For each run, what brings its instants to the clock of `reading`.
    func shifts(to reading: ClockReading) -> [ClockShift] {
        var shifts: [ClockShift] = []
        var limit = reading.now.nanoseconds
        for known in runs.reversed() {
            let age = (reading.wall.microseconds &- known.run.reading.wall.microseconds) &* 1_000
            let byWall = reading.now.nanoseconds &- age
            // Its latest instant stays before the beginning of the run after it.
            let start = min(byWall, limit &- known.latest &- 1)
            shifts.append(ClockShift(nanoseconds: start))
            limit = start
        }
        return shifts.reversed()
    }
}
