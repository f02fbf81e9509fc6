// Connecting over loopback, and what can go wrong with it.

import Glibc
import HoldfastModel
import HoldfastSystem
import Testing

struct SocketConnectorTests {
    @Test(arguments: [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("127.0.0.1", "localhost")])
    func `a server is reached by address and by name`(listen: String, host: String) async throws {
        try await onLoop { loop in
            let listener = try #require(
                try SocketListener.bind(to: ListenAddress(host: listen, port: 0), on: [loop]).first
            )
            let server = ServerAddress(host: host, port: listener.socketAddress.port)
            let made = try await SocketConnector().connect(to: server, on: loop)
            let accepted = try #require(await listener.accept())
            _ = try made.write([5].span)
            #expect(try await accepted.readAll(1) == [5])
            #expect(made.peer == listener.address)
            made.close()
            accepted.close()
            listener.close()
        }
    }

    @Test func `a port where nobody listens is refused`() async throws {
        try await onLoop { loop in
            let listener = try #require(
                try SocketListener.bind(to: ListenAddress(host: "127.0.0.1", port: 0), on: [loop])
                    .first
            )
            let server = ServerAddress(host: "127.0.0.1", port: listener.socketAddress.port)
            listener.close()
            await #expect(throws: ConnectError.refused("127.0.0.1:\(server.port)")) {
                _ = try await SocketConnector().connect(to: server, on: loop)
            }
        }
    }

    @Test func `a name that nobody has is unknown`() async throws {
        try await onLoop { loop in
            let server = ServerAddress(host: "no.such.host.invalid", port: 1)
            await #expect(throws: ConnectError.unknownHost("no.such.host.invalid")) {
                _ = try await SocketConnector(timeout: .seconds(600)).connect(to: server, on: loop)
            }
        }
    }

    @Test func `a server that does not answer is given up at the timeout`() async throws {
        // A queue of one that is full: the kernel leaves the next attempts without an answer.
        try await onLoop { loop in
            let silent = try SilentServer()
            await #expect(throws: ConnectError.timedOut) {
                _ = try await SocketConnector(timeout: .milliseconds(20))
                    .connect(to: silent.address, on: loop)
            }
            silent.close()
        }
    }

    @Test func `a cancelled task stops connecting`() async throws {
        try await onLoop { loop in
            let silent = try SilentServer()
            let error = await withTaskGroup { group in
                group.addTask { () -> ConnectError? in
                    do throws(ConnectError) {
                        _ = try await SocketConnector(timeout: .seconds(600))
                            .connect(to: silent.address, on: loop)
                        return nil
                    } catch {
                        return error
                    }
                }
                await nextTurn(of: loop)
                await nextTurn(of: loop)
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(error == .cancelled)
            silent.close()
        }
    }
}

/// A listening socket whose queue is full and that never accepts.
private struct SilentServer: Sendable {
    let address: ServerAddress
    private let descriptors: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var all = [listener]
        let isListening = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 0) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(isListening)
        // Non-blocking connects: the first is queued, the others wait for ever.
        for _ in 0..<3 {
            let client = socket(
                AF_INET,
                Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
                0
            )
            all.append(client)
            withUnsafePointer(to: name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = connect(client, $0, length)
                }
            }
        }
        address = ServerAddress(host: "127.0.0.1", port: UInt16(bigEndian: name.sin_port))
        descriptors = all
    }

    func close() { for descriptor in descriptors { _ = Glibc.close(descriptor) } }
}
