// The real binary keeps its secrets: in memory, in the data directory, in what it writes down.

import Glibc
import HoldfastSystem
import TestSupport
import Testing

@Suite(.serialized) struct RealSecretsTests {
    /// The soft and the hard limit of the size of a core file, as the kernel tells them.
    private func coreLimits(of process: RealProcess) throws -> [Substring] {
        let limits = try SecretFile.read("/proc/\(process.pid)/limits", isSecret: false)
        let line = try #require(
            limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        )
        return Array(line.split(separator: " ").dropFirst(4).prefix(2))
    }

    private func tokens(in folder: String) throws -> String {
        let path = folder + "/tokens"
        let hash = String(repeating: "0", count: 64)
        let line = #"{"name":"ann","token":"sha256:\#(hash)","roles":[]}"# + "\n"
        try AppendFile(path).append(Array(line.utf8))
        return path
    }

    @Test func `a server with secrets leaves no core, and lets nobody look into its memory`()
        async throws
    {
        try await Scratch.with { folder in
            let server = try RealServer("--auth", "tokens", "--tokens", try tokens(in: folder))
            #expect(try coreLimits(of: server.process) == ["0", "0"])
            var status = stat()
            // What is not dumpable belongs to root in /proc, so that nobody else attaches to it.
            #expect(stat("/proc/\(server.process.pid)/environ", &status) == 0)
            #expect(status.st_uid == 0)
            server.process.signal(SIGTERM)
            #expect(try server.process.exitCode() == 0)
        }
    }

    @Test func `a data directory that others may write stops the start with what mends it`()
        async throws
    {
        try await Scratch.with { folder in
            chmod(folder, 0o770)
            let result = try RealProcess.run(["serve", "--data", folder, "--http", "off"])
            #expect(result.code == 1)
            #expect(result.messages.contains("chmod go-w \(folder)"))
            chmod(folder, 0o750)
            let server = try RealServer("--data", folder)
            server.process.signal(SIGTERM)
            #expect(try server.process.exitCode() == 0)
        }
    }

    @Test(arguments: [["--token", "my-secret"], ["--token=my-secret"]])
    func `a token among the arguments is covered, and so is none of another program's`(
        flags: [String]
    ) async throws {
        let server = try RealServer()
        let command = ["--", "sh", "-c", "echo begun; sleep 60", "--token", "of-sh"]
        let process = try RealProcess(["run", "a", "--server", server.address] + flags + command)
        defer {
            process.signal(SIGTERM)
            server.process.signal(SIGTERM)
        }
        #expect(try process.line(.output) == "begun")
        let file = "/proc/\(process.pid)/cmdline"
        let shown = try SecretFile.read(file, isSecret: false).replacing("\0", with: " ")
        #expect(!shown.contains("my-secret"))
        #expect(shown.contains(" --token of-sh"))
    }

    @Test func `check-config reads the files that it names`() async throws {
        try await Scratch.with { folder in
            let tokens = try tokens(in: folder)
            func check() throws -> (code: Int32, output: String, messages: String) {
                try RealProcess.run(["check-config", "--auth", "tokens", "--tokens", tokens])
            }
            #expect(try check().code == 0)
            try AppendFile(tokens).append(Array("{\n".utf8))
            let flawed = try check()
            #expect(flawed.code == 2)
            #expect(flawed.messages.contains("\(tokens): line 2: this is no JSON object"))
            chmod(tokens, 0o644)
            #expect(try check().messages.contains("chmod 600 \(tokens)"))
        }
    }

    @Test func `a token file that others may read is warned of`() async throws {
        try await Scratch.with { folder in
            let path = folder + "/token"
            try AppendFile(path).append(Array("secret\n".utf8))
            let flags = ["ping", "--server", "127.0.0.1:9", "--timeout", "1", "--token-file", path]
            #expect(try !RealProcess.run(flags).messages.contains("chmod"))
            chmod(path, 0o644)
            #expect(try RealProcess.run(flags).messages.contains("chmod 600 \(path)"))
        }
    }

    @Test func `SIGHUP opens the audit file anew, and a reload is written down`() async throws {
        try await Scratch.with { folder in
            let audit = folder + "/audit"
            let server = try RealServer(
                "--auth",
                "tokens",
                "--tokens",
                try tokens(in: folder),
                "--audit",
                audit
            )
            #expect(rename(audit, audit + ".1") == 0)
            server.process.signal(SIGHUP)
            while let line = try server.process.line(.messages), !line.contains("who may do") {}
            #expect(try SecretFile.read(audit).contains(#""event":"reload","outcome":"done""#))
            #expect(try SecretFile.read(audit + ".1") == "")
            server.process.signal(SIGTERM)
            #expect(try server.process.exitCode() == 0)
        }
    }
}
