// A lock that others take, and a user who does not mind losing it, in virtual time.

import Glibc
import HoldfastCLI
import HoldfastModel
import Testing

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
