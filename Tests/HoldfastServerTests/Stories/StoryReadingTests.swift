// A story that is written wrong is told with its line, never half understood.

import HoldfastModel
import Testing

struct StoryReadingTests {
    private func acts(_ lines: String...) throws -> [Story.Act] {
        try Story(reading: "# A story.\n" + lines.joined(separator: "\n") + "\n").lines.compactMap {
            if case .act(let act) = $0.kind { act } else { nil }
        }
    }

    private let ann = Story.Name(text: "ann")

    /// What the reader has against these lines, after one that tells what the story is.
    private func flaw(_ lines: String...) -> StoryFlaw? {
        do throws(StoryFlaw) {
            _ = try Story(reading: "# A story.\n" + lines.joined(separator: "\n"))
            return nil
        } catch {
            return error
        }
    }

    @Test func `everything that clients do is read`() throws {
        let read = try acts(
            "ann connects",
            "ann connects and reads nothing",
            "ann reads",
            "ann sends no more",
            "ann vanishes",
            "ann closes",
            #"ann > {"op":"ping"}"#,
            "ann >> a  b",
            "ann >|",
            "ann >"
        )
        #expect(
            read == [
                .connect(ann, reads: true), .connect(ann, reads: false), .read(ann), .finish(ann),
                .vanish(ann), .close(ann), .send(ann, #"{"op":"ping"}"#, .pause),
                .send(ann, "a  b", .breath), .send(ann, "", .nothing), .send(ann, "", .pause),
            ]
        )
    }

    @Test func `everything that happens to the server is read`() throws {
        let read = try acts(
            "-- 250 ms",
            "-- 1.5 s",
            "-- 2 min",
            "-- 24 h",
            "the server is killed",
            "the server stops",
            "the server starts",
            "the process stands still for 5 s",
            "the wall clock jumps ahead 1 h",
            "the wall clock jumps back 1 s",
            "the disk holds back",
            "the disk goes on",
            "the disk fails"
        )
        #expect(
            read == [
                .pass(.milliseconds(250)), .pass(.milliseconds(1_500)), .pass(.seconds(120)),
                .pass(.day), .kill, .stop, .start, .freeze(.seconds(5)),
                .jumpWall(.seconds(3_600)), .jumpWall(.zero - .seconds(1)),
                .disk(.holdsBack), .disk(.goesOn), .disk(.fails),
            ]
        )
    }

    @Test func `what is told is no act, and remarks stay`() throws {
        let story = try Story(reading: "# A story.\n\nann connects\n# More.\nann < anything\n")
        #expect(
            story.lines.map(\.kind) == [
                .remark, .remark, .act(.connect(ann, reads: true)), .remark, .told,
            ]
        )
        #expect(story.lines.map(\.number) == [1, 2, 3, 4, 5])
    }

    @Test func `settings change the server`() throws {
        let story = try Story(
            reading:
                "# A story.\nwith retain 5 s\nwith limit queue 2\nwith rights ann lock:** read:a\n"
        )
        #expect(story.settings.retain == .seconds(5))
        #expect(story.settings.limits.queue == 2)
        #expect(story.settings.rights == ["ann": ["lock:**", "read:a"]])
    }

    @Test(arguments: [
        ("bob dances", #"a client does not "dances""#),
        ("ann", #"a client does not """#),
        ("ann >{}", #"a client does not ">{}""#),
        ("Bob connects", #""Bob" is no name of a client: small letters"#),
        ("the server explodes", #"nothing here does "the server explodes""#),
        ("-- soon", #""soon" is no time, as 250 ms, 1.5 s, 2 min or 1 h are"#),
        ("-- 5 days", #""5 days" is no time, as 250 ms, 1.5 s, 2 min or 1 h are"#),
        ("-- -1 s", #""-1 s" is no time, as 250 ms, 1.5 s, 2 min or 1 h are"#),
        ("with limit patience 5", #"there is no limit "patience" to set here"#),
        ("with limit lease 5", #"there is no limit "lease" to set here"#),
        ("with limit queue many", #""many" is no number"#),
        ("with luck", #""with luck" is no setting: retain, limit, rights"#),
        ("ann < hello", "nothing happened yet"), ("ann vanishes ", "a space at the end"),
    ])
    func `a line that is not understood is told`(line: String, message: String) {
        #expect(flaw("", line) == StoryFlaw(line: 3, message: message))
    }

    @Test func `a setting that comes too late is told`() {
        #expect(
            flaw("ann connects", "with retain 5 s")
                == StoryFlaw(line: 3, message: "settings come before anything happens")
        )
    }

    @Test(arguments: ["", "ann connects\n", "#\nann connects\n"])
    func `a story that does not say what it tells is no story`(text: String) {
        #expect(
            throws: StoryFlaw(line: 1, message: ##"a story opens with "# " and what it tells"##)
        ) {
            try Story(reading: text)
        }
    }

    @Test(arguments: [
        ("0 ms", Interval.zero), ("250 ms", .milliseconds(250)), ("999 ms", .milliseconds(999)),
        ("1 s", .seconds(1)), ("1.5 s", .milliseconds(1_500)), ("86400 s", .day),
        ("0.0000005 s", Interval(nanoseconds: 500)),
    ])
    func `a time that is written is read as the same`(text: String, interval: Interval) throws {
        if text != "0.0000005 s" { #expect(interval.storyText == text) }
        #expect(try Interval(reading: text[...]) == interval)
        #expect(try Interval(reading: interval.storyText[...]) == interval)
    }
}
