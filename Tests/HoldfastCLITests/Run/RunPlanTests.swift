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

    @Test func `a grant that crosses a cancel starts nothing`() {
        var bench = PlanBench()
        bench.give(.signal(SIGINT))
        #expect(bench.give(.granted(trustedUntil: bench.now + .seconds(40))) == [])
        #expect(bench.pass(2) == [.exit(.signal(SIGINT))])
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

struct RunPlanLeaseTests {
    private let term: [RunOrder] = [.signalGroup(SIGTERM), .signalGroup(SIGCONT)]

    @Test func `without answers the command is told to end before the lease does and killed at it`()
    {
        var bench = PlanBench.running()
        #expect(bench.plan.nextDeadline == bench.now + .seconds(30))
        #expect(bench.pass(29.9) == [])
        #expect(bench.pass(0.1) == term)
        #expect(bench.plan.nextDeadline == bench.now + .seconds(10))
        #expect(bench.pass(9.9) == [])
        #expect(bench.pass(0.1) == [.signalGroup(SIGKILL)])
        #expect(bench.give(.exited(.signal(SIGKILL))) == [.exit(.lockLost)])
        #expect(bench.said.count == 3)
    }

    @Test(arguments: [(1, 0.25), (8, 2), (40, 10), (86_400, 10)])
    func `the margin is a quarter of the lease and ten seconds at most`(
        lease: Int,
        margin: Double
    ) {
        var bench = PlanBench(lease: lease)
        let end = bench.now + .seconds(lease)
        bench.give(.granted(trustedUntil: end))
        bench.give(.started)
        #expect(end - bench.plan.nextDeadline == Interval(seconds: margin))
    }

    @Test func `every renewal moves the end`() {
        var bench = PlanBench.running()
        bench.pass(20)
        bench.give(.trusted(until: bench.now + .seconds(40)))
        #expect(bench.pass(29.9) == [])
        #expect(bench.pass(0.1) == term)
    }

    @Test func `a renewal in time saves the command from the kill, not from its end`() {
        var bench = PlanBench.running()
        bench.pass(30)
        bench.give(.trusted(until: bench.now + .seconds(40)))
        #expect(bench.pass(20) == [])
        #expect(bench.give(.exited(.signal(SIGTERM))) == [.probeGroup])
        #expect(bench.give(.groupEnded) == [.release])
        #expect(bench.give(.released) == [.exit(.lockLost)])
    }

    @Test func `after a long pause there is only the kill`() {
        var bench = PlanBench.running()
        #expect(bench.pass(41) == [.signalGroup(SIGKILL)])
    }

    @Test func `a command that ended while nobody looked was perhaps unprotected`() {
        var bench = PlanBench.running()
        bench.now = bench.now + .seconds(41)
        #expect(bench.give(.exited(.done)) == [.signalGroup(SIGKILL), .exit(.lockLost)])
    }

    @Test func `a lost lock ends the command at once, with the margin for its last words`() {
        var bench = PlanBench.running()
        #expect(bench.give(.lost("stolen by ops (hotfix)")) == term)
        #expect(bench.said.first == "demo was lost: stolen by ops (hotfix)")
        #expect(bench.pass(9.9) == [])
        #expect(bench.pass(0.1) == [.signalGroup(SIGKILL)])
        #expect(bench.give(.exited(.signal(SIGKILL))) == [.exit(.lockLost)])
    }

    @Test func `the last words of a lost lock never outlast its lease`() {
        var bench = PlanBench.running()
        bench.pass(29)
        bench.give(.lost("stolen"))
        #expect(bench.plan.nextDeadline == bench.now + .seconds(10))
        var late = PlanBench.running()
        late.pass(30)
        late.pass(5)
        late.give(.lost("stolen"))
        #expect(late.plan.nextDeadline == late.now + .seconds(5))
    }

    @Test func `the rest of the group is waited for, then killed`() {
        var bench = PlanBench.running()
        bench.give(.lost("stolen"))
        #expect(bench.give(.exited(.done)) == [.probeGroup])
        #expect(bench.pass(0.05) == [.probeGroup])
        #expect(bench.pass(10) == [.signalGroup(SIGKILL), .exit(.lockLost)])
    }

    @Test func `a loss is told once`() {
        var bench = PlanBench.running()
        bench.give(.lost("stolen"))
        #expect(bench.give(.lost("expired")) == [])
        #expect(bench.said.count == 2)
    }
}

struct RunPlanStealTests {
    @Test func `a command may finish within the grace`() {
        var bench = PlanBench.running()
        #expect(bench.give(.losing(grace: .seconds(20), by: "ops", reason: "hotfix")) == [])
        #expect(bench.said == ["demo is being taken by ops (hotfix): 20 s left to finish"])
        bench.pass(10)
        #expect(bench.give(.exited(.done)) == [.release])
        #expect(bench.give(.released) == [.exit(.done)])
    }

    @Test func `it is told to end a quarter of the grace before the grace is over`() {
        var bench = PlanBench.running()
        bench.give(.losing(grace: .seconds(20), by: "ops", reason: nil))
        bench.give(.trusted(until: bench.now + .seconds(20)))
        #expect(bench.pass(14.9) == [])
        #expect(bench.pass(0.1) == [.signalGroup(SIGTERM), .signalGroup(SIGCONT)])
        #expect(bench.pass(5) == [.signalGroup(SIGKILL)])
    }

    @Test func `a long grace leaves ten seconds`() {
        var bench = PlanBench.running()
        bench.give(.trusted(until: bench.now + .seconds(300)))
        bench.give(.losing(grace: .seconds(200), by: "ops", reason: nil))
        #expect(bench.plan.nextDeadline == bench.now + .seconds(190))
    }

    @Test func `what is kept goes on`() {
        var bench = PlanBench.running()
        bench.give(.losing(grace: .seconds(8), by: "ops", reason: nil))
        bench.pass(5)
        bench.give(.kept)
        bench.give(.trusted(until: bench.now + .seconds(40)))
        #expect(bench.plan.nextDeadline == bench.now + .seconds(30))
        #expect(bench.said.last == "demo is not taken after all")
    }
}

struct RunPlanIgnoreTests {
    @Test func `with lost ignore the command goes on and keeps its code`() {
        var bench = PlanBench.running(lost: .ignore)
        #expect(bench.give(.lost("stolen")) == [])
        #expect(bench.said.count == 1)
        #expect(bench.pass(100) == [])
        #expect(bench.give(.exited(ExitCode(4))) == [.release])
        #expect(bench.give(.notReleased("lost")) == [.exit(ExitCode(4))])
    }

    @Test func `with lost ignore silence is told at the end of the lease, once`() {
        var bench = PlanBench.running(lost: .ignore)
        #expect(bench.pass(39) == [])
        #expect(bench.said == [])
        bench.pass(1)
        bench.pass(100)
        #expect(bench.said.count == 1)
        #expect(bench.plan.nextDeadline == .never)
    }
}

struct RunPlanStopTests {
    @Test func `a command that stops stops run, too`() {
        var bench = PlanBench.running()
        #expect(bench.give(.stopped) == [.stopSelf])
    }

    @Test func `continued it asks before the command moves`() {
        var bench = PlanBench.running()
        bench.give(.stopped)
        bench.now = bench.now + .seconds(5)
        #expect(bench.give(.continued) == [.confirm])
        #expect(bench.give(.signal(SIGCONT)) == [])
        #expect(bench.give(.confirmed) == [.resumeCommand])
        #expect(bench.plan.phase == .running)
    }

    @Test func `continued after the lease it kills`() {
        var bench = PlanBench.running()
        bench.give(.stopped)
        bench.now = bench.now + .seconds(41)
        #expect(bench.give(.continued) == [.signalGroup(SIGKILL)])
        #expect(bench.give(.exited(.signal(SIGKILL))) == [.exit(.lockLost)])
    }

    @Test func `continued and told of the loss it kills what never moved`() {
        var bench = PlanBench.running()
        bench.give(.stopped)
        bench.now = bench.now + .seconds(5)
        bench.give(.continued)
        #expect(bench.give(.lost("stolen")) == [.signalGroup(SIGKILL)])
    }

    @Test func `without an answer its own clock decides`() {
        var bench = PlanBench.running()
        bench.give(.stopped)
        bench.now = bench.now + .seconds(5)
        bench.give(.continued)
        #expect(bench.pass(1) == [.resumeCommand])
    }

    @Test func `continued shortly before the end it is told to end`() {
        var bench = PlanBench.running()
        bench.give(.stopped)
        bench.now = bench.now + .seconds(35)
        #expect(bench.give(.continued) == [.signalGroup(SIGTERM), .signalGroup(SIGCONT)])
    }

    @Test func `a command that stops on its way out is continued`() {
        var bench = PlanBench.running()
        bench.give(.lost("stolen"))
        #expect(bench.give(.stopped) == [.signalGroup(SIGCONT)])
    }
}

struct RunPlanSignalTests {
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP])
    func `a signal is passed on once`(number: Int32) {
        var bench = PlanBench.running()
        #expect(bench.give(.signal(number)) == [.signalGroup(number)])
        #expect(bench.pass(1) == [])
    }

    @Test func `a command ended by a passed on signal ends run as a shell would say it`() {
        var bench = PlanBench.running()
        bench.give(.signal(SIGTERM))
        #expect(bench.give(.exited(.signal(SIGTERM))) == [.release])
        #expect(bench.give(.released) == [.exit(ExitCode(143))])
    }

    @Test(arguments: [(ExitCode.notFound, "x: not found"), (.notExecutable, "x: no")])
    func `what cannot be started gives the lock back`(code: ExitCode, text: String) {
        var bench = PlanBench()
        bench.give(.granted(trustedUntil: bench.now + .seconds(40)))
        #expect(bench.give(.notStarted(code, text)) == [.release])
        #expect(bench.give(.released) == [.exit(code)])
        #expect(bench.said == [text])
    }

    @Test func `a failing release is told and keeps the code`() {
        var bench = PlanBench.running()
        bench.give(.exited(.done))
        #expect(bench.give(.notReleased("the server is gone")) == [.exit(.done)])
        #expect(bench.said == ["demo could not be released: the server is gone"])
    }

    @Test func `a release without an answer is not waited for longer than five seconds`() {
        var bench = PlanBench.running()
        bench.give(.exited(.done))
        #expect(bench.pass(4.9) == [])
        #expect(bench.pass(0.1) == [.exit(.done)])
        #expect(bench.said.count == 1)
    }

    @Test func `after the end nothing is ordered any more`() {
        var bench = PlanBench.running()
        bench.give(.exited(.done))
        bench.give(.released)
        for input in [RunInput.released, .lost("x"), .signal(SIGTERM), .stopped, .confirmed] {
            #expect(bench.give(input) == [])
        }
        #expect(bench.plan.nextDeadline == .never)
    }
}
