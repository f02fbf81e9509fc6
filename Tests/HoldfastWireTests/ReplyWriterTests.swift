// Golden lines of every reply (PROTOCOL §§2–4).

import HoldfastModel
import HoldfastWire
import Testing

@Suite struct ReplyWriterTests {
    @Test func `the id comes first, as it came`() {
        #expect(line(.done, id: .number(1)) == #"{"id":1,"ok":true}"#)
        #expect(
            line(.done, id: .number(9_007_199_254_740_991)) == #"{"id":9007199254740991,"ok":true}"#
        )
        #expect(line(.done, id: .text("a\"é")) == #"{"id":"a\"é","ok":true}"#)
        #expect(line(.done, id: .absent) == #"{"ok":true}"#)
    }

    @Test func `ignored fields are named in answers and refusals`() {
        #expect(
            line(.done, ignored: ["maxwait", "a\nb"])
                == #"{"id":1,"ok":true,"ignored":["maxwait","a\nb"]}"#
        )
        #expect(
            line(Refusal(.lost, "over"), ignored: ["x"])
                == #"{"id":1,"ok":false,"error":{"code":"lost","message":"over","retryable":false},"ignored":["x"]}"#
        )
    }

    @Test func `every line ends with one line feed and follows what is there`() {
        var bytes = Array("before\n".utf8)
        ReplyWriter.write(.done, to: .number(1), into: &bytes)
        ReplyWriter.write(.cleared(3), to: .number(2), into: &bytes)
        EventWriter.write(.goodbye(.idle), into: &bytes)
        let expected = """
            before
            {"id":1,"ok":true}
            {"id":2,"ok":true,"cleared":3}
            {"event":"goodbye","reason":"idle"}

            """
        #expect(text(bytes) == expected)
    }

    @Test func `hello tells who serves whom, and within which limits`() {
        let answer = HelloAnswer(
            server: "holdfast 1.0",
            node: "n1",
            principal: "ci",
            rights: ["lock:ci/**", "read:**"],
            limits: Limits(),
            session: HelloAnswer.Session(
                id: SessionID(bits: 1),
                secret: "s",
                grace: .seconds(10),
                resumed: false
            )
        )
        let limits =
            #"{"line":65536,"connections":16384,"connections_per_principal":16384,"in_flight":1024,"#
            + #""waits":16384,"queue":250000,"tickets_per_principal":100000,"resources":4000000,"#
            + #""sessions":65536,"watches":64,"outbound":4194304,"meta":1024,"retained":64,"#
            + #""history":64,"lease":86400}"#
        #expect(
            line(.hello(answer))
                == #"{"id":1,"ok":true,"server":"holdfast 1.0","protocol":1,"node":"n1","#
                + #""principal":"ci","rights":["lock:ci/**","read:**"],"limits":\#(limits),"#
                + #""session":{"id":"AAAAAAAAAAB","secret":"s","grace":10,"resumed":false}}"#
        )
    }

    @Test func `hello without a session has none`() {
        let answer = HelloAnswer(
            server: "h",
            node: "n",
            principal: "p",
            rights: [],
            limits: Limits()
        )
        let text = line(.hello(answer))
        #expect(text.contains(#""rights":[],"limits":{"#))
        #expect(text.hasSuffix(#""lease":86400}}"#))
    }

    @Test func `queue tells a holder its grant`() throws {
        let answer = TicketAnswer(
            ticket: Sample.ticket,
            resource: try path("deploy/prod"),
            lease: .seconds(30),
            standing: .acquired(Sample.grant)
        )
        #expect(
            line(.ticket(answer))
                == #"{"id":1,"ok":true,"ticket":"\#(Sample.ticketText)","resource":"deploy/prod","#
                + #""state":"acquired","fence":1763683200000041,"lease":30,"remaining":29.999}"#
        )
    }

    @Test func `numbers of every length are written to the digit`() throws {
        var numbers: [UInt64] = [0, .max, .max - 1]
        var power: UInt64 = 1
        for _ in 0..<20 {
            for digit in UInt64(1)...9
            where power.multipliedReportingOverflow(by: digit).overflow == false {
                numbers += [power * digit - 1, power * digit, power * digit + 1]
            }
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
        numbers += (0..<10_000).flatMap { [$0, $0 * 10_000, $0 * 100_000_001] }
        for number in numbers {
            let answer = TicketAnswer(
                ticket: Sample.ticket,
                resource: try path("deploy/prod"),
                lease: .seconds(30),
                standing: .acquired(Grant(fence: Fence(number: number), remaining: .seconds(30)))
            )
            #expect(
                line(.ticket(answer), id: .number(number))
                    == #"{"id":\#(number),"ok":true,"ticket":"\#(Sample.ticketText)","#
                    + #""resource":"deploy/prod","state":"acquired","fence":\#(number),"#
                    + #""lease":30,"remaining":30}"#
            )
        }
    }

    @Test(
        arguments: [
            "\"", "\\", "é", "a\"", "aaaaaaa\"", "aaaaaaaa\\", "aaaaaaaaaaaaaaa\"b",
            "aaaaaaaaaaaaaaaaé",
        ]
    )
    func `a path with something to escape is written as JSON has it`(text: String) throws {
        let answer = TicketAnswer(
            ticket: Sample.ticket,
            resource: try path(text),
            lease: .seconds(30),
            standing: .acquired(Sample.grant)
        )
        let escaped = text.reduce(into: "") { all, character in
            if character == "\"" || character == "\\" { all.append("\\") }
            all.append(character)
        }
        #expect(line(.ticket(answer)).contains(#""resource":"\#(escaped)","state""#))
    }

    @Test func `lock that had to wait tells how long`() throws {
        var grant = Sample.grant
        grant.waited = Interval(nanoseconds: 1_250_000_001)
        let answer = TicketAnswer(
            ticket: Sample.ticket,
            resource: try path("a"),
            lease: .milliseconds(30_500),
            standing: .acquired(grant),
            isExisting: true
        )
        #expect(
            line(.ticket(answer)).hasSuffix(
                #""fence":1763683200000041,"lease":30.5,"remaining":29.999,"waited":1.250000001,"existing":true}"#
            )
        )
    }

    @Test func `queue tells a waiter its place, and how a known ticket ended`() throws {
        var answer = TicketAnswer(
            ticket: Sample.ticket,
            resource: try path("a"),
            lease: .seconds(30),
            standing: .queued(Sample.place)
        )
        let start = #"{"id":1,"ok":true,"ticket":"\#(Sample.ticketText)","resource":"a","state":"#
        #expect(
            line(.ticket(answer)) == start + #""queued","lease":30,"position":2,"queueLength":7}"#
        )
        answer.standing = .released(.timedOut)
        answer.isExisting = true
        #expect(
            line(.ticket(answer))
                == start + #""released","lease":30,"ended":"timed_out","existing":true}"#
        )
    }

    @Test func `acquire says yes or how far it is`() throws {
        var answer = AcquireAnswer(
            resource: try path("a"),
            lease: .seconds(30),
            standing: .acquired(Sample.grant)
        )
        #expect(
            line(.acquire(answer))
                == #"{"id":1,"ok":true,"acquired":true,"state":"acquired","fence":1763683200000041,"lease":30,"remaining":29.999}"#
        )
        answer.standing = .queued(Sample.place)
        #expect(
            line(.acquire(answer))
                == #"{"id":1,"ok":true,"acquired":false,"state":"queued","position":2,"queueLength":7,"message":"waiting for a: number 2 of 7 in the queue"}"#
        )
    }

    @Test func `renew tells of a steal only where there is one`() {
        var answer = RenewAnswer(fence: Sample.fence, lease: .seconds(30), remaining: .seconds(30))
        let start = #"{"id":1,"ok":true,"state":"acquired","fence":1763683200000041,"lease":30,"#
        #expect(line(.renewed(answer)) == start + #""remaining":30}"#)
        answer.isLosing = true
        #expect(line(.renewed(answer)) == start + #""remaining":30,"losing":true}"#)
    }

    @Test func `release tells how the ticket ended, and whether it was over already`() {
        let start = #"{"id":1,"ok":true,"ticket":"\#(Sample.ticketText)","state":"released","#
        for (ending, word) in [
            (Ending.released, "released"), (.cancelled, "cancelled"), (.cleared, "cleared"),
        ] {
            let answer = ReleaseAnswer(ticket: Sample.ticket, ended: ending)
            #expect(line(.released(answer)) == start + #""ended":"\#(word)"}"#)
        }
        let again = ReleaseAnswer(ticket: Sample.ticket, ended: .released, already: true)
        #expect(line(.released(again)) == start + #""ended":"released","already":true}"#)
    }

    @Test func `check tells whether it is valid, and whose fence counts`() {
        #expect(line(.checked(CheckAnswer(isValid: false))) == #"{"id":1,"ok":true,"valid":false}"#)
        let answer = CheckAnswer(isValid: true, fence: Sample.fence, state: .acquired)
        #expect(
            line(.checked(answer))
                == #"{"id":1,"ok":true,"valid":true,"fence":1763683200000041,"state":"acquired"}"#
        )
    }

    @Test func `the small answers`() {
        #expect(line(.cleared(0)) == #"{"id":1,"ok":true,"cleared":0}"#)
        #expect(line(.watching(3)) == #"{"id":1,"ok":true,"watch":3}"#)
        #expect(line(.time(Sample.time)) == #"{"id":1,"ok":true,"time":"\#(Sample.timeText)"}"#)
        #expect(line(.draining(true)) == #"{"id":1,"ok":true,"draining":true}"#)
        #expect(line(.draining(false)) == #"{"id":1,"ok":true,"draining":false}"#)
    }

    @Test func `stats are flat numbers`() {
        var stats = StatsAnswer()
        stats.uptime = .milliseconds(90_250)
        stats.connections = 1
        stats.sessions = 2
        stats.resources = 3
        stats.held = 4
        stats.waiting = 5
        stats.granted = 6
        stats.released = 7
        stats.expired = 8
        stats.lost = 9
        stats.stolen = 10
        stats.requests = 11
        stats.bytesIn = 12
        stats.bytesOut = 13
        #expect(
            line(.stats(stats))
                == #"{"id":1,"ok":true,"uptime":90.25,"connections":1,"sessions":2,"resources":3,"#
                + #""held":4,"waiting":5,"granted":6,"released":7,"expired":8,"lost":9,"stolen":10,"#
                + #""requests":11,"bytesIn":12,"bytesOut":13}"#
        )
    }

    @Test func `history is told with an end where there is one`() throws {
        let first = Notice(
            .stolen,
            at: Sample.time,
            resource: try path("a"),
            number: 3,
            owner: Sample.owner,
            holder: "host",
            fence: Sample.fence,
            by: "root",
            reason: "stuck"
        )
        let second = Notice(
            .queued,
            at: Sample.time,
            resource: try path("a"),
            number: 3,
            owner: Sample.owner
        )
        #expect(
            line(.history([first, second]))
                == #"{"id":1,"ok":true,"history":[{"at":"\#(Sample.timeText)","event":"stolen","number":3,"#
                + #""owner":"ci-7","holder":"host","by":"root","fence":1763683200000041,"ended":"stolen","#
                + #""reason":"stuck"},{"at":"\#(Sample.timeText)","event":"queued","number":3,"owner":"ci-7"}]}"#
        )
        #expect(line(.history([])) == #"{"id":1,"ok":true,"history":[]}"#)
    }
}
