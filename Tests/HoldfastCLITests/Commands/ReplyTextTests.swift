// Replies as people read them: golden texts over replies as the server writes them.

import HoldfastCLI
import HoldfastModel
import HoldfastWire
import Testing

struct ReplyTextTests {
    private func lines<Command: SimpleCommand>(
        _ command: Command.Type,
        _ reply: String
    ) throws -> String {
        Command.text(of: try JSONValue(parsing: reply), style: .plain).joined(separator: "\n")
    }

    @Test func `a lock shows its state first and every field in the server's order`() throws {
        let reply = """
            {"id":1,"ok":true,"ticket":"T","resource":"a/b","state":"acquired","fence":7,"lease":30,\
            "remaining":29.5,"waited":1.25,"news":"x"}
            """
        #expect(
            try lines(LockCommand.self, reply) == """
                acquired a/b
                  ticket     T
                  fence      7
                  lease      30 s
                  remaining  29 s
                  waited     1.25 s
                  news       x
                """
        )
    }

    @Test func `a queued ticket shows its place`() throws {
        let reply = """
            {"ok":true,"ticket":"T","resource":"a","state":"queued","lease":5,"position":2,\
            "queueLength":3}
            """
        #expect(
            try lines(QueueCommand.self, reply) == """
                queued a
                  ticket       T
                  lease        5 s
                  position     2
                  queueLength  3
                """
        )
    }

    @Test func `a poll that finds it queued is not acquired`() throws {
        let queued = try JSONValue(parsing: #"{"ok":true,"acquired":false,"state":"queued"}"#)
        let held = try JSONValue(parsing: #"{"ok":true,"acquired":true,"state":"acquired"}"#)
        #expect(AcquireCommand.exitCode(of: queued) == .notAcquired)
        #expect(AcquireCommand.exitCode(of: held) == .done)
        // Its answer does not name the resource.
        let text = try lines(AcquireCommand.self, #"{"acquired":false,"state":"queued"}"#)
        #expect(text.hasPrefix("queued\n"))
    }

    @Test func `only a present holder passes the check`() throws {
        let yes = try JSONValue(parsing: #"{"ok":true,"valid":true,"fence":7}"#)
        let no = try JSONValue(parsing: #"{"ok":true,"valid":false,"fence":8}"#)
        #expect(CheckCommand.exitCode(of: yes) == .done)
        #expect(CheckCommand.exitCode(of: no) == .refused)
        #expect(
            try lines(CheckCommand.self, #"{"valid":false,"fence":8}"#) == "not valid\n  fence  8"
        )
    }

    @Test func `a release says how it ended and whether it had before`() throws {
        #expect(try lines(ReleaseCommand.self, #"{"ended":"released"}"#) == "released")
        #expect(
            try lines(ReleaseCommand.self, #"{"ended":"cancelled","already":true}"#)
                == "cancelled (before)"
        )
    }

    @Test func `a list shows holders, queue and what was`() throws {
        let view = #""mode":"exclusive","owner":"ada","holder":"ci","reason":"deploy""#
        let reply = """
            {"resource":"a","mode":"exclusive","holders":[{"ticket":"T",\(view),"fence":7,\
            "remaining":12,"acquiredAt":"2026-11-21T10:00:00.123Z"}],"holderCount":1,"queue":[\
            {"mode":"shared","owner":"bob","position":1,"createdAt":"2026-11-21T10:00:05.000Z"}],\
            "queueLength":9,"recent":[],"fence":7}
            """
        #expect(
            try lines(ListCommand.self, reply) == """
                a: exclusive

                holders
                  fence  mode       remaining  since                owner  holder  reason
                      7  exclusive       12 s  2026-11-21 10:00:00  ada    ci      deploy

                queue (1 of 9)
                  position  mode    since                owner
                         1  shared  2026-11-21 10:00:05  bob
                """
        )
    }

    @Test func `resources show the holder's label and where to go on`() throws {
        let reply = """
            {"resources":[{"resource":"a/b","mode":"permit","of":4,"holders":2,"queueLength":3,\
            "fence":9,"oldestWait":61,"holder":{"owner":"ada","label":"ci-7","age":5.5,\
            "remaining":20}},{"resource":"a/c","mode":"shared","holders":1,"queueLength":0,\
            "fence":2,"oldestWait":0}],"next":"a/c"}
            """
        #expect(
            try lines(ResourcesCommand.self, reply) == """
                resource  mode          holders  queue  oldest wait  held for  holder
                a/b       permits of 4        2      3     1 m 01 s     5.5 s  ci-7
                a/c       shared              1      0
                more: --after 'a/c'
                """
        )
        #expect(try lines(ResourcesCommand.self, #"{"resources":[]}"#) == "nothing is locked")
    }

    @Test func `history is a table of what happened`() throws {
        let reply = """
            {"history":[{"at":"2026-11-21T10:00:00.000Z","event":"stolen","number":3,"owner":"ada",\
            "fence":7,"by":"ops","reason":"hotfix"}]}
            """
        #expect(
            try lines(HistoryCommand.self, reply) == """
                at                   event   ticket  owner  fence  by   reason
                2026-11-21 10:00:00  stolen       3  ada        7  ops  hotfix
                """
        )
    }

    @Test func `an event is one line`() throws {
        let event = """
            {"event":"stolen","watch":1,"seq":2,"at":"2026-11-21T10:00:00.500Z","resource":"a/b",\
            "number":3,"owner":"ada","holder":"ci-7","fence":7,"by":"ops","reason":"hotfix"}
            """
        let line = WatchText.line(of: try JSONValue(parsing: event), style: .plain)
        #expect(line == "10:00:00 stolen        a/b ci-7 fence 7 by ops (hotfix)")
        let gap = try JSONValue(parsing: #"{"event":"gap","watch":1,"missed":12}"#)
        #expect(
            WatchText.line(of: gap, style: .plain)
                == "12 events were dropped: this reader is too slow"
        )
    }

    @Test func `other people's control characters are not passed on to the terminal`() throws {
        let reply = #"{"resource":"a","state":"queued","reason":"\u001b]0;mine\u0007"}"#
        let text = try lines(QueueCommand.self, reply)
        #expect(!text.contains("\u{1b}") && !text.contains("\u{7}"))
        #expect(text.contains("mine"))
    }
}
