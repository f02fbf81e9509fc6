// The SDK under TLS, as its users set it up: what is right works, what is wrong says why.

import Glibc
import HoldfastClient
import HoldfastServer
import HoldfastSystem
import Testing

struct TLSTests {
    private struct Failure: Error {}

    /// A server whose certificate is its own authority, while `body` runs.
    private func withServer(
        _ body: (_ port: Int, _ certificate: String) async throws -> Void
    )
        async throws
    {
        var template = Array("/tmp/holdfast-sdk-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        let directory = try #require(made)
        defer { try? shell("rm -r \(directory)") }
        let (key, certificate) = ("\(directory)/a.key", "\(directory)/a.pem")
        try shell(
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \(key) \
                -subj /CN=a -addext subjectAltName=DNS:localhost -days 2 -out \(certificate) 2>/dev/null
            chmod 600 \(key)
            """
        )
        var configuration = Configuration()
        configuration.listen = [ListenAddress(host: "127.0.0.1", port: 0)]
        configuration.loopCount = 1
        configuration.tls = TLSSetting(files: TLSFiles(certificate: certificate, key: key))
        let server = try Server(configuration)
        let port = Int(server.addresses[0].split(separator: ":").last ?? "") ?? 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { server.stop() }
            try await body(port, certificate)
        }
    }

    private func shell(_ script: String) throws {
        var pid = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = [
            strdup("sh"), strdup("-ec"), strdup(script), nil,
        ]
        defer { for argument in arguments { free(argument) } }
        guard posix_spawn(&pid, "/bin/sh", nil, nil, &arguments, environ) == 0 else {
            throw Failure()
        }
        var status: Int32 = 0
        guard waitpid(pid, &status, 0) == pid, status == 0 else { throw Failure() }
    }

    private func client(
        _ host: String,
        _ port: Int,
        _ tls: HoldfastClient.TLS?
    ) -> HoldfastClient {
        var configuration = HoldfastClient.Configuration.unhurried
        configuration.tls = tls
        return HoldfastClient(host: host, port: port, configuration: configuration)
    }

    @Test func `a lock is taken under TLS`() async throws {
        try await withServer { port, certificate in
            let client = client("localhost", port, .init(authorities: certificate))
            try await client.withLock("tls") { lock in
                #expect(lock.isHeld)
            }
            await client.close()
        }
    }

    @Test func `who is not believed is told apart from who is not there`() async throws {
        try await withServer { port, certificate in
            for (host, tls, words) in [
                ("127.0.0.1", HoldfastClient.TLS(authorities: certificate), "IP address"),
                ("localhost", HoldfastClient.TLS(), "no known authority"),
            ] {
                var configuration = HoldfastClient.Configuration.unhurried
                configuration.tls = tls
                // The first failure is the answer.
                configuration.patience = .zero
                let client = HoldfastClient(host: host, port: port, configuration: configuration)
                let error = await #expect(throws: HoldfastError.self) { try await client.ping() }
                #expect(error.map { "\($0)" }?.contains(words) == true)
                await client.close()
            }
        }
    }

    @Test func `a file that is not there is told before anything is sent`() async throws {
        let client = client("localhost", 1, .init(authorities: "/nowhere.pem"))
        let error = await #expect(throws: HoldfastError.self) { try await client.ping() }
        guard case .invalid(let text)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains("/nowhere.pem"))
    }
}
