// Stops, signals and ends, in virtual time.

import Glibc
import HoldfastCLI
import HoldfastModel
import Testing

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
