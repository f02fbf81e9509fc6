// How instants of several runs go over into one clock.

import HoldfastModel
import Testing

@testable import HoldfastJournal

struct RunTableTests {
    private let now = ClockReading(
        now: Instant(nanoseconds: 1_000_000),
        wall: WallTime(microseconds: 50_000)
    )

    private func shifts(_ runs: [(wall: Int64, latest: Int64)]) -> [Int64] {
        var table = RunTable()
        for (index, run) in runs.enumerated() {
            let reading = ClockReading(
                now: Instant(nanoseconds: 99),
                wall: WallTime(microseconds: run.wall)
            )
            let place = table.place(
                of: FileHeader.Run(number: UInt64(index + 1), reading: reading)
            )
            #expect(place == index)
            table.note(latest: run.latest, of: index)
        }
        return table.shifts(to: now).map(\.nanoseconds)
    }

    @Test(
        arguments: [
            // As long before now as the wall says.
            ([(40_000, 5)], [-9_000_000]),
            ([(30_000, 0), (40_000, 0)], [-19_000_000, -9_000_000]),
            // A run that would reach beyond now is moved back until it does not.
            ([(50_000, 10)], [999_989]),
            ([(60_000, 0)], [999_999]),
            // The later run is the older one by the wall: the earlier is moved before it.
            ([(45_000, 7), (40_000, 0)], [-9_000_008, -9_000_000]),
            // All three in a row.
            ([(60_000, 1), (60_000, 2), (60_000, 3)], [999_991, 999_993, 999_996]),
        ] as [([(Int64, Int64)], [Int64])]
    )
    func `runs keep their order and stay before now`(
        runs: [(wall: Int64, latest: Int64)],
        expected: [Int64]
    ) {
        #expect(shifts(runs) == expected)
    }

    @Test
    func `a run that is older than the one before it, or another of its number, has no place`() {
        var table = RunTable()
        let run = FileHeader.Run(number: 4, reading: now)
        #expect(table.place(of: run) == 0)
        #expect(table.place(of: run) == 0)
        #expect(table.place(of: FileHeader.Run(number: 3, reading: now)) == nil)
        var other = run
        other.reading.wall.microseconds += 1
        #expect(table.place(of: other) == nil)
    }
}
