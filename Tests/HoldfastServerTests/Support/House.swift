// One test body, two places: in memory over pipes with a virtual clock, and over real sockets with
// the kernel's. What a body says about the protocol must hold in both.

import HoldfastJournal
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
    /// A new connection to where HTTP is spoken.
    func connectHTTP() async throws -> any Talker
    /// A new connection whose client leaves little room for what it does not read.
    func connectNarrowly() async throws -> any Talker
    /// Lets time pass: at once in memory, really over sockets.
    func pass(_ interval: Interval) async
    /// As SIGTERM does.
    func stop()
}

extension House {
    /// Asks until it is so: the server sees what happened to a connection when it comes to it.
    func until(_ condition: () async -> Bool) async throws {
        for _ in 0..<10_000 {
            if await condition() { return }
            await pass(.milliseconds(1))
        }
        throw NeverHappened()
    }
}

/// What a test waited for did not come true.
struct NeverHappened: Error {}

/// A client that speaks lines.
protocol Talker: AnyObject {
    func post(bytes: [UInt8])
    /// The next line; nil when the server closed the connection. In memory also when nothing comes.
    func line() async -> String?
    /// The next bytes, lines or not; nil where none come.
    func more() async -> [UInt8]?
    /// Whether the server closed the connection, and said nothing more before.
    func isOver() async -> Bool
    func finishWriting()
    /// Breaks the connection at once.
    func vanish()
    /// Lets the server see what was sent until now before more is sent.
    func letServerRead()
}

extension Talker {
    func post(_ lines: String...) {
        for line in lines { post(bytes: Array((line + "\n").utf8)) }
    }

    /// The next line, or a word for its absence.
    func next() async -> String { await line() ?? "(end)" }

    /// The next lines.
    func next(_ count: Int) async -> [String] {
        var lines: [String] = []
        while lines.count < count { lines.append(await next()) }
        return lines
    }

    /// Sends a line and gives the next one that comes.
    func ask(_ line: String) async -> String {
        post(line)
        return await next()
    }

    /// What has come up to the answer of a ping, which every connection gives at once: so silence can be seen.
    func linesUntilPong() async -> [String] { await lines(until: #""op":"ping""#) }

    /// What has come until everything sent before was decided at this resource, on whichever loop it lives.
    func linesUntilSeen(at path: String) async -> [String] {
        await lines(until: #""op":"list","resource":"\#(path)","limit":1"#)
    }

    private func lines(until question: String) async -> [String] {
        post(#"{"id":"last",\#(question)}"#)
        var lines: [String] = []
        while let line = await line() {
            if line.hasPrefix(#"{"id":"last""#) { return lines }
            lines.append(line)
        }
        return lines + ["(end)"]
    }
}

/// Loops that every server of these tests has.
let loopCount = 2

/// A path that lives on this loop.
func path(_ name: String, onLoop loop: Int) -> String {
    for number in 0... {
        let text = "\(name)\(number)"
        guard let path = ResourcePath(text) else { break }
        if Int(Slot(of: path).number) % loopCount == loop { return text }
    }
    preconditionFailure("\(name) is no path")
}

extension Place {
    /// Runs a body that needs the clock or the inside of a server in memory.
    static func inMemory(
        _ change: (inout Configuration) -> Void = { _ in },
        body: (MemoryHouse) async throws -> Void
    ) async throws {
        var configuration = Configuration.ofTests
        change(&configuration)
        try await onOwnThread { _ in try await body(MemoryHouse(configuration)) }
    }

    /// Runs a body against a server with these settings, and ends the server.
    func with(
        _ change: (inout Configuration) -> Void = { _ in },
        journal: any Journal = MemoryJournal(),
        body: (any House) async throws -> Void
    ) async throws {
        var configuration = Configuration.ofTests
        change(&configuration)
        switch self {
        case .memory:
            try await onOwnThread { _ in
                try await body(MemoryHouse(configuration, journal: journal))
            }
        case .sockets:
            try await SocketHouse.with(configuration, journal: journal, body: body)
        }
    }
}

extension Configuration {
    fileprivate static var ofTests: Configuration {
        var configuration = Configuration()
        configuration.loopCount = HoldfastServerTests.loopCount
        configuration.checksInvariants = true
        return configuration
    }
}

/// The server in memory.
struct MemoryHouse: House {
    let server: VirtualServer
    private let connections = Counter()

    init(_ configuration: Configuration, journal: any Journal = MemoryJournal()) {
        server = VirtualServer(
            loopCount: configuration.effectiveLoopCount,
            limits: configuration.limits,
            retain: configuration.retain,
            journal: journal,
            drainTimeout: configuration.drainTimeout,
            checksInvariants: configuration.checksInvariants,
            http: configuration.http
        )
    }

    func connect() async throws -> any Talker {
        MemoryTalker(server.connect(toLoop: connections.next()))
    }

    func connectHTTP() async throws -> any Talker {
        MemoryTalker(server.connectHTTP(toLoop: connections.next()))
    }

    func connectNarrowly() async throws -> any Talker {
        MemoryTalker(server.connect(toLoop: connections.next(), replyCapacity: 4_096))
    }

    func pass(_ interval: Interval) async { server.world.advance(by: interval) }

    func stop() { server.stop() }

    var world: VirtualWorld { server.world }

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
    private var waiting: ArraySlice<String> = []

    init(_ client: VirtualClient) { self.client = client }

    func post(bytes: [UInt8]) { client.post(bytes: bytes) }

    func line() async -> String? {
        waiting += client.lines()
        return waiting.popFirst()
    }

    func more() async -> [UInt8]? {
        let bytes = client.bytes()
        return bytes.isEmpty ? nil : bytes
    }

    func isOver() async -> Bool {
        waiting += client.lines()
        return waiting.isEmpty && client.isAtEnd
    }

    func finishWriting() { client.finishWriting() }

    func vanish() { client.vanish() }

    func letServerRead() { waiting += client.lines() }
}
