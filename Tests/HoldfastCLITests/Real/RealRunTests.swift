// `run` against a real server, with real children, signals and a terminal.

import Glibc
import Testing

@Suite(.serialized) struct RealRunTests {
    @Test func `the command gets ticket, fence and resource and its code is the code`() throws {
        let server = try RealServer()
        let result = try server.run(
            "run",
            "a/b",
            "--",
            "sh",
            "-c",
            "echo ${#HOLDFAST_TICKET} $HOLDFAST_RESOURCE; test $HOLDFAST_FENCE -gt 0 && exit 7"
        )
        #expect(result.output == "28 a/b\n")
        #expect(result.code == 7)
        let wrong = try server.run("run", "/a", "--", "true")
        #expect(wrong.code != 0)
        #expect(wrong.messages.contains("it begins or ends with a slash"), "\(wrong.messages)")
        #expect(try server.run("resources").output == "nothing is locked\n")
    }

    /// Waits for signals, and for nothing else; `wait` lets a trap run at once.
    private static let forEver = "sleep 60 > /dev/null 2>&1 & while :; do wait; done"
    private static let upForEver = "echo up; \(forEver)"

    private static let endings: [([String], Int32)] = [
        (["sh", "-c", "kill -9 $$"], 137), (["/nonexistent"], 127), (["/dev/null"], 126),
        (["true"], 0),
    ]

    @Test(arguments: endings)
    func `exit codes are those of a shell`(command: [String], code: Int32) throws {
        let server = try RealServer()
        let result = try RealProcess.run(
            ["run", "a", "--"] + command,
            environment: server.environment
        )
        #expect(result.code == code)
        #expect(try server.run("resources").output == "nothing is locked\n")
    }

    @Test func `a lock that is held is 75, or what was asked for`() throws {
        let server = try RealServer()
        _ = try server.run("queue", "a")
        #expect(try server.run("run", "a", "--wait", "0", "--", "true").code == 75)
        let other = try server.run(
            "run",
            "a",
            "--wait",
            "0.05",
            "--conflict-exit-code",
            "9",
            "--",
            "true"
        )
        #expect(other.code == 9)
        #expect(other.output == "")
    }

    @Test func `a signal reaches the command once`() throws {
        let server = try RealServer()
        let run = try server.start(
            "run",
            "a",
            "--",
            "sh",
            "-c",
            "n=0; trap 'n=$((n+1)); echo $n' INT; trap 'exit $((40+n))' USR1; \(RealRunTests.upForEver)"
        )
        #expect(try run.line() == "up")
        run.signal(SIGINT)
        #expect(try run.line() == "1")
        run.signal(SIGUSR1)
        #expect(try run.exitCode() == 41)
    }

    @Test func `a killed run takes the whole group with it`() throws {
        let server = try RealServer()
        let run = try server.start("run", "a", "--", "sh", "-c", "sleep 1000 & echo up; wait")
        #expect(try run.line() == "up")
        run.signal(SIGKILL)
        // The pipe ends when the last of the group is gone.
        #expect(try run.rest() == "")
        #expect(try run.exitCode() == 137)
    }

    @Test func `a stolen lock ends the command and says by whom`() throws {
        let server = try RealServer()
        let run = try server.start(
            "run",
            "a",
            "--stealable",
            "--",
            "sh",
            "-c",
            "trap 'echo asked; exit 0' TERM; echo up; sleep 1000 & wait"
        )
        #expect(try run.line() == "up")
        #expect(try server.run("steal", "a", "--reason", "hotfix").code == 0)
        #expect(try run.line() == "asked")
        #expect(try run.exitCode() == 76)
        let message = try #require(try run.line(.messages))
        #expect(message == "holdfast run: a was lost: stolen by anonymous (hotfix)")
    }

