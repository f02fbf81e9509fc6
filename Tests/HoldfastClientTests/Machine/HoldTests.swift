// Locks that are kept: renewed, trusted, lost (rules 5, 13, 20 and 21).

import HoldfastModel
import HoldfastWire
import Testing

@testable import HoldfastClient

struct HoldTests {
    private func unbound(lease: Interval = .seconds(30)) throws -> (MachineBench, HeldLock) {
        var settings = MachineBench.settings
        settings.grace = nil
        var bench = MachineBench(settings)
        let held = try bench.holdLock(lease: lease, isBound: false)
        return (bench, held)
    }

    private func renewal(_ remaining: Int, _ more: String = "") -> String {
        #""state":"acquired","fence":7,"lease":30,"remaining":\#(remaining)\#(more)"#
    }

    /// The last deadline that was told for the lock.
    private func trust(_ bench: MachineBench, _ hold: HoldID) -> Instant? {
        bench.actions.reversed().lazy.compactMap { action in
            if case .trust(hold, let until) = action { until } else { nil }
        }.first
    }

    @Test func `rule 13: a lock is trusted from the sending of its request`() throws {
        var bench = MachineBench()
        let call = bench.lock()
        try bench.greet()
        let (line, sentAt) = (try bench.take("lock"), bench.now)
        bench.sleep(.seconds(2))
        bench.answer(
            line,
            #""ticket":"t1","resource":"demo","state":"acquired","fence":7,"lease":30,"remaining":30"#
        )
        let held = try bench.held(call)
        #expect(held.safeUntil == sentAt + .seconds(30))
        #expect(held.fence == 7)
        #expect(held.resource == "demo")
    }

    @Test func `rule 13: a late answer counts from the sending, plus what it waited`() throws {
        var (bench, _) = try unbound()
        let call = bench.lock("other", isBound: false)
        let (line, sentAt) = (try bench.take("lock"), bench.now)
        bench.sleep(.seconds(3))
        bench.answer(
            line,
            #""ticket":"t2","resource":"other","state":"acquired","fence":8,"lease":30,"#
                + #""remaining":29.5,"waited":2.25"#
        )
        #expect(try bench.held(call).safeUntil == sentAt + .milliseconds(31_750))
    }

