// `position` events (PROTOCOL §5): at once among the first ten, behind them at most once a second and in slices.

import HoldfastCore
import HoldfastModel
import Testing

struct PositionTests {
    private func bench(_ count: Int) -> Bench {
        var bench = Bench()
        bench.queue("held", by: .ann) { $0.lease = .s(10_000) }
        for number in 1...count {
            bench.queue("T\(number)", by: .bob) {
                $0.notify = .position
                $0.pollWithin = .s(10_000)
            }
        }
        return bench
    }

    @Test func `who is among the first ten hears of every step at once`() {
        var bench = bench(3)
        bench.release("T1", by: .bob)
        #expect(bench.words(to: .bob) == ["position T2 1", "position T3 2"])
    }

    @Test func `who waits further behind hears a second later, and the step tells nothing`() {
        var bench = bench(12)
        bench.release("T11", by: .bob)
        #expect(bench.events(to: .bob).isEmpty)
        bench.pass(0.999)
        #expect(bench.events(to: .bob).isEmpty)
        bench.pass(0.001)
        #expect(bench.words(to: .bob) == ["position T12 11"])
    }

    @Test func `who comes into the first ten hears at once`() {
        var bench = bench(11)
        bench.release("T10", by: .bob)
        #expect(bench.words(to: .bob) == ["position T11 10"])
    }

    @Test func `many steps in one second are one event`() {
        var bench = bench(40)
        for number in 15...24 { bench.release("T\(number)", by: .bob) }
        #expect(bench.events(to: .bob).isEmpty)
        bench.pass(1)
        #expect(bench.words(to: .bob).count == 16)
        #expect(bench.words(to: .bob).contains("position T40 30"))
        bench.pass(10)
        #expect(bench.events(to: .bob).isEmpty)
    }

    @Test func `nobody is told twice in a second behind the tenth`() {
        var bench = bench(300)
        bench.release("T20", by: .bob)
        bench.pass(1)
        #expect(bench.words(to: .bob).count == 280)
        bench.release("T21", by: .bob)
        bench.pass(0.999)
        #expect(bench.events(to: .bob).isEmpty)
        bench.pass(0.001)
        #expect(bench.words(to: .bob).count == 279)
    }

    @Test func `a slice is at most 256 tickets`() {
        var bench = bench(600)
        bench.release("T20", by: .bob)
        bench.skip(1)
        var slices: [Int] = []
        while bench.state.nextDeadline <= bench.now {
            bench.step(.timePassed(limit: 100))
            slices.append(bench.events(to: .bob).count)
        }
        #expect(slices.max() ?? 0 <= 256)
        #expect(slices.reduce(0, +) == 580)
    }

    @Test func `who comes back with its session hears where it stands now`() {
        var bench = Bench()
        let bob = Person.bob.inSession()
        bench.queue("held", by: .ann)
        bench.queue("first", by: .ann)
        bench.queue("B", by: bob) { $0.notify = .position }
        let again = bob.elsewhere()
        bench.step(
            .sessionResumed(
                again.session ?? SessionID(bits: 0),
                again.connection,
                tickets: [bench.index("B")]
            )
        )
        #expect(bench.words(to: again) == ["position B 2"])
    }

    @Test func `who leaves the queue is followed no more`() {
        var bench = bench(2)
        bench.release("T2", by: .bob)
        bench.release("T1", by: .bob)
        #expect(bench.events(to: .bob).isEmpty)
        bench.pass(10)
        #expect(bench.events(to: .bob).isEmpty)
    }

    @Test func `a request that names the ticket with another notify changes what is told`() {
        var bench = Bench()
        let key = TicketDetails(key: "k")
        bench.queue("held", by: .ann)
        bench.queue("first", by: .ann)
        bench.queue("B", by: .bob) { $0.details = key }
        bench.queue("B", by: .bob) {
            $0.details = key
            $0.notify = .position
        }
        bench.release("first", by: .ann)
        #expect(bench.words(to: .bob) == ["position B 1"])
    }
}
