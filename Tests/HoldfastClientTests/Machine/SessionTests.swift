// The session over connections that come and go (rules 5 and 27).

import HoldfastModel
import HoldfastWire
import Testing

@testable import HoldfastClient

struct SessionTests {
    @Test func `the first request opens a connection`() {
        var bench = MachineBench()
        #expect(bench.connectAttempts == 0)
        _ = bench.submit(.ping)
        #expect(bench.connectAttempts == 1)
    }

    @Test func `hello comes first and asks for a session`() throws {
        var bench = MachineBench()
        _ = bench.submit(.ping)
        bench.connect()
        #expect(bench.lines.map(\.operation) == ["hello"])
        let hello = try bench.take("hello")
        #expect(hello["version"] == .integer(1))
        #expect(hello["session"]?["grace"] == .integer(12))
        bench.answer(hello, MachineBench.session())
        #expect(bench.lines.map(\.operation) == ["ping"])
    }

    @Test func `hello carries the token and the client's name`() throws {
        var settings = MachineBench.settings
        settings.name = "ci-7"
        settings.token = "secret"
        settings.grace = nil
        var bench = MachineBench(settings)
        _ = bench.submit(.ping)
        bench.connect()
        let hello = try bench.take("hello")
        #expect(hello["client"] == .string("ci-7"))
        #expect(hello["token"] == .string("secret"))
        #expect(hello["session"] == nil)
    }

    @Test func `after a break the session is resumed`() throws {
        var bench = MachineBench()
        _ = bench.submit(.ping)
        try bench.greet()
        bench.breakConnection()
        bench.pass(.seconds(1))
        #expect(bench.connectAttempts == 2)
        bench.connect()
        let hello = try bench.take("hello")
        #expect(hello["resume"]?["session"] == .string("s1"))
        #expect(hello["resume"]?["secret"] == .string("x-s1"))
        #expect(hello["session"] == nil)
    }

    @Test func `a lock bound to a resumed session stays`() throws {
        var bench = MachineBench()
        let held = try bench.holdLock()
        bench.breakConnection()
        bench.pass(.seconds(1))
        try bench.greet(MachineBench.session(resumed: true))
        #expect(bench.loss(held.hold) == nil)
        // Its events come to the new connection only once it was named there.
        let inquiry = try bench.take("acquire")
        #expect(inquiry["ticket"] == .string("t1"))
    }

