// Rules 14, 23 and 27: what is rebuilt from the records, and what starts again.

import HoldfastCore
import HoldfastModel
import TestSupport
import Testing

@Suite(.offThePool)
struct ReplayTests {
    /// The same resource after a crash.
    private func restarted(
        _ bench: Bench,
        after seconds: Double = 0,
        from source: Source = .records
    ) -> Bench {
        var again = bench
        again.skip(seconds)
        again.restart(fromImage: source == .image)
        return again
    }

    /// What a restart reads: all that was written, or an image of how it stood.
    enum Source: CaseIterable {
        case records
        case image
    }

    /// What a reader sees, without durations.
    private func picture(_ bench: Bench) -> [String] {
        // Renewals are not recorded (rule 14).
        let history = bench.state.history(limit: 64, at: bench.reading)
            .filter { $0.kind != .renewed }
        return [
            "holders \(bench.holders)", "waiting \(bench.waiting)",
            "fences \(bench.holders.map { bench.fence($0) })",
            "endings \(bench.tickets.keys.sorted().map { "\($0) \(bench.standing($0))" })",
            "history \(history.map { "\($0.kind) \($0.number)" })",
            "newest \(bench.state.newestFence.number)",
            "by \(history.map { $0.by ?? "-" })",
        ]
    }

