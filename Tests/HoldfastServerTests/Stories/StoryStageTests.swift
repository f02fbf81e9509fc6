// The driver of the stories itself: what does not go as the file tells is found and shown, and time is cut where
// something comes.

import HoldfastModel
import Testing

struct StoryStageTests {
    private func play(_ lines: [String]) throws -> [String] {
        try StoryStage.play(
            try Story(reading: (["# A story."] + lines).joined(separator: "\n")),
            loopCount: 2
        )
    }

    /// Where a story cannot go on.
    private func flaw(_ lines: String...) throws -> StoryFlaw? {
        do {
            _ = try play(lines)
            return nil
        } catch let flaw as StoryFlaw {
            return flaw
        }
    }

    private let story = [
        "ann connects", #"ann > {"id":1,"op":"queue","resource":"a","lease":10,"notify":"none"}"#,
        #"ann > {"id":2,"op":"queue","resource":"a","lease":5}"#, "-- 30 s",
        #"ann > {"id":3,"op":"check","ticket":"<ticket 2>"}"#,
    ]

    @Test func `time is cut where something comes, and ids get names`() throws {
        #expect(
            try play(story) == [
                "# A story.", story[0], story[1],
                #"ann < {"id":1,"ok":true,"ticket":"<ticket 1>","resource":"a","state":"acquired","fence":1790000000000001,"lease":10,"remaining":10}"#,
                story[2],
                #"ann < {"id":2,"ok":true,"ticket":"<ticket 2>","resource":"a","state":"queued","lease":5,"position":1,"queueLength":1}"#,
                "-- 10 s",
                #"ann < {"event":"acquired","ticket":"<ticket 2>","resource":"a","fence":1790000000000002,"lease":5,"remaining":5,"waited":10}"#,
                "-- 5 s",
                #"ann < {"event":"lost","ticket":"<ticket 2>","resource":"a","ended":"expired"}"#,
                "-- 15 s", story[4], #"ann < {"id":3,"ok":true,"valid":false,"state":"released"}"#,
            ]
        )
    }

    @Test func `a transcript played again comes out the same`() throws {
        let transcript = try play(story)
        #expect(try play(Array(transcript.dropFirst())) == transcript)
    }

    @Test func `a story that goes otherwise is shown beside what it tells`() throws {
        let file =
            ["# A story.", "ann connects"]
            + (1...9).map { #"ann > {"id":\#($0),"op":"unwatch","watch":1}"# }
            + [#"ann > {"id":10,"op":"queue","resource":"a"}"#, "ann < something else", "-- 1 s"]
        var expected = try play(Array(file.dropFirst()))
        let came = try #require(expected.firstIndex { $0.contains(#""id":10,"ok":true"#) })
        expected[came] = "ann < something else"
        let actual = try play(Array(expected.dropFirst()))
        let difference = try #require(StoryDifference(from: expected, to: actual))
        #expect(
            "\(difference)" == """
                     …
                  19   \(expected[18])
                  20   \(expected[19])
                  21   ann > {"id":10,"op":"queue","resource":"a"}
                  22 - ann < something else
                     + \(actual[21])
                  23   -- 1 s
                """
        )
    }

    @Test func `what is the same shows no difference`() {
        #expect(StoryDifference(from: ["a", "b"], to: ["a", "b"]) == nil)
    }

    @Test(arguments: [
        (["a"], ["a", "b"], "   1   a\n     + b"), (["a", "b"], ["b"], "   1 - a\n   2   b"),
        (["a", "b"], ["b", "a"], "   1 - a\n   2   b\n     + a"), ([], ["a"], "     + a"),
    ])
    func `every difference is shown in its place`(
        expected: [String],
        actual: [String],
        text: String
    ) {
        let shown = StoryDifference(from: expected, to: actual).map { "\($0)" } ?? ""
        #expect(shown == text)
    }

    @Test func `a story that cannot go on is told with its line`() throws {
        #expect(
            try flaw("ann > {}") == StoryFlaw(line: 2, message: "ann is not connected")
        )
        #expect(
            try flaw("ann connects", "ann connects")
                == StoryFlaw(line: 3, message: "ann is connected already")
        )
        #expect(
            try flaw("ann connects", #"ann > {"op":"status","ticket":"<ticket 1>"}"#)
                == StoryFlaw(line: 3, message: "it names a ticket that nobody has seen yet")
        )
        #expect(
            try flaw("the server is killed", "ann connects")
                == StoryFlaw(line: 3, message: "no server runs")
        )
        #expect(
            try flaw("the server starts")
                == StoryFlaw(line: 2, message: "the server still runs")
        )
    }

    @Test func `a connection that the server closed is over, and one that broke is broken`() throws
    {
        let lines = try play(["ann connects", "the server stops"])
        #expect(lines.last == "ann < (end)")
        #expect(try play(["ann connects", "the server is killed"]).last == "ann < (broken)")
    }
}
