// The real binary keeps its data: what a user sees after `kill -9`, what a command that holds a lock notices of it, and
// what a second server on the same data is told.

import Glibc
import HoldfastModel
import HoldfastSystem
import TestSupport
import Testing

@Suite(.serialized) struct RealDataTests {
    /// Without what counts down.
    private func listing(_ server: RealServer, _ resource: String) throws -> String {
        try server.run("list", resource, "--json").output
            .replacing(/"(remaining|expiresAt|id)":("[^"]*"|[0-9.]+),?/, with: "")
    }

    @Test func `after kill -9 the same queue, holder, fence and history are there`() async throws {
        try await Scratch.with { folder in
            let server = try RealServer("--data", folder)
            #expect(try server.run("queue", "a", "--lease", "60", "--holder", "ci-7").code == 0)
            #expect(try server.run("queue", "a", "--priority", "3", "--reason", "why").code == 0)
            #expect(try server.run("queue", "a").code == 0)
            let before = try listing(server, "a")
            let history = try server.run("history", "a").output
            server.process.signal(SIGKILL)
            _ = try server.process.exitCode()
            let again = try RealServer("--data", folder)
            #expect(again.readyLine.hasSuffix(" data=\(folder) recovered=3"))
            #expect(try listing(again, "a") == before)
            #expect(try again.run("history", "a").output == history)
            again.process.signal(SIGTERM)
            #expect(try again.process.exitCode() == 0)
        }
    }

    @Test func `run keeps its lock over a restart of the server`() async throws {
        try await Scratch.with { folder in
            let server = try RealServer("--data", folder)
            let end = "\(folder)/end"
            let script = "echo up; while [ ! -e \(end) ]; do sleep 0.05; done"
            let run = try server.start("run", "a", "--lease", "60", "--", "sh", "-c", script)
            #expect(try run.line(.output) == "up")
            let before = try listing(server, "a")
            server.process.signal(SIGKILL)
            _ = try server.process.exitCode()
            let again = try RealServer("--data", folder, listen: server.address)
            #expect(try listing(again, "a") == before)
            // Answered when the session was taken up again: a queue behind the holder waits for its release.
            let next = try again.start("lock", "a", "--json")
            close(creat(end, 0o600))
            #expect(try run.exitCode() == 0)
            #expect(try next.line(.output)?.contains("\"acquired\"") == true)
            again.process.signal(SIGTERM)
            #expect(try again.process.exitCode() == 0)
        }
    }

    @Test func `a restored copy shows what was there, and repeats no fence granted since`()
        async throws
    {
        try await Scratch.with { folder in
            let server = try RealServer("--data", folder)
            #expect(try server.run("queue", "a", "--lease", "60", "--holder", "ci-7").code == 0)
            #expect(try server.run("queue", "a", "--lease", "60").code == 0)
            let before = try listing(server, "a")
            let history = try server.run("history", "a").output
            server.process.signal(SIGTERM)
            #expect(try server.process.exitCode() == 0)
            let copy = try Scratch()
            defer { copy.remove() }
            try await copyFiles(from: folder, to: copy.path)
            // Life goes on without the copy: fences are granted that it knows nothing of.
            let original = try RealServer("--data", folder)
            #expect(try original.run("clear", "a").code == 0)
            let newest = try fence(original, "a")
            original.process.signal(SIGTERM)
            #expect(try original.process.exitCode() == 0)
            let restored = try RealServer("--data", copy.path)
            #expect(restored.readyLine.hasSuffix(" data=\(copy.path) recovered=2"))
            #expect(try listing(restored, "a") == before)
            #expect(try restored.run("history", "a").output == history)
            #expect(try restored.run("clear", "a").code == 0)
            #expect(try fence(restored, "a") > newest)
            restored.process.signal(SIGTERM)
            #expect(try restored.process.exitCode() == 0)
            #expect(try RealProcess.run(["journal", "verify", copy.path]).code == 0)
        }
    }

    /// Grants a lock, and says with which fence.
    private func fence(_ server: RealServer, _ resource: String) throws -> Int {
        let output = try server.run("queue", resource, "--lease", "60", "--json").output
        let digits = output.split(separator: "\"fence\":").dropFirst().first?.prefix(
            while: \.isNumber
        )
        return try #require(digits.flatMap { Int($0) }, "no grant: \(output)")
    }

    /// As an operator's `cp -r` does.
    private func copyFiles(from source: String, to target: String) async throws {
        let (old, new) = (try KernelDisk(at: source, access: .readOnly), try KernelDisk(at: target))
        for name in try await old.list() {
            let (from, to) = (
                try await old.open(name, creating: false), try await new.open(name, creating: true)
            )
            try await to.write(try await from.read(at: 0, count: try await from.size()), at: 0)
            await from.close()
            await to.close()
        }
    }

    @Test func `a second server on the same data is refused`() async throws {
        try await Scratch.with { folder in
            let server = try RealServer("--data", folder)
            let second = try RealProcess.run([
                "serve", "--listen", "127.0.0.1:0", "--http", "off", "--data", folder,
            ])
            #expect(second.code == 1)
            #expect(second.messages.contains("in use by another server"))
            #expect(second.messages.contains(folder))
            #expect(try server.run("ping").code == 0)
        }
    }

    @Test func `a place that cannot hold data is refused with what to do`() throws {
        let result = try RealProcess.run(["serve", "--data", "/proc/nowhere/data"])
        #expect(result.code == 1)
        #expect(result.messages.contains("cannot keep data in /proc/nowhere/data"))
        #expect(result.messages.contains("--data none"))
    }

    @Test func `a directory in which nothing may be written is refused, with the call and why`()
        throws
    {
        // Nobody may create a file there, not even root.
        let result = try RealProcess.run([
            "serve", "--listen", "127.0.0.1:0", "--data", "/sys/kernel",
        ])
        #expect(result.code == 1)
        #expect(result.messages.contains("cannot start from the data in /sys/kernel: lock of"))
        #expect(!result.messages.contains("ready"))
    }
}