    @Test(arguments: [SIGSTOP, SIGKILL])
    func `a server that is frozen or killed ends the command before the lease`(
        number: Int32
    ) throws {
        let server = try RealServer()
        let run = try server.start(
            "run",
            "a",
            "--lease",
            "1",
            "--",
            "sh",
            "-c",
            "trap 'echo asked' TERM; \(RealRunTests.upForEver)"
        )
        #expect(try run.line() == "up")
        server.process.signal(number)
        // It ignores the request, and is killed at the end.
        #expect(try run.line() == "asked")
        #expect(try run.exitCode() == 76)
    }

    @Test func `a run that stands still leaves no command behind its lease`() throws {
        let server = try RealServer()
        let fifo = "/tmp/holdfast-fifo-\(getpid())"
        try #require(mkfifo(fifo, 0o600) == 0)
        defer { unlink(fifo) }
        let reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let run = try server.start(
            "run",
            "a",
            "--lease",
            "1",
            "--",
            "sh",
            "-c",
            "exec 3> \(fifo); echo up; sleep 60"
        )
        #expect(try run.line() == "up")
        run.signal(SIGSTOP)
        // The pipe hangs up when the last who could write to it is gone.
        var writer = pollfd(fd: reader, events: 0, revents: 0)
        #expect(poll(&writer, 1, 30_000) == 1)
        #expect(writer.revents & Int16(POLLHUP) != 0)
        run.signal(SIGCONT)
        #expect(try run.exitCode() == 76)
    }

    @Test func `with lost ignore the command ends as it likes`() throws {
        let server = try RealServer()
        let run = try server.start(
            "run",
            "a",
            "--lost",
            "ignore",
            "--",
            "sh",
            "-c",
            "trap 'exit 5' USR1; \(RealRunTests.upForEver)"
        )
        #expect(try run.line() == "up")
        #expect(try server.run("clear", "a").code == 0)
        #expect(try run.line(.messages)?.contains("warning: a was lost: cleared") == true)
        run.signal(SIGUSR1)
        #expect(try run.exitCode() == 5)
    }

    @Test func `a place in the queue is told and given back by a signal`() throws {
        let server = try RealServer()
        _ = try server.run("queue", "a")
        let run = try server.start("run", "a", "--", "true")
        #expect(try run.line(.messages) == "holdfast run: waiting for a: 1st of 1")
        run.signal(SIGTERM)
        #expect(try run.exitCode() == 143)
        #expect(try server.run("list", "a").output.contains("queue\n") == false)
    }

    @Test func `the command has the foreground and Ctrl-C reaches it once`() throws {
        let server = try RealServer()
        let run = try server.start(
            "run",
            "a",
            "--",
            "sh",
            "-c",
            "n=0; trap 'n=$((n+1)); echo got $n' INT; trap 'exit $((40+n))' USR1; "
                + "echo up $(ps -o tpgid= -o pgid= -p $$ | awk '{print $1==$2}'); "
                + RealRunTests.forEver,
            onTerminal: true
        )
        try run.wait(for: "up 1")
        run.type("\u{3}")
        try run.wait(for: "got 1")
        run.signal(SIGUSR1)
        #expect(try run.exitCode() == 41)
    }

    @Test func `Ctrl-Z stops run, too, and continued the command goes on`() throws {
        let server = try RealServer()
        let run = try server.start(
            "run",
            "a",
            "--",
            "sh",
            "-c",
            "echo up; read line; echo \"got $line\"",
            onTerminal: true
        )
        try run.wait(for: "up")
        run.type("\u{1a}")
        try run.waitUntilStopped()
        run.signal(SIGCONT)
        run.type("hello\n")
        try run.wait(for: "got hello")
        #expect(try run.exitCode() == 0)
    }

    @Test func `continued after the lock was lost it kills the command`() throws {
        let server = try RealServer()
        let run = try server.start(
            "run",
            "a",
            "--",
            "sh",
            "-c",
            "echo up; read line; echo \"got $line\"",
            onTerminal: true
        )
        try run.wait(for: "up")
        run.type("\u{1a}")
        try run.waitUntilStopped()
        #expect(try server.run("clear", "a").code == 0)
        run.signal(SIGCONT)
        run.type("hello\n")
        try run.wait(for: "SIGKILL")
        #expect(try run.exitCode() == 76)
    }
}
