// The real server over real sockets in this process, assembled as `holdfast serve` assembles it. One loop, so
// that the counts do not depend on how many cores share the connections.

import HoldfastModel
import HoldfastServer
import HoldfastSystem

/// Where it listens.
struct Ports: Sendable {
    var line: UInt16
    var http: UInt16
}

/// A server for the length of one measurement.
enum ServerUnderTest {
    /// Runs `body` on a thread that is not counted, while the server runs on its own.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable (Ports) throws -> Value
    ) async throws -> Value {
        var configuration = Configuration()
        configuration.listen = [ListenAddress(host: "127.0.0.1", port: 0)]
        configuration.httpListen = [ListenAddress(host: "127.0.0.1", port: 0)]
        configuration.loopCount = 1
        configuration.retain = .seconds(2)
        let server = try Server(configuration)
        let ports = Ports(
            line: try port(of: server.addresses[0]),
            http: try port(of: server.httpAddresses[0])
        )
        async let end: Void = server.run()
        let value: Result<Value, any Error>
        do {
            value = .success(try await DrivingThread.run { try body(ports) })
        } catch {
            value = .failure(error)
        }
        server.stop()
        try await end
        return try value.get()
    }

    private static func port(of address: String) throws -> UInt16 {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw UsageError(word: address)
        }
        return port
    }
}
