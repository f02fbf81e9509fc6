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

    /// Everything below a folder, by name: its mode and its bytes.
    private func files(in folder: String) throws -> [String: (mode: mode_t, bytes: [UInt8])] {
        var files: [String: (mode: mode_t, bytes: [UInt8])] = [:]
        let directory = try #require(opendir(folder))
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
            let path = folder + "/" + name
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            let file = try #require(fopen(path, "re"))
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: Int(min(status.st_size, 1 << 20)))
            bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
            files[name] = (status.st_mode & 0o777, bytes)
        }
        return files
    }

    /// Redis opened its socket to all before it closed it again; etcd kept passwords in its log.
    @Test func `CVE-2023-45145, GHSA-528j: files are closed as they are made, and hold no token`()
        async throws
    {
        try await Scratch.with { folder in
            let secret = "token-4711"
            let hash = try Cryptography().sha256(Array(secret.utf8))
            let digits = hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            try AppendFile(folder + "/tokens").append(
                Array(
                    (#"{"name":"ann","token":"sha256:\#(digits)","roles":["r"]}"# + "\n"
                        + #"{"role":"r","rights":["lock:**"]}"# + "\n").utf8
                )
            )
            let (data, audit) = (folder + "/data", folder + "/audit")
            let server = try RealServer(
                "--auth",
                "tokens",
                "--tokens",
                folder + "/tokens",
                "--audit",
                audit,
                "--data",
                data
            )
            let command = ["queue", "a", "--server", server.address, "--token"]
            #expect(try RealProcess.run(command + [secret]).code == 0)
            #expect(try RealProcess.run(command + ["wrong-4711"]).code == 77)
            server.process.signal(SIGTERM)
            #expect(try server.process.exitCode() == 0)
            let kept = try files(in: data)
            #expect(kept.values.contains { !$0.bytes.isEmpty })
            let all = kept.merging(try files(in: folder)) { first, _ in first }
            for (name, file) in all where !name.hasPrefix(".") {
                #expect(file.mode == 0o600, "\(name)")
                let text = String(decoding: file.bytes, as: UTF8.self)
                #expect(!text.contains("4711"), "\(name)")
            }
            var status = stat()
            #expect(stat(data, &status) == 0 && status.st_mode & 0o777 == 0o700)
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
