// Golden lines of every event (PROTOCOL §5).

import HoldfastModel
import HoldfastWire
import Testing

@Suite struct EventWriterTests {
    private let named = #""ticket":"\#(Sample.ticketText)","resource":"a""#

    @Test func `queued names the request it belongs to`() throws {
        let event = TicketEvent.queued(request: 9, Sample.ticket, try path("a"), Sample.place)
        #expect(
            line(.ticket(event), request: .text("x"))
                == #"{"event":"queued","request":"x",\#(named),"position":2,"queueLength":7}"#
        )
        #expect(
            line(.ticket(event), request: .number(4))
                == #"{"event":"queued","request":4,\#(named),"position":2,"queueLength":7}"#
        )
        #expect(
            line(.ticket(event)) == #"{"event":"queued",\#(named),"position":2,"queueLength":7}"#
        )
    }

    @Test func `acquired tells fence, lease and what is left`() throws {
        var grant = Sample.grant
        let start = #"{"event":"acquired",\#(named),"fence":1763683200000041,"lease":30,"#
        #expect(
            line(.ticket(.acquired(Sample.ticket, try path("a"), lease: .seconds(30), grant)))
                == start + #""remaining":29.999}"#
        )
        grant.waited = .milliseconds(10)
        #expect(
            line(.ticket(.acquired(Sample.ticket, try path("a"), lease: .seconds(30), grant)))
                == start + #""remaining":29.999,"waited":0.01}"#
        )
    }

    @Test func `losing and kept`() throws {
        let losing = TicketEvent.losing(
            Sample.ticket,
            try path("a"),
            grace: .milliseconds(2_500),
            by: "root",
            reason: "stuck"
        )
        #expect(
            line(.ticket(losing))
                == #"{"event":"losing",\#(named),"grace":2.5,"by":"root","reason":"stuck"}"#
        )
        #expect(
            line(.ticket(.kept(Sample.ticket, try path("a")))) == #"{"event":"kept",\#(named)}"#
        )
    }

    @Test(arguments: Ending.allCases)
    func `lost says how`(ending: Ending) throws {
        let bare = Refusal.Loss(ended: ending)
        #expect(
            line(.ticket(.lost(Sample.ticket, try path("a"), bare)))
                == #"{"event":"lost",\#(named),"ended":"\#(ending.rawValue)"}"#
        )
        let full = Refusal.Loss(ended: ending, by: "root", reason: "stuck")
        #expect(
            line(.ticket(.lost(Sample.ticket, try path("a"), full)))
                == #"{"event":"lost",\#(named),"ended":"\#(ending.rawValue)","by":"root","reason":"stuck"}"#
        )
    }

    @Test func `position is short`() {
        #expect(
            line(.ticket(.position(Sample.ticket, Sample.place)))
                == #"{"event":"position","ticket":"\#(Sample.ticketText)","position":2,"queueLength":7}"#
        )
    }

    @Test(arguments: Notice.Kind.allCases)
    func `watchers hear every kind`(kind: Notice.Kind) throws {
        let bare = Notice(
            kind,
            at: Sample.time,
            resource: try path("a"),
            number: 5,
            owner: Sample.owner
        )
        let start =
            #"{"event":"\#(kind.rawValue)","watch":2,"seq":7,"at":"\#(Sample.timeText)","#
            + #""resource":"a","number":5,"owner":"ci-7""#
        #expect(line(.watched(watch: 2, sequence: 7, bare)) == start + "}")
        let full = Notice(
            kind,
            at: Sample.time,
            resource: try path("a"),
            number: 5,
            owner: Sample.owner,
            holder: "host",
            fence: Sample.fence,
            by: "root",
            reason: "why"
        )
        #expect(
            line(.watched(watch: 2, sequence: 7, full))
                == start + #","holder":"host","fence":1763683200000041,"by":"root","reason":"why"}"#
        )
    }

    @Test func `gap and goodbye`() {
        #expect(line(.gap(watch: 2, missed: 12)) == #"{"event":"gap","watch":2,"missed":12}"#)
        #expect(line(.goodbye(.draining)) == #"{"event":"goodbye","reason":"draining"}"#)
        #expect(
            line(.goodbye(.resumedElsewhere))
                == #"{"event":"goodbye","reason":"resumed_elsewhere"}"#
        )
    }
}
