// What becomes of requests whose reply was lost (rules 23 and 24).

import HoldfastModel
import HoldfastWire
import Testing

@testable import HoldfastClient

struct RetryTests {
    private func request(_ operation: String) -> Request {
        let isTicket = ["acquire", "renew", "release", "status"].contains(operation)
        let field =
            isTicket
            ? Request.Field(name: "ticket", value: .text("t1"))
            : Request.Field(name: "resource", value: .text("demo"))
        return Request(operation, [field])
    }

    /// A connection on which the request was written and not answered, then one on which all is well.
    private func breakDuring(_ request: Request) throws -> (MachineBench, CallID, MachineBench.Line)
    {
        var bench = MachineBench()
        let call = bench.submit(request)
        try bench.greet()
        let line = try bench.take(request.operation)
        bench.breakConnection()
        bench.pass(.seconds(1))
        try bench.greet(MachineBench.session(resumed: true))
        return (bench, call, line)
    }

    @Test(arguments: ["queue", "lock", "steal"])
    func `rule 23: a request for a ticket is sent again with the same key`(operation: String) throws
    {
        var (bench, call, first) = try breakDuring(request(operation))
        let second = try bench.take(operation)
        #expect(first["key"]?.string != nil)
        #expect(second["key"] == first["key"])
        bench.answer(
            second,
            #""ticket":"t1","resource":"demo","state":"acquired","fence":7,"lease":30,"remaining":30"#
        )
        #expect(try bench.reply(call).text("ticket") == "t1")
    }

