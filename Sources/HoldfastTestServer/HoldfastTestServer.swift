// A whole server in the process of a test: the real one, over real sockets on this machine's loopback, on
// a port that is free. What a service does with locks can be tested without installing anything, and
// what a test leaves behind is gone when its scope ends.

public import HoldfastClient
import HoldfastModel
import HoldfastServer
import HoldfastSystem
import Synchronization

/// A Holdfast server inside this process, for tests of services that use locks.
///
/// ```swift
/// try await HoldfastTestServer.withServer { server in
///     let client = server.makeClient()
///     try await client.withLock("deploy/prod") { lock in
///         #expect(lock.isHeld)
///     }
///     await client.close()
/// }
/// ```
///
/// It keeps everything in memory: a stopped server has forgotten its locks.
public final class HoldfastTestServer: Sendable {
    /// The address it listens at, always "127.0.0.1".
    public let host: String
    /// The port it listens at.
    public let port: Int

    private let server: Server
    private let task = Mutex<ServerTask?>(nil)

    /// How long a stop may take to say goodbye to everybody.
    private static let drainTimeout = Interval.seconds(2)
    /// How long a busy machine may take to begin.
    private static let startPatience = Duration.seconds(300)

    /// Binds a server to a port; it serves from ``run()`` or ``start()`` on.
    ///
    /// Clients can connect at once and are served then.
    ///
    /// - Parameter port: Where to listen; 0 takes any free port. Give the port of a stopped server to put
    ///   another in its place.
    public init(port: Int = 0) throws(StartFailure) {
        guard let number = UInt16(exactly: port) else {
            throw StartFailure(message: "\(port) is no port")
        }
        var configuration = Configuration()
        configuration.listen = [ListenAddress(host: "127.0.0.1", port: number)]
        configuration.loopCount = 1
        configuration.node = "test"
        configuration.drainTimeout = Self.drainTimeout
        do throws(StartError) {
            server = try Server(configuration)
        } catch {
            throw StartFailure(message: "\(error)")
        }
        guard let bound = server.addresses.first.flatMap({ ServerAddress(parsing: $0) }) else {
            throw StartFailure(message: "listens at \(server.addresses)")
        }
        host = bound.host
        self.port = Int(bound.port)
    }

    /// Where it listens, as a client takes it: "127.0.0.1:41234".
    public var address: String { "\(host):\(port)" }

    /// A client of this server.
    public func makeClient(
        configuration: HoldfastClient.Configuration = HoldfastClient.Configuration()
    ) -> HoldfastClient {
        HoldfastClient(host: host, port: port, configuration: configuration)
    }

    /// Starts a server, hands it to `body`, and stops it when `body` ends, however it ends.
    ///
    /// - Throws: ``StartFailure``, or what `body` throws.
    public static func withServer<Value>(
        body: (HoldfastTestServer) async throws -> Value
    ) async throws -> Value {
        let server = try HoldfastTestServer()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            try await server.waitUntilServing()
            // Cancels the rest of the group when it is left by an error: the same as a stop.
            let value = try await body(server)
            server.server.stop()
            try await group.waitForAll()
            return value
        }
    }

    /// Serves until ``stop()`` or until the task is cancelled; once.
    public func run() async throws(StartFailure) {
        do throws(StartError) {
            try await server.run()
        } catch {
            throw StartFailure(message: "\(error)")
        }
    }

    /// Serves in the background until ``stop()``, for tests that are set up and torn down.
    ///
    /// Returns when it answers.
    public func start() async throws(StartFailure) {
        task.withLock { task in
            precondition(task == nil, "a server is started once")
            task = ServerTask(running: self)
        }
        try await waitUntilServing()
    }

    /// Other tests of the process may keep every thread busy when this one begins: a test that measures
    /// patience should find a server that answers.
    private func waitUntilServing() async throws(StartFailure) {
        let probe = makeClient(
            configuration: HoldfastClient.Configuration(
                sessionGrace: nil,
                patience: Self.startPatience,
                responseTimeout: Self.startPatience
            )
        )
        do throws(HoldfastError) {
            try await probe.ping()
            await probe.close()
        } catch {
            throw StartFailure(message: "\(error)")
        }
    }

    /// Says goodbye to every client and stops; returns when the port is free again.
    public func stop() async {
        server.stop()
        await task.withLock { $0 }?.value()
    }

    /// Why a server did not start.
    public struct StartFailure: Error, Hashable, Sendable, CustomStringConvertible {
        /// What went wrong, for a person.
        public var message: String
        /// The message.
        public var description: String { message }
    }
}
