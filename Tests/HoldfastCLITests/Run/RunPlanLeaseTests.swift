// When the command is told to end and when it is killed, in virtual time.

import Glibc
import HoldfastCLI
import HoldfastModel
import Testing

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

    @Test func `the guard knows the end, but not while the command stands still with this process`()
    {
        var bench = PlanBench.running()
        let end = bench.now + .seconds(40)
        #expect(bench.plan.guardDeadline == end)
        bench.give(.stopped)
        bench.give(.continued)
        #expect(bench.plan.guardDeadline == nil)
        bench.give(.confirmed)
        #expect(bench.plan.guardDeadline == end)
        bench.give(.exited(.done))
        #expect(bench.plan.guardDeadline == nil)
        #expect(PlanBench.running(lost: .ignore).plan.guardDeadline == nil)
    }
}
