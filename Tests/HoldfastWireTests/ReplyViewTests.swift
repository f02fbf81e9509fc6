// Golden lines of what people look at: tickets, lists, resources (PROTOCOL §§3–4).

import HoldfastModel
import HoldfastWire
import Testing

@Suite struct ViewTests {
    private let times =
        #""createdAt":"\#(Sample.timeText)","stealable":false,"bind":"ticket""#

    @Test func `the view of a holder`() throws {
        var view = try Sample.view(
            .acquired(Sample.grant),
            details: TicketDetails(
                key: "secret",
                holder: "host",
                reason: "deploy",
                meta: [MetaEntry(name: "a\"", value: "1"), MetaEntry(name: "b", value: "\n")]
            )
        )
        view.acquiredAt = Sample.time
        view.renewedAt = Sample.time
        view.expiresAt = Sample.time
        view.stealable = true
        view.binding = .session
        let time = Sample.timeText
        #expect(
            line(.status(view))
                == #"{"id":1,"ok":true,"ticket":"\#(Sample.ticketText)","number":12,"resource":"deploy/prod","#
                + #""state":"acquired","mode":"exclusive","owner":"ci-7","holder":"host","reason":"deploy","#
                + #""meta":{"a\"":"1","b":"\n"},"priority":3,"lease":30,"fence":1763683200000041,"#
                + #""remaining":29.999,"createdAt":"\#(time)","acquiredAt":"\#(time)","renewedAt":"\#(time)","#
                + #""expiresAt":"\#(time)","stealable":true,"bind":"session"}"#
        )
    }

    @Test func `the view of a waiter for permits`() throws {
        let view = try Sample.view(.queued(Sample.place), mode: .permit(count: 2, of: 5))
        #expect(
            line(.status(view))
                == #"{"id":1,"ok":true,"ticket":"\#(Sample.ticketText)","number":12,"resource":"deploy/prod","#
                + #""state":"queued","mode":"permit","permits":2,"of":5,"owner":"ci-7","priority":3,"#
                + #""lease":30,"position":2,"queueLength":7,\#(times)}"#
        )
    }

    @Test func `the view of a finished ticket, seen by one who may not know its id`() throws {
        var view = try Sample.view(.released(.stolen), mode: .shared, ticket: nil)
        view.fence = Sample.fence
        view.endedAt = Sample.time
        view.endedBy = "root"
        view.endReason = "stuck"
        #expect(
            line(.status(view))
                == #"{"id":1,"ok":true,"number":12,"resource":"deploy/prod","state":"released","#
                + #""ended":"stolen","mode":"shared","owner":"ci-7","priority":3,"lease":30,"#
                + #""fence":1763683200000041,"createdAt":"\#(Sample.timeText)","#
                + #""endedAt":"\#(Sample.timeText)","stealable":false,"bind":"ticket","#
                + #""endedBy":"root","endReason":"stuck"}"#
        )
    }

    @Test func `a list shows holders, queue and what is recent`() throws {
        let holder = try Sample.view(.acquired(Sample.grant), mode: .permit(count: 1, of: 2))
        let list = ListAnswer(
            resource: try path("deploy/prod"),
            mode: .permit(count: 1, of: 2),
            holders: [holder],
            holderCount: 1,
            queue: [],
            queueLength: 0,
            recent: [],
            fence: Sample.fence,
            closedFor: .milliseconds(1_500)
        )
        let text = line(.list(list))
        #expect(
            text.hasPrefix(
                #"{"id":1,"ok":true,"resource":"deploy/prod","mode":"permit","of":2,"holders":[{"ticket":""#
            )
        )
        #expect(
            text.hasSuffix(
                #""bind":"ticket"}],"holderCount":1,"queue":[],"queueLength":0,"recent":[],"#
                    + #""fence":1763683200000041,"closedFor":1.5}"#
            )
        )
    }

    @Test func `an empty list`() throws {
        let list = ListAnswer(
            resource: try path("a"),
            mode: nil,
            holders: [],
            holderCount: 0,
            queue: [],
            queueLength: 0,
            recent: [],
            fence: .none,
            closedFor: nil
        )
        #expect(
            line(.list(list))
                == #"{"id":1,"ok":true,"resource":"a","holders":[],"holderCount":0,"queue":[],"#
                + #""queueLength":0,"recent":[],"fence":0}"#
        )
    }

    @Test func `resources are told with their first holder, and where to go on`() throws {
        let busy = ResourceSummary(
            resource: try path("a"),
            mode: .shared,
            holderCount: 2,
            queueLength: 1,
            fence: Sample.fence,
            oldestWait: .milliseconds(250),
            holder: try Sample.view(
                .acquired(Sample.grant),
                details: TicketDetails(holder: "host")
            ),
            closedFor: nil
        )
        let closed = ResourceSummary(
            resource: try path("b"),
            mode: nil,
            holderCount: 0,
            queueLength: 0,
            fence: .none,
            oldestWait: .zero,
            holder: nil,
            closedFor: .seconds(5)
        )
        let answer = ResourcesAnswer(resources: [busy, closed], next: try path("b"))
        #expect(
            line(.resources(answer))
                == #"{"id":1,"ok":true,"resources":[{"resource":"a","mode":"shared","holders":2,"#
                + #""queueLength":1,"fence":1763683200000041,"oldestWait":0.25,"holder":{"owner":"ci-7","#
                + #""label":"host","age":1.5,"remaining":29.999}},{"resource":"b","holders":0,"#
                + #""queueLength":0,"fence":0,"oldestWait":0,"closedFor":5}],"next":"b"}"#
        )
        let empty = ResourcesAnswer(resources: [], next: nil)
        #expect(line(.resources(empty)) == #"{"id":1,"ok":true,"resources":[]}"#)
    }
}