    /// A ticket of the old session would be found by its key, and end with the old session at any time.
    @Test func `rule 5: a lock that is asked for on another session is another attempt`() throws {
        var bench = MachineBench()
        let call = bench.lock(wait: .seconds(60))
        try bench.greet()
        let first = try bench.take("lock")
        bench.receive(
            #"{"event":"queued","request":\#(first.id),"ticket":"t1","resource":"demo","position":2}"#
        )
        bench.receive(#"{"event":"goodbye","reason":"resumed_elsewhere"}"#)
        bench.breakConnection()
        bench.pass(.seconds(1))
        try bench.greet(MachineBench.session("s2"))
        let second = try bench.take("lock")
        #expect(second["key"] != first["key"])
        #expect(try bench.take("release")["ticket"] == .string("t1"))
        #expect(bench.result(call) == nil)
    }

    @Test func `rule 5: a session that is gone takes its locks along, and a new one begins`() throws
    {
        var bench = MachineBench()
        let held = try bench.holdLock()
        bench.breakConnection()
        bench.pass(.seconds(1))
        bench.connect()
        bench.refuse(try bench.take("hello"), "not_found")
        #expect(bench.loss(held.hold) == LockLoss(.sessionEnded))
        let second = try bench.take("hello")
        #expect(second["resume"] == nil)
        #expect(second["session"]?["grace"] == .integer(12))
        bench.answer(second, MachineBench.session("s2"))
        #expect(bench.machine.isReady)
    }

    @Test func `a lock that is not bound outlives the session`() throws {
        var bench = MachineBench()
        let held = try bench.holdLock(isBound: false)
        bench.answerPing()
        bench.breakConnection()
        bench.pass(.seconds(1))
        bench.connect()
        if let hello = bench.takeIfThere("hello") {
            bench.answer(hello, MachineBench.session("s2"))
        }
        #expect(bench.loss(held.hold) == nil)
    }

    @Test func `a session that another connection took over is not taken back`() throws {
        var bench = MachineBench()
        let held = try bench.holdLock()
        bench.receive(#"{"event":"goodbye","reason":"resumed_elsewhere"}"#)
        #expect(bench.loss(held.hold) == LockLoss(.sessionTaken))
        bench.pass(.seconds(1))
        bench.connect()
        #expect(try bench.take("hello")["resume"] == nil)
    }

    @Test func `a session that an older connection of its own took over is taken back, once`()
        throws
    {
        var bench = MachineBench()
        let held = try bench.holdLock()
        bench.breakConnection()
        bench.pass(.seconds(1))
        bench.connect()
        // Cut off before the answer; the server reads it after the hello that follows.
        _ = try bench.take("hello")
        bench.breakConnection()
        bench.pass(.seconds(1))
        try bench.greet()
        bench.receive(#"{"event":"goodbye","reason":"resumed_elsewhere"}"#)
        #expect(bench.loss(held.hold) == nil)
        bench.pass(.seconds(1))
        bench.connect()
        let hello = try bench.take("hello")
        #expect(hello["resume"]?["session"] == .string("s1"))
        bench.answer(hello, MachineBench.session())
        bench.receive(#"{"event":"goodbye","reason":"resumed_elsewhere"}"#)
        #expect(bench.loss(held.hold) == LockLoss(.sessionTaken))
    }

    @Test func `a goodbye is followed by another connection after a pause`() throws {
        var bench = MachineBench()
        let held = try bench.holdLock()
        bench.receive(#"{"event":"goodbye","reason":"draining"}"#)
        #expect(bench.connectAttempts == 1)
        bench.pass(.seconds(1))
        #expect(bench.connectAttempts == 2)
        #expect(bench.loss(held.hold) == nil)
    }

    @Test func `rule 5: an idle client shows itself every third of the grace`() throws {
        var bench = MachineBench()
        _ = bench.submit(.ping)
        try bench.greet()
        bench.answer(try bench.take("ping"), #""time":"now""#)
        bench.pass(.seconds(3))
        #expect(bench.lines.isEmpty)
        bench.pass(.seconds(1))
        #expect(bench.lines.map(\.operation) == ["ping"])
    }

    @Test func `a wrong token fails whoever waits and is not tried again by itself`() throws {
        var bench = MachineBench()
        let call = bench.submit(.ping)
        bench.connect()
        bench.refuse(try bench.take("hello"), "unauthenticated")
        guard case .refused(let refusal)? = bench.error(call) else {
            Issue.record("\(String(describing: bench.error(call)))")
            return
        }
        #expect(refusal.code == .unauthenticated)
        bench.pass(.seconds(60))
        #expect(bench.connectAttempts == 1)
        _ = bench.submit(.ping)
        #expect(bench.connectAttempts == 2)
    }

    @Test func `a server that is full for the moment is asked again`() throws {
        var bench = MachineBench()
        let call = bench.submit(.ping)
        bench.connect()
        bench.refuse(try bench.take("hello"), "limit_exceeded", retryable: true)
        #expect(bench.error(call) == nil)
        bench.pass(.seconds(1))
        #expect(bench.connectAttempts == 2)
    }

    @Test func `a goodbye of one session is the end of it, not of the client`() throws {
        var bench = MachineBench()
        _ = try bench.holdLock()
        bench.receive(#"{"event":"goodbye","reason":"resumed_elsewhere"}"#)
        bench.pass(.seconds(1))
        try bench.greet(MachineBench.session("s2"))
        let call = bench.submit(.ping)
        bench.answer(try bench.take("ping"), #""time":"now""#)
        #expect(try bench.reply(call).text("time") == "now")
    }
}

extension MachineBench {
    /// Answers a probe that may be under way.
    mutating func answerPing() {
        if let ping = takeIfThere("ping") { answer(ping, #""time":"now""#) }
    }
}
