// The SDK under TLS, as its users set it up: what is right works, what is wrong says why.

import HoldfastClient
import HoldfastServer
import HoldfastSystem
import TestSupport
import Testing

struct TLSTests {
    /// A server whose certificate is its own authority, while `body` runs.
    private func withServer(
        _ body: (_ port: Int, _ certificate: String) async throws -> Void
    )
        async throws
    {
        let scratch = try Scratch()
        defer { scratch.remove() }
        let directory = scratch.path
        let (key, certificate) = ("\(directory)/a.key", "\(directory)/a.pem")
        try Scratch.shell(
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
                let told = error.map { "\($0)" } ?? "nothing"
                #expect(told.contains(words), "\(told)")
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
