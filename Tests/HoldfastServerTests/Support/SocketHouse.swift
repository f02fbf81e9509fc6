// The server over real sockets, in this process, and a blocking client for it. A line that does not
// come within a generous while ends the test with what was missing; no test measures how long one
// took.

import Glibc
import HoldfastJournal
import HoldfastModel
import HoldfastServer
import HoldfastSystem

/// The server over loopback.
struct SocketHouse: House {
    let port: UInt16
    let httpPort: UInt16
    let server: Server
    /// Where the body runs.
    private let loop: EventLoop

    static func with(
        _ configuration: Configuration,
        journal: any Journal,
        body: (any House) async throws -> Void
    ) async throws {
        var configuration = configuration
        configuration.listen = [.init(host: "127.0.0.1", port: 0)]
        configuration.httpListen = configuration.listen
        // A reader that is slow because the machine is busy is not given up.
        configuration.socketOptions.sendPatience = .seconds(300)
        let server = try Server(configuration, journal: journal)
        let port = UInt16(server.addresses[0].split(separator: ":").last ?? "") ?? 0
        let httpPort = UInt16(server.httpAddresses[0].split(separator: ":").last ?? "") ?? 0
        let thread = try EventLoop(index: LoopIndex(number: 0))
        try thread.start()
        defer { thread.stop() }
        try await withThrowingTaskGroup { group in
            group.addTask(executorPreference: thread) {
                do throws(StartError) {
                    try await server.run()
                } catch .journal {
                    // What a test that lets its journal fail wants to see.
                }
            }
            let result = await caught {
                try await onOwnThread { loop in
                    try await body(
                        SocketHouse(port: port, httpPort: httpPort, server: server, loop: loop)
                    )
                }
            }
            server.stop()
            try await group.waitForAll()
            try result.get()
        }
    }

    private static func caught(_ body: () async throws -> Void) async -> Result<Void, any Error> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    func connect() async throws -> any Talker { try SocketTalker(port: port) }

    func connectHTTP() async throws -> any Talker { try SocketTalker(port: httpPort) }

    /// Room for one segment of the loopback: with less the kernel drops segments, and sends them again later and
    /// later while nobody reads.
    func connectNarrowly() async throws -> any Talker {
        try SocketTalker(port: port, receiveBytes: 131_072)
    }

    func pass(_ interval: Interval) async {
        let alarm = loop.makeAlarm()
        alarm.set(for: loop.reading.now + interval)
        _ = await alarm.rings()
    }

    func stop() { server.stop() }
}

struct SocketFailure: Error { var number: Int32 }

/// A blocking client.
final class SocketTalker: Talker {
    private let descriptor: Int32
    private var isClosed = false
    private var received: [UInt8] = []
    private var start = 0
    private static let patienceSeconds = 300

    init(port: UInt16, receiveBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var count = receiveBytes {
            let length = socklen_t(MemoryLayout<Int32>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &count, length)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw SocketFailure(number: errno) }
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &patience,
            socklen_t(MemoryLayout<timeval>.size)
        )
    }

    deinit { close() }

    private func close() {
        if !isClosed { Glibc.close(descriptor) }
        isClosed = true
    }

    func post(bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    func line() async -> String? {
        while true {
            if let end = received[start...].firstIndex(of: 0x0a) {
                defer { start = end + 1 }
                return String(decoding: received[start..<end], as: UTF8.self)
            }
            guard receive() == .bytes else { return nil }
        }
    }

    func more() async -> [UInt8]? {
        if start == received.count, receive() != .bytes { return nil }
        defer { start = received.count }
        return Array(received[start...])
    }

    func isOver() async -> Bool { start == received.count && receive() == .end }

    private enum Outcome {
        case bytes
        case end
        /// Nothing came for as long as these tests wait.
        case silence
    }

    private func receive() -> Outcome {
        received.removeFirst(start)
        start = 0
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        if count > 0 { received += chunk[..<count] }
        if count > 0 { return .bytes }
        return count < 0 && errno == EAGAIN ? .silence : .end
    }

    func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// A reset, as a process that was killed with unread bytes leaves.
    func vanish() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &linger,
            socklen_t(MemoryLayout<Glibc.linger>.size)
        )
        close()
    }

    func letServerRead() {}
}