    @Test func `rule 13: an answer that comes after its lease is not trusted but asked about`()
        throws
    {
        var (bench, _) = try unbound()
        let call = bench.lock("other", lease: .seconds(2), isBound: false)
        let line = try bench.take("lock")
        bench.sleep(.seconds(3))
        bench.answer(
            line,
            #""ticket":"t2","resource":"other","state":"acquired","fence":8,"lease":2,"remaining":2"#
        )
        #expect(bench.result(call) == nil)
        let inquiry = try bench.take("acquire")
        #expect(inquiry["ticket"] == .string("t2"))
        bench.refuse(inquiry, "lost", #""ended":"expired""#)
        #expect(try bench.reply(call).loss == LockLoss(.expired))
    }

    @Test func `a lease that is over but stands is asked about with pauses, and not for ever`()
        throws
    {
        var bench = MachineBench()
        let call = bench.lock()
        try bench.greet()
        let over =
            #""ticket":"t1","resource":"demo","state":"acquired","fence":7,"lease":30,"remaining":0"#
        bench.answer(try bench.take("lock"), over)
        bench.answer(try bench.take("acquire"), over)
        #expect(bench.takeIfThere("acquire") == nil)
        #expect(bench.machine.nextWake > bench.now)
        var askCount = 0
        while bench.result(call) == nil, askCount < 1_000 {
            bench.pass(.milliseconds(100))
            guard let line = bench.takeIfThere("acquire") else { continue }
            bench.answer(line, over)
            askCount += 1
        }
        #expect(10...200 ~= askCount)
        guard case .outcomeUnknown? = bench.error(call) else {
            Issue.record("the caller was told \(String(describing: bench.result(call)))")
            return
        }
        #expect(try bench.take("release")["ticket"]?.string == "t1")
    }

    @Test func `a lock is renewed after a third of its lease, again and again`() throws {
        var (bench, held) = try unbound()
        for _ in 0..<5 {
            let start = bench.now
            bench.pass(.milliseconds(8_499))
            #expect(bench.lines.filter { $0.operation == "renew" }.isEmpty)
            bench.pass(.milliseconds(1_501))
            bench.answerPing()
            let sentAt = bench.now
            #expect(sentAt == start + .seconds(10))
            bench.answer(try bench.take("renew"), renewal(30))
            bench.answerPing()
        }
        #expect(bench.loss(held.hold) == nil)
    }

    @Test func `rule 13: without an answer a lock is lost at the safe deadline`() throws {
        var (bench, held) = try unbound()
        bench.breakConnection()
        bench.pass(.milliseconds(29_999))
        #expect(bench.loss(held.hold) == nil)
        bench.pass(.milliseconds(1))
        #expect(bench.loss(held.hold) == LockLoss(.unconfirmed))
    }

    @Test func `rule 5: a bound lock is lost when the session's grace may be over`() throws {
        var bench = MachineBench()
        let held = try bench.holdLock()
        bench.breakConnection()
        bench.pass(.milliseconds(11_999))
        #expect(bench.loss(held.hold) == nil)
        bench.pass(.milliseconds(1))
        #expect(bench.loss(held.hold) == LockLoss(.unconfirmed))
    }

    @Test func `rule 5: every answer on the session extends the trust of what is bound to it`()
        throws
    {
        var bench = MachineBench()
        let held = try bench.holdLock()
        bench.pass(.seconds(4))
        let sentAt = bench.now
        bench.answer(try bench.take("ping"), #""time":"now""#)
        bench.breakConnection()
        #expect(bench.machine.session?.trust.deadline == sentAt + .seconds(12))
        bench.pass(.milliseconds(11_999))
        #expect(bench.loss(held.hold) == nil)
    }

    @Test func `rule 13: after a long sleep the clock decides, not the alarm`() throws {
        var (bench, held) = try unbound()
        bench.sleep(.seconds(3_600))
        bench.wake()
        #expect(bench.loss(held.hold) == LockLoss(.unconfirmed))
    }

    @Test func `a lock that was given up is released when the server is back`() throws {
        var (bench, _) = try unbound()
        bench.breakConnection()
        bench.pass(.seconds(30))
        try bench.greet("")
        #expect(try bench.take("release")["ticket"] == .string("t1"))
    }

    @Test func `a lock that was given up is not released for ever`() throws {
        var (bench, _) = try unbound()
        bench.breakConnection()
        bench.pass(.seconds(61))
        #expect(bench.machine.calls.isEmpty)
    }

    @Test(
        arguments: [
            (#""ended":"expired""#, LockLoss(.expired)),
            (
                #""ended":"stolen","by":"ops","reason":"stuck""#,
                LockLoss(.stolen, by: "ops", reason: "stuck")
            ),
            (#""ended":"cleared","by":"ops""#, LockLoss(.cleared, by: "ops")),
            (#""ended":"session_ended""#, LockLoss(.sessionEnded)),
        ]
    )
    func `rule 20: a holder is told how its lock was lost`(fields: String, loss: LockLoss) throws {
        var (bench, held) = try unbound()
        bench.receive(#"{"event":"lost","ticket":"t1","resource":"demo",\#(fields)}"#)
        #expect(bench.loss(held.hold) == loss)
        #expect(bench.machine.holds.isEmpty)
    }

    @Test(arguments: [("lost", LockLoss.Cause.stolen), ("not_found", .forgotten)])
    func `a renewal can tell of the loss`(code: String, cause: LockLoss.Cause) throws {
        var (bench, held) = try unbound()
        bench.pass(.seconds(10))
        bench.answerPing()
        bench.refuse(try bench.take("renew"), code, #""ended":"stolen""#)
        #expect(bench.loss(held.hold)?.cause == cause)
    }

    @Test func `a renewal that is refused for the moment is tried again`() throws {
        var (bench, held) = try unbound()
        bench.pass(.seconds(10))
        bench.answerPing()
        bench.refuse(try bench.take("renew"), "unavailable", retryable: true)
        bench.pass(.seconds(2))
        #expect(bench.lines.map(\.operation) == ["renew"])
        #expect(bench.loss(held.hold) == nil)
    }

    @Test func `rule 21: a holder that is being robbed asks at once what is left`() throws {
        var (bench, held) = try unbound()
        bench.receive(
            #"{"event":"losing","ticket":"t1","resource":"demo","grace":4,"by":"ops","reason":"stuck"}"#
        )
        #expect(trust(bench, held.hold) == bench.now + .seconds(4))
        let sentAt = bench.now
        bench.sleep(.milliseconds(100))
        bench.answer(try bench.take("renew"), renewal(3, #","losing":true"#))
        #expect(trust(bench, held.hold) == sentAt + .seconds(3))
        bench.pass(.milliseconds(2_900))
        #expect(bench.loss(held.hold) == LockLoss(.unconfirmed))
    }

    @Test func `rule 21: a renewal from before the steal does not hide it`() throws {
        var (bench, held) = try unbound()
        bench.pass(.seconds(10))
        bench.answerPing()
        let renew = try bench.take("renew")
        bench.receive(
            #"{"event":"losing","ticket":"t1","resource":"demo","grace":4,"by":"ops"}"#
        )
        let told = bench.now
        bench.answer(renew, renewal(30))
        #expect(trust(bench, held.hold) == told + .seconds(4))
    }

    @Test func `rule 21: when the steal is off the lease counts again`() throws {
        var (bench, held) = try unbound()
        bench.receive(
            #"{"event":"losing","ticket":"t1","resource":"demo","grace":4,"by":"ops"}"#
        )
        bench.answer(try bench.take("renew"), renewal(4, #","losing":true"#))
        bench.receive(#"{"event":"kept","ticket":"t1","resource":"demo"}"#)
        bench.answer(try bench.take("renew"), renewal(30))
        #expect(trust(bench, held.hold) == bench.now + .seconds(30))
        bench.pass(.seconds(5))
        #expect(bench.loss(held.hold) == nil)
    }

    @Test func `a lock that was released is not renewed`() throws {
        var (bench, held) = try unbound()
        let released = bench.machine.release(held.hold, reason: "done", at: bench.now)
        let call = try #require(released)
        bench.settleUp()
        let release = try bench.take("release")
        #expect(release["reason"] == .string("done"))
        bench.answer(release, #""ticket":"t1","state":"released","ended":"released""#)
        #expect(try bench.reply(call).releaseOutcome?.cause == .released)
        bench.pass(.seconds(9))
        #expect(bench.lines.isEmpty)
        let again = bench.machine.release(held.hold, reason: nil, at: bench.now)
        #expect(again == nil)
    }

    @Test func `a renewal by hand counts as any other`() throws {
        var (bench, held) = try unbound()
        bench.sleep(.seconds(5))
        let renewed = bench.machine.renew(held.hold, lease: .seconds(60), at: bench.now)
        let call = try #require(renewed)
        bench.settleUp()
        let renew = try bench.take("renew")
        #expect(renew["lease"] == .integer(60))
        bench.answer(renew, #""state":"acquired","fence":7,"lease":60,"remaining":60"#)
        #expect(trust(bench, held.hold) == bench.now + .seconds(60))
        #expect(try bench.reply(call).refusal == nil)
    }

    @Test func `a ticket that its owner releases by name is held no more`() throws {
        var (bench, held) = try unbound()
        _ = bench.submit(.release("t1"))
        bench.answer(
            try bench.take("release"),
            #""ticket":"t1","state":"released","ended":"released""#
        )
        #expect(bench.loss(held.hold) == LockLoss(.released))
    }

    @Test func `after a break the server is asked where every lock stands`() throws {
        var (bench, held) = try unbound()
        bench.breakConnection()
        bench.pass(.seconds(1))
        let sentAt = bench.now
        try bench.greet("")
        bench.answer(
            try bench.take("acquire"),
            #""acquired":true,"state":"acquired","fence":7,"lease":30,"remaining":25"#
        )
        #expect(trust(bench, held.hold) == sentAt + .seconds(25))
    }

    @Test func `a hundred locks are renewed by few wake-ups`() throws {
        var (bench, _) = try unbound()
        for number in 2...100 {
            bench.sleep(.milliseconds(5))
            _ = bench.lock("r\(number)", isBound: false)
            bench.answer(
                try bench.take("lock"),
                #""ticket":"t\#(number)","resource":"r","state":"acquired","fence":7,"#
                    + #""lease":30,"remaining":30"#
            )
        }
        var wakes = 0
        let end = bench.now + .seconds(10)
        while bench.machine.nextWake <= end {
            bench.now = max(bench.now, bench.machine.nextWake)
            bench.wake()
            wakes += 1
            #expect(wakes < 20)
            guard wakes < 20 else { return }
            for line in bench.lines { bench.answer(line, renewal(30)) }
            bench.lines = []
        }
    }
}
