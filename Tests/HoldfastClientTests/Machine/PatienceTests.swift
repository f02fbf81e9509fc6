// When nobody answers: how long callers wait, and what they are told.

import HoldfastModel
import HoldfastWire
import Testing

@testable import HoldfastClient

struct PatienceTests {
    private let queue = Request(
        "queue",
        [Request.Field(name: "resource", value: .text("demo"))]
    )

    @Test func `a server that is not there is unreachable after the patience`() {
        var bench = MachineBench()
        let call = bench.submit(queue)
        for _ in 0..<99 {
            bench.refuseConnection()
            bench.pass(.milliseconds(100))
        }
        #expect(bench.result(call) == nil)
        bench.pass(.milliseconds(100))
        #expect(bench.error(call) == .unreachable("nobody there"))
    }

    @Test func `with no patience the first failed attempt decides`() {
        var settings = MachineBench.settings
        settings.patience = .zero
        var bench = MachineBench(settings)
        let call = bench.submit(queue)
        bench.pass(.seconds(3))
        #expect(bench.result(call) == nil)
        bench.refuseConnection()
        #expect(bench.error(call) == .unreachable("nobody there"))
    }

    @Test func `a request that was written may have been done`() throws {
        var bench = MachineBench()
        let call = bench.submit(queue)
        try bench.greet()
        _ = try bench.take("queue")
        bench.breakConnection()
        bench.pass(.seconds(10))
        #expect(bench.error(call) == .outcomeUnknown("server not reachable: reset"))
    }

    @Test func `a question that was written has done nothing`() throws {
        var bench = MachineBench()
        let call = bench.submit(Request("stats"))
        try bench.greet()
        bench.breakConnection()
        bench.pass(.seconds(10))
        #expect(bench.error(call) == .unreachable("reset"))
    }

    @Test func `a lock that could wait two seconds is not waited for ten`() {
        var bench = MachineBench()
        let call = bench.lock(wait: .seconds(2))
        bench.refuseConnection()
        bench.pass(.milliseconds(1_999))
        #expect(bench.result(call) == nil)
        bench.pass(.milliseconds(1))
        #expect(bench.error(call) == .unreachable("nobody there"))
    }

    @Test func `patience starts with the break, not with the request`() throws {
        var bench = MachineBench()
        let call = bench.lock()
        try bench.greet()
        for _ in 0..<30 {
            bench.pass(.seconds(1))
            bench.answerPing()
        }
        bench.breakConnection()
        bench.pass(.milliseconds(9_900))
        #expect(bench.result(call) == nil)
        bench.pass(.milliseconds(200))
        #expect(bench.error(call) == .outcomeUnknown("server not reachable: reset"))
    }

    @Test func `a frozen server is left for another connection`() throws {
        var bench = MachineBench()
        _ = bench.submit(.ping)
        try bench.greet()
        // A third of the grace is shorter than the response timeout.
        bench.pass(.milliseconds(3_999))
        #expect(bench.machine.isReady)
        bench.pass(.milliseconds(1))
        #expect(!bench.machine.isReady)
    }

    @Test func `a frozen server is found out while only waits are unanswered`() throws {
        var bench = MachineBench()
        _ = bench.lock()
        try bench.greet()
        bench.pass(.seconds(7))
        #expect(bench.machine.isReady)
        bench.pass(.seconds(2))
        #expect(!bench.machine.isReady)
    }

    @Test func `a server that answers slowly is not frozen`() throws {
        var bench = MachineBench()
        for _ in 0..<10 { _ = bench.submit(.ping) }
        try bench.greet()
        for _ in 0..<10 {
            bench.pass(.seconds(3))
            bench.answer(try bench.take("ping"), #""time":"now""#)
        }
        #expect(bench.machine.isReady)
    }

    @Test func `a hello that is not answered is a broken connection`() {
        var bench = MachineBench()
        _ = bench.submit(.ping)
        bench.connect()
        bench.pass(.seconds(4))
        #expect(bench.count { if case .disconnect = $0 { true } else { false } } == 1)
        bench.pass(.seconds(1))
        #expect(bench.connectAttempts == 2)
    }

    @Test(
        arguments: [
            "not json", #"{"ok":true}"#, #"{"id":99,"ok":true}"#, "[1]",
            #"{"ok":false,"error":{"code":"line_too_long","message":"no"}}"#,
        ]
    )
    func `who does not speak the protocol is left`(line: String) throws {
        var bench = MachineBench()
        _ = bench.submit(.ping)
        try bench.greet()
        bench.receive(line)
        #expect(!bench.machine.isReady)
    }

    @Test func `bytes of an old connection change nothing`() throws {
        var bench = MachineBench()
        let call = bench.submit(.ping)
        try bench.greet()
        let ping = try bench.take("ping")
        bench.breakConnection()
        bench.answer(ping, #""time":"late""#)
        #expect(bench.result(call) == nil)
    }
}
