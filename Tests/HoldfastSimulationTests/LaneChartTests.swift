// The drawing of a run, as it stands: whoever changes it reads here what comes of the change.

import HoldfastModel
import HoldfastSimulation
import Testing

struct LaneChartTests {
    /// Two clients and one of the SDK; `c0` holds, loses its connection, and its lease ends.
    private static let trace: [(at: Instant, text: String)] = [
        (1_000_000, "-- server starts"),
        (1_010_500, "c0 connects"),
        (1_010_500, #"c0 > {"id":1,"op":"hello","version":1,"token":"c0"}"#),
        (1_010_500, #"c0 < {"id":1,"ok":true,"server":"holdfast","principal":"c0"}"#),
        (1_200_000, "c1 connects"),
        (1_250_000, #"c0 > {"id":2,"op":"lock","resource":"r/0","holder":"c0.1","lease":0.5}"#),
        (1_250_000, "== r/0 acquired c0.1 #1 fence 17"),
        (
            1_250_000,
            #"c0 < {"id":2,"ok":true,"ticket":"T","resource":"r/0","state":"acquired","fence":17,"lease":0.5,"remaining":0.5}"#
        ),
        (1_300_000, #"c1 > {"id":1,"op":"queue","resource":"r/1","holder":"c1.2","lease":1}"#),
        (
            1_400_000,
            #"c1 > {"id":2,"op":"lock","resource":"r/0","holder":"c1.3","wait":2.5,"key":"k-c1.3"}"#
        ),
        (1_400_000, "== r/0 queued c1.3 #2"),
        (
            1_400_000,
            #"c1 < {"event":"queued","request":2,"ticket":"U","resource":"r/0","position":1,"queueLength":1}"#
        ),
        (1_500_000, "** reset c0"),
        (1_500_000, "c0 lost its connection"),
        (1_750_000, "== r/0 expired c0.1 #1 fence 17"),
        (1_750_000, "== r/0 acquired c1.3 #2 fence 18"),
        (
            1_750_000,
            #"c1 < {"id":2,"ok":true,"ticket":"U","resource":"r/0","state":"acquired","fence":18,"remaining":30,"waited":0.35}"#
        ),
        (1_800_000, "** serverPause 2.5 s"),
        (4_300_000, #"c1 > {"id":3,"op":"release","ticket":"U"}"#),
        (4_300_000, "== r/0 released c1.3 #2 fence 18"),
        (4_310_000, "s0 c100.4: not reachable"),
    ].map { (Instant(nanoseconds: $0 * 1_000), $1) }

    @Test func `a run is drawn with a lane for the server and for each client`() {
        let rows = LaneChart.rows(of: LaneChartTests.trace)
        #expect(rows.joined(separator: "\n") == LaneChartTests.wholeRun)
    }

    @Test func `a violation is drawn below what happened on its resource before`() {
        let violation = Violation(
            check: "exclusion",
            text: "c1.3 trusts its lock",
            at: Instant(nanoseconds: 1_760_000_000),
            resource: "r/0"
        )
        let rows = LaneChart.rows(before: violation, in: LaneChartTests.trace, limit: 5)
        #expect(rows.joined(separator: "\n") == LaneChartTests.endOfRun)
    }

    private static let wholeRun = """
                  ms  server                              c0                                c1                                s0
            1000.000  -- server starts
            1010.500                                      │ connects
                                                          │ > hello
                                                          │ < hello
            1200.000                                      │                                 │ connects
            1250.000                                      │ > lock c0.1 r/0 lease 0.5       │
                      r/0 acquired c0.1 #1 fence 17       ┃                                 │
                                                          ┃ < lock c0.1 acquired 0.5 s      │
            1300.000                                      ┃                                 │ > queue c1.2 r/1 lease 1
            1400.000                                      ┃                                 │ > lock c1.3 r/0 wait 2.5 key
                      r/0 queued c1.3 #2                  ┃                                 │
                                                          ┃                                 │ < ! queued c1.3 at 1
            1500.000                                      ┃ ** reset                        │
                                                          ┃ lost its connection             │
            1750.000  r/0 expired c0.1 #1 fence 17                                          │
                      r/0 acquired c1.3 #2 fence 18                                         ┃
                                                                                            ┃ < lock c1.3 acquired 30 s
            1800.000  ** serverPause 2.5 s                                                  ┃
                   ⋮                                                                        ┃
            4300.000                                                                        ┃ > release c1.3
                      r/0 released c1.3 #2 fence 18                                         │
            4310.000                                                                        │                                   c100.4: not reachable
        """

    private static let endOfRun = """
                  ms  server                              c0                                c1
            1500.000                                      ┃ ** reset                        │
                                                          ┃ lost its connection             │
            1750.000  r/0 expired c0.1 #1 fence 17                                          │
                      r/0 acquired c1.3 #2 fence 18                                         ┃
                                                                                            ┃ < lock c1.3 acquired 30 s
            1760.000  ✗ exclusion: c1.3 trusts its lock
        """
}