    /// A day at one resource: every kind of record is written, and the picture is compared at every point.
    @Test func `rule 27: after a crash at any point the state is what was acknowledged`() {
        var bench = Bench { $0.retained = 4 }
        let ann = Person.ann.inSession(1)
        var steps: [(inout Bench) -> Void] = []
        steps.append { $0.queue("A", by: ann) { $0.lockDelay = .s(10) } }
        steps.append { $0.queue("B", by: .bob) { $0.details = TicketDetails(key: "k") } }
        steps.append { $0.lock("C", by: .cid) { $0.priority = 3 } }
        steps.append { $0.queue("D", by: .bob) { $0.stealable = true } }
        steps.append { $0.renew("A", by: ann, lease: 45) }
        steps.append { $0.release("B", by: .bob, reason: "not needed") }
        steps.append { $0.release("A", by: ann) }
        steps.append { $0.release("C", by: .cid) }
        steps.append { $0.steal("S1", by: .cid, grace: 20) }
        steps.append { $0.steal("S2", by: .ann, grace: 20) }
        steps.append { $0.release("S1", by: .cid) }
        steps.append { $0.release("S2", by: .ann) }
        steps.append { $0.steal("S3", by: .ann) }
        steps.append { $0.clear(by: .root, reason: "over") }
        steps.append {
            $0.queue("E", by: .ann) {
                $0.lease = .s(5)
                $0.lockDelay = .s(30)
            }
        }
        steps.append { $0.pass(5) }
        steps.append { $0.queue("F", by: .bob) }
        steps.append { $0.pass(31) }
        for (number, step) in steps.enumerated() {
            step(&bench)
            bench.pass(0.25)
            #expect(picture(restarted(bench)) == picture(bench), "after step \(number)")
            #expect(
                picture(restarted(bench, from: .image)) == picture(bench),
                "the image after step \(number)"
            )
        }
    }

    /// Any mix of what people do, crashed again and again.
    @Test(arguments: 1...3)
    func `rule 27: after a crash in any day the state is what was acknowledged`(_ seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var bench = Bench { $0.retained = 6 }
        let people = [Person.ann.inSession(1), .bob, .cid, .root]
        for number in 0..<150 {
            let who = people[Int(generator.next() % 4)]
            let other = "T\(generator.next() % UInt64(number + 1))"
            let isKnown = bench.tickets[other] != nil
            switch generator.next() % 10 {
            case 0...3:
                let bits = generator.next()
                bench.queue("T\(number)", by: who) {
                    $0.mode = bits & 1 == 0 ? .exclusive : .shared
                    $0.priority = UInt8(bits >> 8 & 3)
                    $0.stealable = bits & 2 == 0
                    $0.lease = .s(Double(1 + bits >> 16 & 15))
                    $0.lockDelay = bits & 4 == 0 ? .zero : .s(3)
                    $0.maxWait = bits & 24 == 24 ? .s(6) : nil
                }
            case 4:
                let grace = Double(generator.next() % 8)
                bench.steal("T\(number)", by: .root, grace: grace, force: true)
            case 5...7 where isKnown: bench.release(other, by: who)
            case 8 where isKnown: bench.renew(other, by: who, lease: 20)
            case 9 where generator.next() % 20 == 0: bench.clear(by: .root)
            default: bench.pass(Double(generator.next() % 3))
            }
            bench.pass(0.125)
            guard number % 10 == 0 else { continue }
            let again = restarted(bench)
            #expect(picture(again) == picture(bench), "after step \(number)")
            let image = restarted(bench, from: .image)
            #expect(picture(image) == picture(bench), "the image after step \(number)")
            switch generator.next() % 6 {
            case 0, 1: bench = again
            case 2: bench = image
            default: break
            }
        }
    }

    @Test(arguments: Source.allCases)
    func `rule 14: a lease starts again in full when the server is ready`(source: Source) {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.renew("A", by: .ann, lease: 40)
        bench.pass(39)
        bench = restarted(bench, after: 100, from: source)
        #expect(bench.remaining("A") == 40)
        bench.pass(39.999)
        #expect(bench.standing("A") == "acquired")
        bench.pass(0.001)
        #expect(bench.standing("A") == "expired")
    }

    @Test(arguments: Source.allCases)
    func `rule 14: maxWait and pollWithin start again in full`(source: Source) {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.lease = .s(1_000) }
        bench.queue("B", by: .bob) { $0.maxWait = .s(20) }
        bench.queue("C", by: .cid) { $0.pollWithin = .s(10) }
        bench.pass(9)
        bench = restarted(bench, after: 50, from: source)
        bench.pass(9.999)
        #expect(bench.standing("C") == "queued")
        bench.pass(0.001)
        #expect(bench.standing("C") == "abandoned")
        bench.pass(9.999)
        #expect(bench.standing("B") == "queued")
        bench.pass(0.001)
        #expect(bench.standing("B") == "timed_out")
    }

    @Test(arguments: Source.allCases)
    func `rule 14: a lock delay and a steal's grace start again in full`(source: Source) {
        var closed = Bench()
        closed.queue("A", by: .ann) {
            $0.lease = .s(5)
            $0.lockDelay = .s(10)
        }
        closed.pass(5)
        closed.queue("B", by: .bob)
        closed.pass(9)
        closed = restarted(closed, from: source)
        closed.pass(9.999)
        #expect(closed.standing("B") == "queued")
        closed.pass(0.001)
        #expect(closed.standing("B") == "acquired")

        var losing = Bench()
        losing.queue("A", by: .ann) { $0.stealable = true }
        losing.steal("S", by: .bob, grace: 10)
        losing.pass(9)
        losing = restarted(losing, from: source)
        #expect(losing.renew("A", by: .ann) == "renewed 10.0 losing")
        losing.pass(10)
        #expect(losing.holders == ["S"])
    }

    @Test(arguments: Source.allCases)
    func `rule 23: a key survives a restart, and its time starts anew`(source: Source) {
        var bench = Bench()
        let key = TicketDetails(key: "k")
        bench.queue("A", by: .ann) { $0.details = key }
        let id = bench.id("A")
        bench.release("A", by: .ann)
        bench.pass(59)
        bench = restarted(bench, from: source)
        bench.pass(59.999)
        #expect(bench.queue("again", by: .ann) { $0.details = key }.isExisting)
        #expect(bench.id("again") == id)
        bench.pass(0.001)
        #expect(!bench.queue("new", by: .ann) { $0.details = key }.isExisting)
    }

    @Test(arguments: Source.allCases)
    func `rule 18: the first fence after a restart is larger than all before`(source: Source) {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench = restarted(bench, from: source)
        bench.fences = FenceCounter(last: .none)
        bench.release("A", by: .ann)
        bench.queue("B", by: .ann)
        #expect(bench.fence("B") == 1_002)
    }

    @Test(arguments: Source.allCases)
    func `rule 12: a finished ticket still shows the lease that a renewal lengthened`(
        source: Source
    ) {
        var bench = Bench()
        bench.queue("A", by: .ann) { $0.details = TicketDetails(key: "k") }
        bench.renew("A", by: .ann, lease: 45)
        bench.release("A", by: .ann)
        #expect(restarted(bench, from: source).view("A")?.lease == .s(45))
    }

    @Test(arguments: Source.allCases)
    func `rule 15: a resource that is closed keeps the history of its last ticket`(
        source: Source
    ) {
        var bench = Bench { $0.retain = .s(5) }
        bench.queue("A", by: .ann) {
            $0.lease = .s(1)
            $0.lockDelay = .s(30)
        }
        bench.pass(10)
        #expect(bench.standing("A") == "unknown" && !bench.state.isForgettable)
        let kinds = bench.state.history(limit: 64, at: bench.reading).map(\.kind)
        #expect(kinds == [.expired, .acquired])
        #expect(picture(restarted(bench, from: source)) == picture(bench))
    }

    @Test(arguments: Source.allCases)
    func `rule 14: of two lock delays that run, the longer one counts after a restart`(
        source: Source
    ) {
        var bench = Bench()
        for (name, lease, delay) in [("A", 1.0, 10.0), ("B", 8.0, 4.0)] {
            bench.queue(name, by: .ann) {
                $0.mode = .shared
                $0.lease = .s(lease)
                $0.lockDelay = .s(delay)
            }
        }
        bench.pass(9)
        bench = restarted(bench, from: source)
        bench.queue("C", by: .bob)
        bench.pass(9.999)
        #expect(bench.standing("C") == "queued")
        bench.pass(0.001)
        #expect(bench.standing("C") == "acquired")
    }

    @Test func `rule 27: a crash between an ending and its grant is made good`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.queue("B", by: .bob)
        bench.release("A", by: .ann)
        bench.dropLastRecord()
        bench.restart()
        #expect(bench.holders == ["B"])
        #expect(bench.effects.records.count == 1)
    }

    @Test func `a session that comes back after a restart is told what it holds and what it lost`()
    {
        var bench = Bench()
        let ann = Person.ann.inSession(1)
        bench.queue("A", by: ann)
        bench.queue("gone", by: ann)
        bench.release("gone", by: .root)
        bench = restarted(bench)
        let again = ann.elsewhere()
        let indices = [bench.index("A"), bench.index("gone")]
        bench.step(
            .sessionResumed(SessionID(bits: 1 << 8), again.connection, tickets: indices)
        )
        #expect(bench.words(to: again) == ["acquired A", "lost gone cleared"])
    }

    @Test func `a restart of nothing leaves nothing`() {
        var bench = Bench()
        bench.queue("A", by: .ann)
        bench.release("A", by: .ann)
        bench.pass(61)
        bench.restart()
        #expect(bench.state.isForgettable)
        #expect(bench.state.nextDeadline == .never)
    }
}
