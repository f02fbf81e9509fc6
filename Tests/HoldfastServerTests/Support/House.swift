// One test body, two places: in memory over pipes with a virtual clock, and over real sockets with
// the kernel's. What a body says about the protocol must hold in both.

import HoldfastModel
import HoldfastServer
import HoldfastSimulation

/// Where a test body runs.
enum Place: String, CaseIterable, Sendable {
    case memory
    case sockets
}

/// A running server and a way to get clients of it.
protocol House {
    /// A new connection.
    func connect() async throws -> any Talker
    /// Lets time pass: at once in memory, really over sockets.
    func pass(_ interval: Interval) async
}

/// A client that speaks lines.
protocol Talker: AnyObject {
    func post(bytes: [UInt8])
    /// The next line; nil when the server closed the connection. In memory also when nothing comes.
    func line() async -> String?
    func finishWriting()
    /// Breaks the connection at once.
    func vanish()
}

extension Talker {
    func post(_ line: String) { post(bytes: Array((line + "\n").utf8)) }

    /// Sends a line and gives the next one that comes.
    func ask(_ line: String) async -> String {
        post(line)
        return await self.line() ?? "(end)"
    }

    /// What has come up to the answer of a ping, which every connection gives at once: so silence
    /// can be seen.
    func linesUntilPong() async -> [String] {
        post(#"{"id":"pong","op":"ping"}"#)
        var lines: [String] = []
        while let line = await line() {
            if line.hasPrefix(#"{"id":"pong""#) { return lines }
            lines.append(line)
        }
        return lines + ["(end)"]
    }
}

extension Place {
    /// Runs a body against a server with these settings, and ends the server.
    func with(
        _ change: (inout Configuration) -> Void = { _ in },
        body: (any House) async throws -> Void
    ) async throws {
        var configuration = Configuration()
        configuration.loopCount = 2
        configuration.checksInvariants = true
        change(&configuration)
        switch self {
        case .memory:
            try await body(MemoryHouse(configuration))
        case .sockets:
            try await SocketHouse.with(configuration, body: body)
        }
    }
}

/// The server in memory.
struct MemoryHouse: House {
    let server: VirtualServer
    private let connections = Counter()

    init(_ configuration: Configuration) {
        server = VirtualServer(
            loopCount: configuration.effectiveLoopCount,
            limits: configuration.limits,
            retain: configuration.retain,
            drainTimeout: configuration.drainTimeout
        )
    }

    func connect() async throws -> any Talker {
        MemoryTalker(server.connect(toLoop: connections.next()))
    }

    func pass(_ interval: Interval) async { server.world.advance(by: interval) }

    /// Connections alternate between the loops.
    private final class Counter {
        private var count = 0
        func next() -> Int {
            defer { count += 1 }
            return count
        }
    }
}

final class MemoryTalker: Talker {
    let client: VirtualClient
    private var waiting: [String] = []

    init(_ client: VirtualClient) { self.client = client }

    func post(bytes: [UInt8]) { client.post(bytes: bytes) }

    func line() async -> String? {
        waiting += client.lines()
        return waiting.isEmpty ? nil : waiting.removeFirst()
    }

    func finishWriting() { client.finishWriting() }

    func vanish() { client.close() }
}
