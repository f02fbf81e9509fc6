// A lock at rest is the lock, to the last field: each is dumped before and after, so that a field that is added later
// and forgotten here is seen.

import HoldfastModel
import Testing

@testable import HoldfastCore

struct RestingTests {
    private func expectSame(_ bench: Bench, _ place: SourceLocation = #_sourceLocation) {
        #expect(bench.state.canRest, sourceLocation: place)
        #expect(
            fields(of: bench.state.rested()) == fields(of: bench.state),
            sourceLocation: place
        )
        bench.state.rested().checkInvariants()
    }

    /// All but when the arena looks next whether it is too large.
    private func fields(of state: LockState) -> [Substring] {
        var text = ""
        dump(state, to: &text)
        return text.split(separator: "\n").filter { !$0.contains("removalsUntilLook") }
    }

    @Test func `a holder alone rests and wakes as it was`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        expectSame(bench)
        bench.pass(3)
        bench.renew("A", by: .ann)
        expectSame(bench)
    }

    @Test(arguments: [Mode.exclusive, .shared, .permit(count: 2, of: 5), .permit(count: 1, of: 1)])
    func `in every mode`(_ mode: Mode) {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.mode = mode }
        expectSame(bench)
    }

    @Test func `with everything that can be asked for`() {
        for notify in [Notify.none, .state, .position] {
            var bench = Bench()
            bench.queue("A", by: .ann) {
                $0.notify = notify
                $0.priority = 9
                $0.stealable = true
                $0.lease = Interval(nanoseconds: 86_400_000_000_000 - 1)
                $0.pollWithin = .seconds(3_600)
                $0.lockDelay = .seconds(60)
                $0.details = TicketDetails(holder: "build-7", reason: "nightly")
            }
            bench.pass(0.25)
            expectSame(bench)
        }
    }

    @Test func `a session's ticket rests, and still ends with its session`() {
        var ann = Person.ann
        let session = SessionID(bits: 0x1234_5678_9abc_de00)
        ann.session = session
        var bench = Bench()
        bench.queue("A", by: ann)
        expectSame(bench)
        bench.state = bench.state.rested()
        bench.step(.sessionEnded(session, tickets: [bench.index("A")]))
        #expect(bench.standing("A") == "session_ended")
    }

    @Test func `its lease ends when it would have`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.lease = .s(10) }
        let deadline = bench.state.nextDeadline
        bench.state = bench.state.rested()
        #expect(bench.state.nextDeadline == deadline)
    }

    @Test func `what is more than a holder stays awake`() {
        var bench = Bench()
        #expect(!bench.state.canRest, "nobody")
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob)
        #expect(!bench.state.canRest, "a queue")
        bench = Bench()
        bench.queue("A", by: .ann) { $0.mode = .shared }
        bench.queue("B", by: .bob) { $0.mode = .shared }
        #expect(!bench.state.canRest, "two holders")
        bench = Bench()
        bench.queue("A", by: .ann)
        bench.release("A", by: .ann)
        #expect(!bench.state.canRest, "only remembered")
    }

    @Test func `a key is found after the rest`() {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.details = TicketDetails(key: "k") }
        expectSame(bench)
        bench.state = bench.state.rested()
        bench.queue("again", by: .ann) { $0.details = TicketDetails(key: "k") }
        #expect(bench.id("again") == bench.id("A"))
    }

    @Test func `it is quiet since what happened last`() {
        var bench = Bench()
        bench.pass(5)
        bench.queue("A", by: .ann)
        let then = bench.now
        bench.pass(1)
        #expect(!bench.state.isQuiet(since: Instant(nanoseconds: then.nanoseconds - 1)))
        #expect(bench.state.isQuiet(since: then))
    }
}
