// The test server as a user meets it: in a scope, between set-up and tear-down, several at a time.

import HoldfastClient
import HoldfastTestServer
import Testing

struct HoldfastTestServerTests {
    /// Fails at once instead of after ten seconds.
    private var impatient: HoldfastClient.Configuration {
        HoldfastClient.Configuration(patience: .zero)
    }

    @Test func `a server serves for as long as its scope`() async throws {
        let port = try await HoldfastTestServer.withServer { server in
            let client = server.makeClient(configuration: .unhurried)
            try await client.ping()
            await client.close()
            return server.port
        }
        let late = HoldfastClient(host: "127.0.0.1", port: port, configuration: impatient)
        await #expect(throws: HoldfastError.self) { try await late.ping() }
        await late.close()
    }

    @Test func `a server can be started and stopped by hand`() async throws {
        let server = try HoldfastTestServer()
        try await server.start()
        let client = server.makeClient(configuration: .unhurried)
        try await client.ping()
        await client.close()
        await server.stop()
    }

    @Test func `two servers know nothing of each other`() async throws {
        try await HoldfastTestServer.withServer { one in
            try await HoldfastTestServer.withServer { other in
                #expect(one.port != other.port)
                let (first, second) = (
                    one.makeClient(configuration: .unhurried), other.makeClient()
                )
                let lock = try await first.lock("demo", lease: .unhurried)
                let another = try await second.lock("demo", lease: .unhurried, wait: .zero)
                #expect(lock.isHeld && another.isHeld)
                await first.close()
                await second.close()
            }
        }
    }

    @Test func `an error of the body is the error of the scope`() async throws {
        struct Mistake: Error {}
        await #expect(throws: Mistake.self) {
            try await HoldfastTestServer.withServer { _ in throw Mistake() }
        }
    }

    @Test(arguments: [-1, 65_536])
    func `a number that is no port is refused`(port: Int) {
        #expect(throws: HoldfastTestServer.StartFailure.self) { try HoldfastTestServer(port: port) }
    }

    @Test func `another server can take the place of a stopped one`() async throws {
        let first = try HoldfastTestServer()
        try await first.start()
        await first.stop()
        let second = try HoldfastTestServer(port: first.port)
        try await second.start()
        let client = second.makeClient(configuration: .unhurried)
        try await client.ping()
        await client.close()
        await second.stop()
    }
}
