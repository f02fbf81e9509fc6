// The end of a client: goodbye to the server, an answer to everybody who waits.

import HoldfastModel
import HoldfastWire
import Testing

@testable import HoldfastClient

struct ClosingTests {
    private func isFinished(_ bench: MachineBench) -> Bool {
        bench.count { if case .finish = $0 { true } else { false } } == 1
    }

    @Test func `closing says bye and waits for the answer`() throws {
        var bench = MachineBench()
        let held = try bench.holdLock()
        bench.close()
        #expect(bench.loss(held.hold) == LockLoss(.closed))
        let bye = try bench.take("bye")
        #expect(!isFinished(bench))
        bench.answer(bye)
        #expect(isFinished(bench))
    }

    @Test func `a lock that is not bound to the session is released before bye`() throws {
        var bench = MachineBench()
        _ = try bench.holdLock(isBound: false)
        bench.close()
        #expect(bench.lines.map(\.operation) == ["release", "bye"])
        bench.answer(try bench.take("release"), #""ended":"released""#)
        bench.answer(try bench.take("bye"))
        #expect(isFinished(bench))
    }

    @Test func `a server that does not answer bye is not waited for`() throws {
        var bench = MachineBench()
        _ = try bench.holdLock()
        bench.close()
        bench.pass(.milliseconds(1_999))
        #expect(!isFinished(bench))
        bench.pass(.milliseconds(1))
        #expect(isFinished(bench))
    }

    @Test func `whoever waits is told that the client was closed`() throws {
        var bench = MachineBench()
        let call = bench.lock()
        try bench.greet()
        bench.close()
        #expect(bench.error(call) == .closed)
    }

    @Test func `a client without a connection is closed at once`() {
        var bench = MachineBench()
        let call = bench.submit(.ping)
        bench.refuseConnection()
        bench.close()
        #expect(isFinished(bench))
        #expect(bench.error(call) == .closed)
        bench.pass(.seconds(60))
        #expect(bench.connectAttempts == 1)
    }

    @Test func `a request after the end is refused`() {
        var bench = MachineBench()
        bench.close()
        let call = bench.submit(.ping)
        #expect(bench.error(call) == .closed)
    }

    @Test func `closing twice is closing once`() throws {
        var bench = MachineBench()
        _ = try bench.holdLock()
        bench.close()
        bench.close()
        #expect(bench.lines.map(\.operation) == ["bye"])
        bench.answer(try bench.take("bye"))
        bench.close()
        #expect(isFinished(bench))
    }

    @Test func `a connection that comes too late is dropped`() {
        var bench = MachineBench()
        _ = bench.submit(.ping)
        bench.close()
        bench.actions = []
        bench.connect()
        #expect(bench.count { if case .disconnect = $0 { true } else { false } } == 1)
        #expect(bench.lines.isEmpty)
    }

    @Test func `after the end nothing is due`() throws {
        var bench = MachineBench()
        _ = try bench.holdLock()
        bench.close()
        bench.answer(try bench.take("bye"))
        bench.wake()
        #expect(bench.machine.nextWake == .never)
    }
}
