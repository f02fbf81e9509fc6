// Every decision of `run`, in virtual time.

import Glibc
import HoldfastCLI
import HoldfastModel
import Testing

/// A plan with a clock of its own and everything it ordered, messages apart.
struct PlanBench {
    var plan: RunPlan
    var now = Instant(nanoseconds: 1_000_000_000_000)
    var said: [String] = []

    init(
        lease: Int = 40,
        lost: LostPolicy = .term,
        conflictExitCode: ExitCode = .notAcquired,
        wait: Interval? = nil
    ) {
        plan = RunPlan(
            settings: RunPlan.Settings(
                resource: "demo",
                lease: .seconds(lease),
                lost: lost,
                conflictExitCode: conflictExitCode,
                waitUntil: wait.map { Instant(nanoseconds: 1_000_000_000_000) + $0 } ?? .never
            )
        )
    }

    /// A plan whose command runs under a lease of 40 s that began now.
    static func running(lost: LostPolicy = .term) -> PlanBench {
        var bench = PlanBench(lost: lost)
        bench.give(.granted(trustedUntil: bench.now + .seconds(40)))
        bench.give(.started)
        return bench
    }

    @discardableResult
    mutating func give(_ input: RunInput) -> [RunOrder] { keep(plan.handle(input, at: now)) }

    @discardableResult
    mutating func pass(_ seconds: Double) -> [RunOrder] {
        now = now + Interval(seconds: seconds)
        return keep(plan.handle(.timePassed, at: now))
    }

    private mutating func keep(_ orders: [RunOrder]) -> [RunOrder] {
        orders.filter { order in
            guard case .say(let text) = order else { return true }
            said.append(text)
            return false
        }
    }
}

struct RunPlanWaitingTests {
    @Test func `a grant starts the command and its end releases the lock`() {
        var bench = PlanBench()
        #expect(bench.give(.granted(trustedUntil: bench.now + .seconds(40))) == [.start])
        #expect(bench.give(.started) == [])
        #expect(bench.give(.exited(ExitCode(3))) == [.release])
        #expect(bench.give(.released) == [.exit(ExitCode(3))])
        #expect(bench.said == [])
    }

    @Test func `a place in the queue is shown while waiting only`() {
        var bench = PlanBench()
        let place = QueuePlace(position: 2, queueLength: 5)
        #expect(bench.give(.queued(place)) == [.show(place)])
        bench.give(.granted(trustedUntil: bench.now + .seconds(40)))
        #expect(bench.give(.queued(place)) == [])
    }

    @Test(arguments: [
        (ExitCode.notAcquired, ExitCode(9)), (.refused, .refused), (.unreachable, .unreachable),
        (.notAllowed, .notAllowed),
    ])
    func `a refusal ends it with its own code, a conflict with the one asked for`(
        code: ExitCode,
        exit: ExitCode
    ) {
        var bench = PlanBench(conflictExitCode: ExitCode(9))
        #expect(bench.give(.notGranted(code, "no")) == [.exit(exit)])
        #expect(bench.said == ["no"])
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
    func `a signal while waiting gives the ticket back`(number: Int32) {
        var bench = PlanBench()
        #expect(bench.give(.signal(number)) == [.cancel])
        #expect(bench.give(.notGranted(.refused, "cancelled")) == [.exit(.signal(number))])
        #expect(bench.said == [])
    }

    @Test func `a grant that crosses a cancel is given back and starts nothing`() {
        var bench = PlanBench()
        bench.give(.signal(SIGINT))
        #expect(bench.give(.granted(trustedUntil: bench.now + .seconds(40))) == [.release])
        #expect(bench.give(.released) == [.exit(.signal(SIGINT))])
    }

    @Test func `a cancel that nobody answers is over after two seconds`() {
        var bench = PlanBench()
        bench.give(.signal(SIGINT))
        #expect(bench.pass(1.9) == [])
        #expect(bench.pass(0.1) == [.exit(.signal(SIGINT))])
    }

    @Test func `a grant that is nearly over is confirmed before the command starts`() {
        var bench = PlanBench()
        #expect(bench.give(.granted(trustedUntil: bench.now + .seconds(10))) == [.confirm])
        bench.give(.trusted(until: bench.now + .seconds(40)))
        #expect(bench.give(.confirmed) == [.start])
    }

    @Test func `a grant that was lost before the command started is asked for again`() {
        var bench = PlanBench()
        bench.give(.granted(trustedUntil: bench.now + .seconds(-1)))
        #expect(bench.give(.lost("expired")) == [.askAgain])
        #expect(bench.give(.granted(trustedUntil: bench.now + .seconds(40))) == [.start])
        #expect(bench.said == [])
    }

    @Test func `a place that was missed is asked for again, unless nobody waits any more`() {
        var bench = PlanBench()
        #expect(bench.give(.missed) == [.askAgain])
        bench.give(.signal(SIGINT))
        #expect(bench.give(.missed) == [.exit(.signal(SIGINT))])
    }

    @Test func `a stop at the terminal stops a wait`() {
        var bench = PlanBench()
        #expect(bench.give(.signal(SIGTSTP)) == [.stopSelf])
        #expect(bench.give(.continued) == [])
        #expect(bench.plan.phase == .waiting)
    }

    @Test func `a second signal does not wait for the server`() {
        var bench = PlanBench()
        bench.give(.signal(SIGINT))
        #expect(bench.give(.signal(SIGTERM)) == [.exit(.signal(SIGTERM))])
    }

    @Test(arguments: [SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT])
    func `other signals while waiting mean nothing`(number: Int32) {
        var bench = PlanBench()
        #expect(bench.give(.signal(number)) == [])
        #expect(bench.plan.phase == .waiting)
    }

    @Test func `a wait that the server never ends is ended here`() {
        var bench = PlanBench(conflictExitCode: ExitCode(9), wait: .seconds(3))
        #expect(bench.plan.nextDeadline == bench.now + .seconds(3))
        #expect(bench.pass(2.9) == [])
        #expect(bench.pass(0.1) == [.cancel])
        #expect(bench.pass(2) == [.exit(ExitCode(9))])
    }
}
