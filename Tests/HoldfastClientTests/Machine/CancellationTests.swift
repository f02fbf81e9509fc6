// Callers that stop waiting: what they asked for is given back (rule 8).

import HoldfastModel
import HoldfastWire
import Testing

@testable import HoldfastClient

struct CancellationTests {
    private let queued =
        #"{"event":"queued","request":ID,"ticket":"t1","resource":"demo","position":1,"queueLength":1}"#

    private func waiting(_ bench: inout MachineBench) throws -> (CallID, MachineBench.Line) {
        let call = bench.lock()
        try bench.greet()
        let line = try bench.take("lock")
        bench.receive(queued.replacing("ID", with: "\(line.id)"))
        return (call, line)
    }

    @Test func `a request that was never sent is simply dropped`() throws {
        var bench = MachineBench()
        let call = bench.lock()
        bench.cancel(call)
        #expect(bench.error(call) == .cancelled)
        try bench.greet()
        #expect(bench.lines.isEmpty)
    }

    @Test func `a waiter that is cancelled releases its ticket, then hears of it`() throws {
        var bench = MachineBench()
        let (call, line) = try waiting(&bench)
        bench.cancel(call)
        #expect(bench.result(call) == nil)
        let release = try bench.take("release")
        #expect(release["ticket"] == .string("t1"))
        bench.refuse(line, "lost", #""ended":"cancelled""#)
        #expect(bench.error(call) == .cancelled)
        bench.answer(release, #""ticket":"t1","state":"released","ended":"cancelled""#)
        #expect(bench.machine.calls.isEmpty)
    }

    @Test func `a waiter that is cancelled before it knows its ticket releases it later`() throws {
        var bench = MachineBench()
        let call = bench.lock()
        try bench.greet()
        let line = try bench.take("lock")
        bench.cancel(call)
        #expect(bench.lines.isEmpty)
        bench.receive(queued.replacing("ID", with: "\(line.id)"))
        bench.answer(
            try bench.take("release"),
            #""ticket":"t1","state":"released","ended":"cancelled""#
        )
        #expect(bench.error(call) == .cancelled)
        bench.refuse(line, "lost", #""ended":"cancelled""#)
        #expect(bench.machine.calls.isEmpty)
    }

    @Test func `a grant that crosses the cancellation is given back`() throws {
        var bench = MachineBench()
        let call = bench.lock()
        try bench.greet()
        let line = try bench.take("lock")
        bench.cancel(call)
        bench.answer(
            line,
            #""ticket":"t1","resource":"demo","state":"acquired","fence":7,"lease":30,"remaining":30"#
        )
        bench.answer(
            try bench.take("release"),
            #""ticket":"t1","state":"released","ended":"released""#
        )
        #expect(bench.error(call) == .cancelled)
        #expect(bench.machine.calls.isEmpty)
        #expect(bench.machine.holds.isEmpty)
    }

    @Test func `a grant that crosses the release of the same ticket is given back once`() throws {
        var bench = MachineBench()
        let (call, line) = try waiting(&bench)
        bench.cancel(call)
        let release = try bench.take("release")
        bench.answer(
            line,
            #""ticket":"t1","resource":"demo","state":"acquired","fence":7,"lease":30,"remaining":30"#
        )
        #expect(bench.lines.isEmpty)
        bench.answer(release, #""ticket":"t1","state":"released","ended":"released""#)
        #expect(bench.error(call) == .cancelled)
        #expect(bench.machine.calls.isEmpty)
    }

    @Test func `a ticket of queue that nobody waits for is given back`() throws {
        var bench = MachineBench()
        let call = bench.submit(
            Request("queue", [Request.Field(name: "resource", value: .text("demo"))])
        )
        try bench.greet()
        let line = try bench.take("queue")
        bench.cancel(call)
        bench.answer(
            line,
            #""ticket":"t1","resource":"demo","state":"queued","lease":30,"position":1,"queueLength":1"#
        )
        #expect(try bench.take("release")["ticket"] == .string("t1"))
    }

    @Test func `a poll that is cancelled leaves the ticket in the queue`() throws {
        var bench = MachineBench()
        var request = Request.acquire("t1")
        request["wait"] = .seconds(.seconds(60))
        let call = bench.submit(request)
        try bench.greet()
        let line = try bench.take("acquire")
        bench.cancel(call)
        #expect(bench.error(call) == .cancelled)
        bench.answer(line, #""acquired":false,"state":"queued","position":1,"queueLength":1"#)
        #expect(bench.lines.isEmpty)
        #expect(bench.machine.calls.isEmpty)
    }

    @Test func `a waiter that is cancelled while the connection is away hears at once`() throws {
        var bench = MachineBench()
        let (call, _) = try waiting(&bench)
        bench.breakConnection()
        bench.cancel(call)
        #expect(bench.error(call) == .cancelled)
        bench.pass(.seconds(1))
        try bench.greet(MachineBench.session(resumed: true))
        #expect(bench.lines.map(\.operation) == ["release"])
        #expect(try bench.take("release")["ticket"] == .string("t1"))
    }

    @Test func `a waiter whose ticket was never told finds it again to release it`() throws {
        var bench = MachineBench()
        let call = bench.lock()
        try bench.greet()
        _ = try bench.take("lock")
        bench.breakConnection()
        bench.cancel(call)
        #expect(bench.error(call) == .cancelled)
        // The ticket lives in the session: it is found again by its key, and released.
        bench.pass(.seconds(1))
        try bench.greet(MachineBench.session(resumed: true))
        let line = try bench.take("lock")
        bench.receive(queued.replacing("ID", with: "\(line.id)"))
        #expect(try bench.take("release")["ticket"] == .string("t1"))
    }

    @Test func `a release that was cut off goes on when the connection is back`() throws {
        var bench = MachineBench()
        let (call, _) = try waiting(&bench)
        bench.cancel(call)
        _ = try bench.take("release")
        bench.breakConnection()
        #expect(bench.error(call) == .cancelled)
        bench.pass(.seconds(1))
        try bench.greet(MachineBench.session(resumed: true))
        #expect(bench.lines.map(\.operation) == ["release"])
        bench.answer(
            try bench.take("release"),
            #""ticket":"t1","state":"released","ended":"cancelled""#
        )
        #expect(bench.machine.calls.isEmpty)
    }

    @Test func `cancelling twice, or too late, changes nothing`() throws {
        var bench = MachineBench()
        let (call, line) = try waiting(&bench)
        bench.cancel(call)
        bench.cancel(call)
        #expect(bench.lines.map(\.operation) == ["release"])
        bench.refuse(line, "lost", #""ended":"cancelled""#)
        bench.cancel(call)
        #expect(bench.count { if case .settle(call, _) = $0 { true } else { false } } == 1)
    }
}
