// Every story of `Scenarios` goes as its file tells, on one loop and on several: which loop a resource lives on must
// not show.
//
// After a change that is meant to show, `HOLDFAST_REWRITE_SCENARIOS=1 swift test --filter StoryTests` writes what came
// over the files. That run fails where anything changed: whoever asked for it reads the difference, holds it against
// SEMANTICS.md and PROTOCOL.md, and runs the tests again without the variable.

import Testing

struct StoryTests {
    @Test(arguments: StoryFile.all, [2, 1, 3])
    func `a story goes as its file tells`(file: StoryFile, loopCount: Int) async throws {
        try await onOwnThread { _ in
            let story = try Story(reading: file.text)
            let transcript = try StoryStage.play(story, loopCount: loopCount)
            guard let difference = StoryDifference(from: file.lines, to: transcript) else { return }
            if StoryFile.isRewriting, loopCount == 2 {
                try file.rewritten(with: transcript).write()
            }
            Issue.record("\(file.name) on \(loopCount) loops\n\(difference)")
        }
    }

    @Test func `there are stories to play`() {
        #expect(StoryFile.all.count >= 50)
    }

    @Test func `a file that is written again as it is stays the same`() {
        for file in StoryFile.all {
            #expect(file.rewritten(with: file.lines).text == file.text, "\(file.name)")
        }
        let file = StoryFile(name: "a.txt", text: "# A.\n\nann connects")
        #expect(
            file.rewritten(with: file.lines + ["-- 1 s"]).text == "# A.\n\nann connects\n-- 1 s\n"
        )
    }
}
