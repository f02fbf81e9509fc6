// The client as its users see it: made at once, connected with the first request, closed when it is over.
// It holds no connection itself; it finds the driver that does, or starts it.

package import HoldfastModel
import Synchronization

/// A client of a Holdfast server.
///
/// One client is enough for a process: all its requests share one connection, and it may be used from any
/// task at the same time. It connects with the first request, reconnects by itself, and takes its session
/// up again.
///
/// ```swift
/// let client = HoldfastClient("127.0.0.1:7420")
/// try await client.withLock("deploy/prod", lease: .seconds(30), wait: .seconds(10)) { lock in
///     try await deploy(fence: lock.fence)
/// }
/// ```
public final class HoldfastClient: Sendable {
    private enum Life {
        /// No request yet.
        case unused
        /// `task` is nil where a scope drives.
        case running(ClientDriver, task: DriverTask?)
        /// Closed before the first request.
        case closed
    }

    /// How this client behaves.
    public let configuration: Configuration
    private let token: String?
    /// Nil where the text named no server.
    private let address: ServerAddress?
    private let environment: ClientEnvironment?
    private let life = Locked(Life.unused)

    /// A client of the server at `address`: "host", "host:port" or "[address]:port"; the port is 7420 where
    /// it is left out.
    ///
    /// Nothing is sent before the first request; a text that names no server makes every request fail with
    /// ``HoldfastError/invalid(_:)``.
    public init(
        _ address: String = "127.0.0.1:7420",
        token: String? = nil,
        configuration: Configuration = Configuration()
    ) {
        self.address = ServerAddress(parsing: address)
        self.token = token
        self.configuration = configuration
        environment = nil
    }

    /// A client of the server at `host` and `port`.
    public init(
        host: String,
        port: Int,
        token: String? = nil,
        configuration: Configuration = Configuration()
    ) {
        address = UInt16(exactly: port).map { ServerAddress(host: host, port: $0) }
        self.token = token
        self.configuration = configuration
        environment = nil
    }

    /// A client in a world of its own.
    package init(
        _ address: ServerAddress,
        token: String? = nil,
        configuration: Configuration = Configuration(),
        in environment: ClientEnvironment
    ) {
        self.address = address
        self.token = token
        self.configuration = configuration
        self.environment = environment
    }

    deinit {
        // Nobody waits any more, so nobody waits for this either; the driver says `bye` by itself.
        if case .running(let driver, _) = life.withLock({ $0 }) { driver.requestClose() }
    }

    // MARK: Life

    /// Makes a client, hands it to `body`, and closes it: the session and its tickets end with the scope.
    public static func withClient<Value, Failure: Error>(
        _ address: String = "127.0.0.1:7420",
        token: String? = nil,
        configuration: Configuration = Configuration(),
        body: (HoldfastClient) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let client = HoldfastClient(address, token: token, configuration: configuration)
        let driver = client.claim()
        return try await withTaskGroup(returning: Result<Value, Failure>.self) { group in
            if let driver {
                group.addTask(executorPreference: driver.loop) { await driver.run() }
            }
            let result: Result<Value, Failure>
            do throws(Failure) {
                result = .success(try await body(client))
            } catch {
                result = .failure(error)
            }
            await client.close()
            return result
        }.get()
    }

    /// Serves the client's connection until the client is closed or this task is cancelled.
    ///
    /// For programs that run all their work in one group; without it the client serves itself.
    public func run() async {
        if let driver = claim() {
            return await withTaskExecutorPreference(driver.loop) { await driver.run() }
        }
        guard case .running(let driver, let task) = life.withLock({ $0 }) else { return }
        await withTaskCancellationHandler {
            await task?.value()
        } onCancel: {
            driver.requestClose()
        }
    }

    /// Says goodbye to the server.
    ///
    /// The session and its tickets end, held locks too, and whoever still waits gets
    /// ``HoldfastError/closed``. Closing twice does nothing.
    public func close() async {
        let running = life.withLock { life in
            if case .unused = life { life = .closed }
            return life
        }
        guard case .running(let driver, let task) = running else { return }
        await driver.close()
        await task?.value()
    }

    /// Makes the driver, for a scope that will run it; nil where it exists or cannot.
    private func claim() -> ClientDriver? {
        life.withLock { life in
            guard case .unused = life, let driver = try? makeDriver() else { return nil }
            life = .running(driver, task: nil)
            return driver
        }
    }

    /// The driver; started by the first request.
    func driver() throws(HoldfastError) -> ClientDriver {
        let found: Result<ClientDriver, HoldfastError> = life.withLock { life in
            switch life {
            case .running(let driver, _): return .success(driver)
            case .closed: return .failure(.closed)
            case .unused: break
            }
            do throws(HoldfastError) {
                let driver = try makeDriver()
                life = .running(driver, task: DriverTask(driving: driver))
                return .success(driver)
            } catch {
                return .failure(error)
            }
        }
        return try found.get()
    }

    private func makeDriver() throws(HoldfastError) -> ClientDriver {
        guard let address else { throw .invalid("the server's address") }
        let world: ClientEnvironment
        if let environment {
            world = environment
        } else {
            world = try .kernel(configuration)
        }
        return ClientDriver(
            address: address,
            settings: ClientSettings(configuration, token: token),
            connectTimeout: Interval(configuration.connectTimeout),
            in: world
        )
    }

    // MARK: Requests

    /// Sends a request and reads its reply; a refusal is thrown as what it means.
    func ask<Value>(
        _ request: Request,
        isShielded: Bool = false,
        _ read: (Reply) -> Value?
    ) async throws(HoldfastError) -> Value {
        let outcome = try await driver().perform(request, isShielded: isShielded).get()
        return try Self.read(outcome, of: request, read)
    }

    static func read<Value>(
        _ outcome: ClientDriver.Outcome,
        of request: Request,
        _ read: (Reply) -> Value?
    ) throws(HoldfastError) -> Value {
        guard case .reply(let reply) = outcome else {
            throw .outcomeUnknown("an answer of another kind")
        }
        if let error = HoldfastError(refusedBy: reply) { throw error }
        guard let value = read(reply) else {
            throw .outcomeUnknown(
                "the answer to \(request.operation) is not readable: \(reply.text)"
            )
        }
        return value
    }
}

extension HoldfastError {
    /// What a refusal means to the caller; nil where the reply says yes.
    package init?(refusedBy reply: Reply) {
        guard let refusal = reply.refusal else { return nil }
        switch refusal.code {
        case .lost: self = .lockLost(reply.loss)
        case .conflict: self = .conflict(reply.contention)
        case .timedOut: self = .timedOut(reply.contention)
        default: self = .refused(refusal)
        }
    }
}