    @Test(
        arguments: [
            "acquire", "renew", "release", "status", "check", "list", "resources", "history",
            "stats", "ping", "drain",
        ]
    )
    func `what may happen twice is sent again`(operation: String) throws {
        var (bench, call, _) = try breakDuring(request(operation))
        bench.answer(try bench.take(operation), #""state":"released""#)
        #expect(try bench.reply(call).refusal == nil)
    }

    @Test(arguments: ["clear", "made_up"])
    func `what must not happen twice is of unknown outcome`(operation: String) throws {
        let (bench, call, _) = try breakDuring(request(operation))
        #expect(bench.lines.isEmpty)
        guard case .outcomeUnknown? = bench.error(call) else {
            Issue.record("\(String(describing: bench.error(call)))")
            return
        }
    }

    @Test func `every ticket gets a key of its own`() throws {
        var bench = MachineBench()
        _ = bench.submit(request("queue"))
        _ = bench.submit(request("queue"))
        try bench.greet()
        let (one, other) = (try bench.take("queue"), try bench.take("queue"))
        #expect(one["key"]?.string != other["key"]?.string)
    }

    @Test func `a key of the caller's is left alone`() throws {
        var bench = MachineBench()
        var request = request("queue")
        request["key"] = .text("mine")
        _ = bench.submit(request)
        try bench.greet()
        #expect(try bench.take("queue")["key"] == .string("mine"))
    }

    @Test func `a lock that is sent again waits only for the rest of its time`() throws {
        var bench = MachineBench()
        _ = bench.lock(wait: .seconds(8))
        try bench.greet()
        #expect(try bench.take("lock")["wait"] == .integer(8))
        bench.pass(.seconds(2))
        bench.breakConnection()
        bench.pass(.seconds(1))
        try bench.greet(MachineBench.session(resumed: true))
        #expect(try bench.take("lock")["wait"] == .integer(5))
    }

    @Test func `a lock that may not wait stays one that may not wait`() throws {
        var bench = MachineBench()
        _ = bench.lock(wait: .zero)
        try bench.greet()
        bench.pass(.seconds(1))
        bench.breakConnection()
        bench.pass(.seconds(1))
        _ = try bench.take("lock")
        try bench.greet(MachineBench.session(resumed: true))
        #expect(try bench.take("lock")["wait"] == .integer(0))
    }

    @Test func `rule 23: a wait that ended with its connection begins anew with another key`()
        throws
    {
        var settings = MachineBench.settings
        settings.grace = nil
        var bench = MachineBench(settings)
        let call = bench.lock(isBound: false)
        try bench.greet("")
        let first = try bench.take("lock")
        bench.breakConnection()
        bench.pass(.seconds(1))
        try bench.greet("")
        let second = try bench.take("lock")
        #expect(second["key"] == first["key"])
        bench.refuse(second, "lost", #""ended":"cancelled""#)
        let third = try bench.take("lock")
        #expect(third["key"] != first["key"])
        bench.answer(
            third,
            #""ticket":"t2","resource":"demo","state":"acquired","fence":8,"lease":30,"remaining":30"#
        )
        #expect(try bench.held(call).ticket == "t2")
    }

    @Test func `a lock that somebody cleared is lost, not tried again`() throws {
        var bench = MachineBench()
        let call = bench.lock()
        try bench.greet()
        bench.refuse(try bench.take("lock"), "lost", #""ended":"cleared","by":"ops""#)
        #expect(try bench.reply(call).loss == LockLoss(.cleared, by: "ops"))
        #expect(bench.lines.isEmpty)
    }

    @Test func `a server that drains is asked again for as long as patience lasts`() throws {
        var bench = MachineBench()
        let call = bench.submit(request("queue"))
        try bench.greet()
        bench.refuse(try bench.take("queue"), "draining", retryable: true)
        #expect(bench.result(call) == nil)
        bench.pass(.seconds(1))
        bench.answer(
            try bench.take("queue"),
            #""ticket":"t1","resource":"demo","state":"queued","lease":30,"position":1,"queueLength":1"#
        )
        #expect(try bench.reply(call).text("state") == "queued")
    }

    @Test func `a server that goes on draining has said no`() throws {
        var bench = MachineBench()
        let call = bench.submit(request("queue"))
        try bench.greet()
        for _ in 0..<200 where bench.result(call) == nil {
            if let line = bench.takeIfThere("queue") {
                bench.refuse(line, "draining", retryable: true)
            }
            bench.answerPing()
            bench.pass(.milliseconds(100))
        }
        #expect(try bench.reply(call).refusal?.code == .draining)
    }

    @Test func `a refused call whose pause is over waits for the connection, not for the clock`()
        throws
    {
        // Its pause ends while nobody is there; a wake that is always due would keep a core busy.
        var bench = MachineBench()
        let call = bench.submit(request("queue"))
        try bench.greet()
        bench.refuse(try bench.take("queue"), "draining", retryable: true)
        bench.breakConnection()
        for _ in 0..<90 {
            bench.sleep(.milliseconds(100))
            bench.wake()
            #expect(bench.machine.nextWake > bench.now)
        }
        #expect(bench.result(call) == nil)
        try bench.greet(MachineBench.session(resumed: true))
        #expect(bench.takeIfThere("queue") != nil)
    }

    @Test func `requests go out in the order in which they were made`() throws {
        var bench = MachineBench()
        for number in 0..<20 {
            _ = bench.submit(
                Request("check", [Request.Field(name: "fence", value: .number(number))])
            )
        }
        try bench.greet()
        #expect(bench.lines.map { $0["fence"]?.integer } == (0..<20).map { Int64($0) })
    }

    @Test func `a request longer than the server reads is not sent`() throws {
        var bench = MachineBench()
        _ = bench.submit(.ping)
        try bench.greet(#""limits":{"line":100}"#)
        _ = try bench.take("ping")
        var request = request("queue")
        request["reason"] = .text(String(repeating: "x", count: 100))
        let call = bench.submit(request)
        guard case .invalid? = bench.error(call) else {
            Issue.record("\(String(describing: bench.error(call)))")
            return
        }
        #expect(bench.lines.isEmpty)
    }

    @Test(arguments: [(99, false), (100, false), (101, true)])
    func `the longest request is exactly as long as the server says`(
        byteCount: Int,
        isTooLong: Bool
    ) throws {
        var bench = MachineBench()
        _ = bench.submit(.ping)
        try bench.greet(#""limits":{"line":100}"#)
        let number = bench.machine.lastNumber + 2
        let bare = RequestLine.bytes(
            of: Request("check", [Request.Field(name: "resource", value: .text(""))]),
            id: number
        )
        let path = String(repeating: "x", count: byteCount - (bare.count - 1))
        let call = bench.submit(
            Request("check", [Request.Field(name: "resource", value: .text(path))])
        )
        #expect((bench.error(call) != nil) == isTooLong)
    }
}
