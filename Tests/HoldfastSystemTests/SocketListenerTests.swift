// Listening sockets on loopback, port 0.

import Glibc
import HoldfastModel
import HoldfastSystem
import Testing

struct SocketListenerTests {
    @Test func `two loops share the port that the first one got`() async throws {
        try await onLoops(2) { loops in
            let anywhere = try #require(ListenAddress("127.0.0.1:0"))
            let listeners = try SocketListener.bind(to: anywhere, on: loops)
            #expect(listeners.count == 2)
            #expect(listeners[0].socketAddress.port != 0)
            #expect(listeners[0].address == listeners[1].address)
        }
    }

    @Test func `a second server is refused a port that loops of the first share`() async throws {
        try await onLoops(2) { loops in
            let anywhere = try #require(ListenAddress("127.0.0.1:0"))
            let first = try SocketListener.bind(to: anywhere, on: loops)
            let taken = try #require(ListenAddress(first[0].address))
            #expect(throws: BindError(address: first[0].address, reason: .inUse)) {
                _ = try SocketListener.bind(to: taken, on: loops)
            }
        }
    }
}
