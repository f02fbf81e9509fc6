// The real server over real sockets in this process, assembled as `holdfast serve` assembles it. One loop, so
// that the counts do not depend on how many cores share the connections.

import HoldfastModel
import HoldfastServer
import HoldfastSystem

/// A server for the length of one measurement.
enum ServerUnderTest {
    /// Runs `body` on a thread that is not counted, while the server runs on its own.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable (UInt16) throws -> Value
    ) async throws -> Value {
        var configuration = Configuration()
        configuration.listen = [ListenAddress(host: "127.0.0.1", port: 0)]
        configuration.loopCount = 1
        configuration.retain = .seconds(2)
        let server = try Server(configuration)
        guard let port = server.addresses[0].split(separator: ":").last.flatMap({ UInt16($0) })
        else { throw UsageError(word: server.addresses[0]) }
        async let end: Void = server.run()
        let value: Result<Value, any Error>
        do {
            value = .success(try await DrivingThread.run { try body(port) })
        } catch {
            value = .failure(error)
        }
        server.stop()
        try await end
        return try value.get()
    }
}
