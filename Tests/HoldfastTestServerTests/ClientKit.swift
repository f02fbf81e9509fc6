// What the tests over real sockets share: a server with two clients, and a network that can be cut.

import HoldfastModel
import HoldfastSystem
import HoldfastTestServer
import Synchronization
import Testing

@testable import HoldfastClient

/// A server and two of its clients, for the time of one test.
struct Stage {
    let server: HoldfastTestServer
    let client: HoldfastClient
    let other: HoldfastClient

    static func with<Value>(
        configuration: HoldfastClient.Configuration = .unhurried,
        body: (Stage) async throws -> Value
    ) async throws -> Value {
        try await HoldfastTestServer.withServer { server in
            let stage = Stage(
                server: server,
                client: server.makeClient(configuration: configuration),
                other: server.makeClient(configuration: configuration)
            )
            let value: Result<Value, any Error>
            do { value = .success(try await body(stage)) } catch { value = .failure(error) }
            await stage.client.close()
            await stage.other.close()
            return try value.get()
        }
    }

    /// Waits until the resource has that many waiting tickets.
    func waitForQueue(of resource: String, _ length: Int) async throws {
        let events = try await other.watch(.resource(resource))
        var iterator = events.makeAsyncIterator()
        while try await other.list(resource).queueLength != length {
            _ = await iterator.next()
        }
    }
}

extension HoldfastClient.Configuration {
    /// Of a client on a machine that may be busy with anything.
    static let unhurried = HoldfastClient.Configuration(
        sessionGrace: .seconds(300),
        patience: .seconds(300),
        responseTimeout: .seconds(300),
        connectTimeout: .seconds(300)
    )

    static var unhurriedWithoutSession: HoldfastClient.Configuration {
        var configuration = unhurried
        configuration.sessionGrace = nil
        return configuration
    }
}

extension Duration {
    /// Of a lease that is not what the test is about.
    static let unhurried = Duration.seconds(3_600)
}

/// Whether the client gets the lock at once; it is given back.
func isFree(_ resource: String, for client: HoldfastClient) async throws(HoldfastError) -> Bool {
    do throws(HoldfastError) {
        try await client.lock(resource, lease: .unhurried, wait: .zero).release()
        return true
    } catch .conflict {
        return false
    } catch {
        throw error
    }
}

/// Kernel sockets that a test can cut.
final class CuttableNetwork: Connector {
    private let sockets = SocketConnector()
    private let streams = Mutex<[any ByteStream]>([])
    private let connections = Atomic<Int>(0)

    var connectionCount: Int { connections.load(ordering: .relaxed) }

    func connect(
        to address: ServerAddress,
        on loop: any Loop
    ) async throws(ConnectError) -> any ByteStream {
        let stream = try await sockets.connect(to: address, on: loop)
        streams.withLock { $0.append(stream) }
        connections.add(1, ordering: .relaxed)
        return stream
    }

    /// Ends every connection made so far, without a word to either side.
    func cut(on loop: any Loop) {
        let cut = streams.withLock { streams in
            defer { streams = [] }
            return streams
        }
        loop.post { for stream in cut { stream.close() } }
    }

    /// A client that stands on this network.
    func makeClient(of server: HoldfastTestServer) throws -> (HoldfastClient, any Loop) {
        var world = try ClientEnvironment.kernel()
        world.connector = self
        let address = try #require(ServerAddress(parsing: server.address))
        return (HoldfastClient(address, configuration: .unhurried, in: world), world.loop)
    }
}

/// Something that happens once and is waited for.
final class Moment: Sendable {
    private struct State {
        var hasCome = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func come() {
        let waiters = state.withLock { state in
            state.hasCome = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Also in a cancelled task.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.hasCome { state.waiters.append(continuation) }
                return state.hasCome
            }
            if isOver { continuation.resume() }
        }
    }

    /// Waits until the task is cancelled.
    static func cancellation() async {
        let moment = Moment()
        await withTaskCancellationHandler {
            await moment.wait()
        } onCancel: {
            moment.come()
        }
    }
}
