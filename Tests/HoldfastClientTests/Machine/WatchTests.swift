// Watches over connections that come and go, and events of the client's own tickets (PROTOCOL §5).

import HoldfastModel
import HoldfastWire
import Testing

@testable import HoldfastClient

struct WatchTests {
    private func events(_ bench: MachineBench, of watch: WatchID) -> [WatchEvent] {
        bench.actions.compactMap { action in
            if case .tellWatch(watch, let event) = action { event } else { nil }
        }
    }

    private func watching() throws -> (MachineBench, WatchID) {
        var bench = MachineBench()
        let (watch, call) = bench.machine.watch(.prefix("ci"), at: bench.now)
        bench.settleUp()
        try bench.greet()
        let line = try bench.take("watch")
        #expect(line["prefix"] == .string("ci"))
        bench.answer(line, #""watch":3"#)
        #expect(try bench.reply(call).integer("watch") == 3)
        return (bench, watch)
    }

    private let notice =
        #"{"event":"queued","watch":3,"seq":1,"at":"2026-01-01T00:00:00.000Z","#
        + #""resource":"ci/a","number":5,"owner":"anonymous","holder":"me"}"#

    @Test func `a watcher is told what happened`() throws {
        var (bench, watch) = try watching()
        bench.receive(notice)
        let told = WatchNotice(
            event: "queued",
            at: "2026-01-01T00:00:00.000Z",
            resource: "ci/a",
            number: 5,
            owner: "anonymous",
            holder: "me"
        )
        #expect(events(bench, of: watch) == [.happened(told)])
    }

    @Test func `a gap of the server is a gap`() throws {
        var (bench, watch) = try watching()
        bench.receive(#"{"event":"gap","watch":3,"missed":17}"#)
        #expect(events(bench, of: watch) == [.gap(missed: 17)])
    }

    @Test func `a broken connection is a gap of unknown size, and the watch goes on`() throws {
        var (bench, watch) = try watching()
        bench.breakConnection()
        bench.pass(.seconds(1))
        try bench.greet(MachineBench.session(resumed: true))
        #expect(events(bench, of: watch) == [.gap(missed: nil)])
        bench.answer(try bench.take("watch"), #""watch":1"#)
        bench.receive(notice.replacing(#""watch":3"#, with: #""watch":1"#))
        #expect(events(bench, of: watch).count == 2)
    }

    @Test func `who stops looking stops the watch`() throws {
        var (bench, watch) = try watching()
        bench.machine.unwatch(watch, at: bench.now)
        bench.settleUp()
        #expect(try bench.take("unwatch")["watch"] == .integer(3))
        bench.receive(notice)
        #expect(events(bench, of: watch) == [])
    }

    @Test func `a watch that was cancelled before it began is stopped`() throws {
        var bench = MachineBench()
        let (_, call) = bench.machine.watch(.everything, at: bench.now)
        bench.settleUp()
        try bench.greet()
        let line = try bench.take("watch")
        bench.cancel(call)
        #expect(bench.error(call) == .cancelled)
        bench.answer(line, #""watch":3"#)
        #expect(try bench.take("unwatch")["watch"] == .integer(3))
    }

    @Test func `a watch that is refused is none`() throws {
        var bench = MachineBench()
        let (_, call) = bench.machine.watch(.resource("x"), at: bench.now)
        bench.settleUp()
        try bench.greet()
        bench.refuse(try bench.take("watch"), "forbidden", #""right":"read""#)
        #expect(try bench.reply(call).refusal?.right == "read")
        #expect(bench.machine.watches.isEmpty)
    }

    @Test(
        arguments: [
            (
                #"{"event":"queued","request":4,"ticket":"t","resource":"r","position":2,"queueLength":3}"#,
                LockEvent.queued(
                    Ticket("t"),
                    resource: "r",
                    QueuePosition(position: 2, queueLength: 3)
                )
            ),
            (
                #"{"event":"acquired","ticket":"t","resource":"r","fence":9,"lease":30,"remaining":29.5}"#,
                .acquired(
                    Ticket("t"),
                    resource: "r",
                    LockGrant(fence: 9, remaining: .milliseconds(29_500))
                )
            ),
            (
                #"{"event":"position","ticket":"t","position":1,"queueLength":3}"#,
                .position(Ticket("t"), QueuePosition(position: 1, queueLength: 3))
            ),
            (
                #"{"event":"losing","ticket":"t","resource":"r","grace":1.5,"by":"ops","reason":"x"}"#,
                .losing(
                    Ticket("t"),
                    resource: "r",
                    grace: .milliseconds(1_500),
                    by: "ops",
                    reason: "x"
                )
            ),
            (#"{"event":"kept","ticket":"t","resource":"r"}"#, .kept(Ticket("t"), resource: "r")),
            (
                #"{"event":"lost","ticket":"t","resource":"r","ended":"expired"}"#,
                .lost(Ticket("t"), resource: "r", LockLoss(.expired))
            ),
        ]
    )
    func `the client hears of its own tickets`(line: String, event: LockEvent) throws {
        var bench = MachineBench()
        _ = bench.submit(.ping)
        try bench.greet()
        bench.receive(line)
        let told = bench.actions.compactMap { action in
            if case .tell(let event) = action { event } else { nil }
        }
        #expect(told == [event])
    }

    @Test func `an event of a later version of the protocol is passed over`() throws {
        var bench = MachineBench()
        _ = bench.submit(.ping)
        try bench.greet()
        bench.receive(#"{"event":"brand_new","ticket":"t"}"#)
        #expect(bench.machine.isReady)
    }
}
