// The real binary: exit codes, streams, and what a script sees.

import Glibc
import HoldfastWire
import Testing

@Suite(.serialized) struct RealCommandTests {
    @Test func `the server says that it is ready and ends with zero when told to`() throws {
        for number in [SIGTERM, SIGINT] {
            let process = try RealProcess([
                "serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--node", "a b",
                "--data", "none",
            ])
            let line = try #require(try process.line(.messages))
            let words = line.split(separator: " ")
            #expect(words.prefix(3) == ["holdfast", "ready", "node=a%20b"])
            #expect(words[3].hasPrefix("tcp=127.0.0.1:"))
            #expect(words[4].hasPrefix("http=127.0.0.1:"))
            #expect(words.suffix(2) == ["data=none", "recovered=0"])
            process.signal(number)
            #expect(try process.exitCode() == 0)
        }
    }

    @Test func `wrong usage is two lines on standard error and exit code two`() throws {
        let result = try RealProcess.run(["lock"])
        #expect(result.code == 2)
        #expect(result.output == "")
        let text = "holdfast lock: RESOURCE is missing\nTry 'holdfast help lock'.\n"
        #expect(result.messages == text)
    }

    @Test func `a journal that is not there, or no journal at all, is told`() throws {
        let missing = try RealProcess.run(["journal", "verify", "/nonexistent/data"])
        #expect(missing.code == 1)
        #expect(
            missing.messages
                == "holdfast journal: open /nonexistent/data: No such file or directory\n"
        )
        let none = try RealProcess.run(["journal", "verify", "/proc/self/fdinfo"])
        #expect(none.code == 1)
        #expect(none.messages.contains("no journal"))
        let wrong = try RealProcess.run(["journal", "look", "/"])
        #expect(wrong.code == 2)
        let empty = try RealProcess.run(["journal", "dump", "/proc/self/fdinfo"])
        #expect(empty.code == 0)
        #expect(empty.output == "")
    }

    @Test func `output that a full disk does not take is told`() throws {
        let help = try RealProcess.run(["help"], output: "/dev/full")
        #expect(help.code == 1)
        let why = "holdfast: the output could not be written: No space left on device\n"
        #expect(help.messages == why)
        // Whoever saw the token would hand it out, though no file knows it.
        let token = try RealProcess.run(["token", "create", "ci"], output: "/dev/full")
        #expect(token.code == 1)
        #expect(token.messages == why)
    }

    @Test func `to ask no time at all is wrong usage`() throws {
        #expect(try RealProcess.run(["ping", "--count", "0"]).code == 2)
    }

    @Test func `help is data and no error`() throws {
        let result = try RealProcess.run(["help", "run"])
        #expect(result.code == 0)
        #expect(result.output.hasPrefix("holdfast run: "))
        #expect(result.messages == "")
    }

    @Test func `a server that is not there is exit code 69`() throws {
        for command in [
            ["ping"], ["lock", "a"], ["run", "a", "--", "true"], ["watch"], ["bench"],
        ] {
            let result = try RealProcess.run(
                command,
                environment: ["HOLDFAST_SERVER": "127.0.0.1:1"]
            )
            #expect(result.code == 69, "\(command)")
            #expect(result.messages.contains("cannot reach the server"), "\(command)")
        }
    }

    @Test func `a ticket outlives the command that took it`() throws {
        let server = try RealServer()
        let reply = try JSONValue(parsing: try server.run("queue", "a", "--json").output)
        let ticket = try #require(reply["ticket"]?.string)
        #expect(reply["state"]?.string == "acquired")
        #expect(try server.run("check", ticket).code == 0)
        #expect(try server.run("renew", ticket).code == 0)
        #expect(try server.run("release", ticket).code == 0)
        #expect(try server.run("check", ticket).code == 1)
        let again = try server.run("release", ticket)
        #expect(again.code == 0)
        #expect(again.output == "released (before)\n")
    }

    @Test func `a lock that is not to be had in time is exit code 75`() throws {
        let server = try RealServer()
        #expect(try server.run("lock", "a").code == 0)
        #expect(try server.run("lock", "a", "--wait", "0").code == 75)
        let late = try server.run("lock", "a", "--wait", "0.05", "--json")
        #expect(late.code == 75)
        let reply = try JSONValue(parsing: late.output)
        #expect(reply["error"]?["code"]?.string == "timed_out")
        #expect(try server.run("queue", "a").code == 0)
    }

    @Test func `a refusal is exit code one and says why`() throws {
        let server = try RealServer()
        let result = try server.run("release", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        #expect(result.code == 1)
        #expect(result.messages.hasPrefix("holdfast release: "))
        #expect(result.messages.contains("(not_found)"))
    }

    @Test func `a lock that is interrupted leaves the queue`() throws {
        let server = try RealServer()
        _ = try server.run("lock", "a")
        let waiting = try server.start("lock", "a")
        #expect(try waiting.line(.messages) == "holdfast lock: waiting for a: 1st of 1")
        waiting.signal(SIGINT)
        #expect(try waiting.exitCode() == 130)
        let list = try JSONValue(parsing: try server.run("list", "a", "--json").output)
        #expect(list["queueLength"]?.integer == 0)
    }

    @Test func `watch prints events as they came until it is interrupted`() throws {
        let server = try RealServer()
        let watch = try server.start("watch", "--prefix", "a", "--json")
        let begun = try JSONValue(parsing: try #require(try watch.line()))
        #expect(begun["watch"]?.integer == 1)
        _ = try server.run("queue", "a/b")
        let event = try JSONValue(parsing: try #require(try watch.line()))
        #expect(event["event"]?.string == "acquired")
        #expect(event["resource"]?.string == "a/b")
        watch.signal(SIGINT)
        #expect(try watch.exitCode() == 130)
    }

    @Test func `bench reports one object`() throws {
        let server = try RealServer()
        let result = try server.run(
            "bench",
            "--connections",
            "3",
            "--pipeline",
            "2",
            "--seconds",
            "0.2",
            "--warmup",
            "0",
            "--json"
        )
        #expect(result.code == 0)
        let report = try JSONValue(parsing: result.output)
        #expect((report["cycles"]?.integer ?? 0) > 0)
        #expect(report["errors"]?.integer == 0)
        // Nothing stays locked.
        #expect(try server.run("resources").output == "nothing is locked\n")
    }

    @Test func `top prints one picture into a pipe`() throws {
        let server = try RealServer()
        _ = try server.run("queue", "a/b", "--holder", "me")
        let result = try server.run("top")
        #expect(result.code == 0)
        #expect(result.output.contains("a/b"))
        #expect(!result.output.contains("\u{1b}"))
    }

    @Test func `top gives the terminal back on every way out`() throws {
        let server = try RealServer()
        for (key, number, code) in [
            ("q", Int32(0), Int32(0)), ("", SIGTERM, 143), ("\u{3}", 0, 130),
        ] {
            let top = try server.start("top", onTerminal: true)
            try top.wait(for: "\u{1b}[?1049h")
            try top.wait(for: "q quit")
            if number != 0 { top.signal(number) } else { top.type(key) }
            try top.wait(for: "\u{1b}[?25h\u{1b}[?1049l")
            #expect(try top.exitCode() == code)
        }
    }
}
