// The real binary on data that is not as it was left: damage stops it and is named by file and offset, a torn end is
// dropped with a warning; and the tools for looking at a journal do not mind a server that has it open.

import Glibc
import HoldfastModel
import HoldfastSystem
import TestSupport
import Testing

@Suite(.serialized) struct RealDamageTests {
    private let segment = "segment-000000000001"

    /// A folder in which a server had a queue, and was stopped or killed.
    private func withData(
        endedBy signal: Int32,
        _ body: (String) async throws -> Void
    ) async throws {
        try await Scratch.with { folder in
            let server = try RealServer("--data", folder)
            for _ in 0..<3 { #expect(try server.run("queue", "a").code == 0) }
            server.process.signal(signal)
            _ = try server.process.exitCode()
            try await body(folder)
        }
    }

    private func change(
        _ folder: String,
        _ body: (any DiskFile) async throws -> Void
    ) async throws {
        let file = try await KernelDisk(at: folder).open(segment, creating: false)
        try await body(file)
        await file.close()
    }

    @Test func `damage stops the start, and verify and dump name the same place`() async throws {
        try await withData(endedBy: SIGTERM) { folder in
            try await change(folder) { file in
                var bytes = try await file.read(at: 100, count: 1)
                bytes[0] ^= 1
                try await file.write(bytes, at: 100)
            }
            let place = "\(segment), offset 72: "
            let start = try RealProcess.run([
                "serve", "--listen", "127.0.0.1:0", "--http", "off", "--data", folder,
            ])
            #expect(start.code == 1)
            #expect(start.messages.contains(place))
            for tool in ["verify", "dump"] {
                let look = try RealProcess.run(["journal", tool, folder])
                #expect(look.code == 1, "\(tool)")
                #expect((look.output + look.messages).contains(place), "\(tool)")
            }
        }
    }

    @Test func `a torn end is dropped, and the log says where`() async throws {
        try await withData(endedBy: SIGKILL) { folder in
            try await change(folder) { file in
                // Half a frame, far behind in what is reserved.
                let half = [UInt8](repeating: 0x5a, count: 40)
                try await file.write(half, at: try await file.size() - 100)
            }
            let again = try RealProcess([
                "serve", "--listen", "127.0.0.1:0", "--http", "off", "--data", folder,
            ])
            let line = try again.line(.messages) ?? ""
            #expect(line.contains("warning") && line.contains("the end is torn"), "\(line)")
            #expect(line.contains("\(segment), offset "), "\(line)")
            #expect(try again.line(.messages)?.hasSuffix(" recovered=3") == true)
            again.signal(SIGTERM)
            #expect(try again.exitCode() == 0)
        }
    }

    @Test func `a journal that a server has open is verified and dumped, and stays as it is`()
        async throws
    {
        try await Scratch.with { folder in
            let server = try RealServer("--data", folder)
            #expect(try server.run("queue", "a", "--holder", "ci-7").code == 0)
            let verified = try RealProcess.run(["journal", "verify", folder])
            #expect(verified.code == 0, "\(verified)")
            let dumped = try RealProcess.run(["journal", "dump", folder])
            #expect(dumped.code == 0)
            #expect(dumped.output.contains("ci-7"))
            #expect(try server.run("queue", "a").code == 0)
            server.process.signal(SIGTERM)
            #expect(try server.process.exitCode() == 0)
            #expect(try RealProcess.run(["journal", "verify", folder]).code == 0)
        }
    }
}
