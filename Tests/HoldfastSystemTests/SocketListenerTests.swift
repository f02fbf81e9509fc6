// Listening sockets on loopback, port 0.

import Glibc
import HoldfastModel
import TestSupport
import Testing

@testable import HoldfastSystem

struct SocketListenerTests {
    static let anywhere = ListenAddress(host: "127.0.0.1", port: 0)

    @Test(arguments: ["127.0.0.1:0", "[::1]:0", "localhost:0", "0.0.0.0:0"])
    func `port 0 becomes a number that the address shows`(text: String) async throws {
        try await onLoop { loop in
            let address = try #require(ListenAddress(text))
            let listener = try #require(try SocketListener.bind(to: address, on: [loop]).first)
            let port = listener.socketAddress.port
            #expect(port != 0)
            let host = text.dropLast(2).replacing("localhost", with: "127.0.0.1")
            #expect(listener.address == "\(host):\(port)")
        }
    }

    @Test func `two loops share the port that the first one got and both accept`() async throws {
        try await onLoops(3) { loops in
            let listeners = try SocketListener.bind(to: Self.anywhere, on: Array(loops.dropFirst()))
            #expect(listeners.count == 2)
            #expect(listeners[0].address == listeners[1].address)
            let address = ServerAddress(
                host: "127.0.0.1",
                port: listeners[0].socketAddress.port
            )
            let diary = Diary()
            try await withThrowingTaskGroup { group in
                for (listener, loop) in zip(listeners, loops.dropFirst()) {
                    group.addTask(executorPreference: loop) {
                        while let stream = await listener.accept() {
                            diary.note("\(loop.index.number)")
                            stream.close()
                        }
                    }
                }
                // The kernel deals them out by their ports: among so many each loop has some.
                for _ in 0..<200 {
                    let stream = try await SocketConnector().connect(to: address, on: loops[0])
                    stream.close()
                }
                let lines = await diary.lines(atLeast: 200)
                #expect(lines.count == 200)
                #expect(Set(lines) == ["1", "2"])
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test func `a second server is refused a port that loops of the first share`() async throws {
        try await onLoops(2) { loops in
            let first = try SocketListener.bind(to: Self.anywhere, on: loops)
            let taken = try #require(ListenAddress(first[0].address))
            #expect(throws: BindError(address: first[0].address, reason: .inUse)) {
                _ = try SocketListener.bind(to: taken, on: loops)
            }
            #expect(throws: BindError(address: first[0].address, reason: .inUse)) {
                _ = try SocketListener.bind(to: taken, on: [loops[0]])
            }
        }
    }

    @Test func `a port is free again as soon as its server closed it`() async throws {
        try await onLoop { loop in
            let listener = try #require(
                try SocketListener.bind(to: Self.anywhere, on: [loop]).first
            )
            let address = try #require(ListenAddress(listener.address))
            // The end that closes first keeps the port in the kernel for a minute.
            let server = ServerAddress(host: address.host, port: address.port)
            let made = try await SocketConnector().connect(to: server, on: loop)
            let accepted = try #require(await listener.accept())
            accepted.close()
            made.close()
            // As a process has it that is just being started.
            let copy = dup(try #require(Self.descriptor(listeningAt: address.port)))
            defer { close(copy) }
            listener.close()
            let again = try #require(try SocketListener.bind(to: address, on: [loop]).first)
            #expect(again.address == listener.address)
        }
    }

    private static func descriptor(listeningAt port: UInt16) -> Int32? {
        OpenDescriptors.all.first { number in
            var (isListening, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
            guard getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0,
                isListening == 1
            else { return false }
            var bound = sockaddr_in()
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isRead = withUnsafeMutablePointer(to: &bound) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getsockname(number, $0, &length) == 0
                }
            }
            return isRead && UInt16(bigEndian: bound.sin_port) == port
        }
    }

    @Test func `an address of another machine is refused with what to do`() async throws {
        try await onLoop { loop in
            let foreign = ListenAddress(host: "192.0.2.1", port: 7420)
            let error = #expect(throws: BindError.self) {
                _ = try SocketListener.bind(to: foreign, on: [loop])
            }
            #expect(error?.reason == .notHere)
            #expect(error?.description.contains("use one of its own") == true)
        }
    }

    @Test func `closing wakes whoever waits for a connection`() async throws {
        let isNil = try await onLoop { loop in
            let listener = try #require(
                try SocketListener.bind(to: Self.anywhere, on: [loop]).first
            )
            return await withTaskGroup { group in
                group.addTask { await listener.accept() == nil }
                await nextTurn(of: loop)
                await nextTurn(of: loop)
                listener.close()
                return await group.next() ?? false
            }
        }
        #expect(isNil)
    }

    @Test func `a cancelled task stops waiting for connections and another may go on`() async throws
    {
        try await onLoop { loop in
            let listener = try #require(
                try SocketListener.bind(to: Self.anywhere, on: [loop]).first
            )
            await withTaskGroup { group in
                group.addTask { await listener.accept() == nil }
                await nextTurn(of: loop)
                await nextTurn(of: loop)
                group.cancelAll()
                #expect(await group.next() == true)
            }
            let server = ServerAddress(host: "127.0.0.1", port: listener.socketAddress.port)
            let made = try await SocketConnector().connect(to: server, on: loop)
            let accepted = try #require(await listener.accept())
            accepted.close()
            made.close()
            listener.close()
        }
    }

    @Test func `out of descriptors it rests and accepts again when there are some`() async {
        await #expect(processExitsWith: .success) {
            try await onLoop { loop in
                let listener = try #require(
                    try SocketListener.bind(to: SocketListenerTests.anywhere, on: [loop]).first
                )
                let server = ServerAddress(host: "127.0.0.1", port: listener.socketAddress.port)
                var made: [any ByteStream] = []
                for _ in 0..<10 {
                    made.append(try await SocketConnector().connect(to: server, on: loop))
                }
                // From here on no new number is below the limit.
                let limits = try ResourceLimits.descriptors()
                let next = dup(0)
                close(next)
                try ResourceLimits.set(.init(soft: Int(next), hard: limits.hard))
                let count = try await withThrowingTaskGroup { group in
                    group.addTask {
                        var accepted: [any ByteStream] = []
                        while accepted.count < 10, let stream = await listener.accept() {
                            accepted.append(stream)
                        }
                        return accepted.count
                    }
                    // Twice: it came back from one rest and found the same.
                    while listener.restCount < 2 { await nextTurn(of: loop) }
                    try ResourceLimits.set(limits)
                    return try await group.next() ?? 0
                }
                #expect(count == 10)
                #expect(listener.restCount < 100, "it spins")
            }
        }
    }

    @Test func `a thousand connections leave no descriptor behind`() async {
        await #expect(processExitsWith: .success) {
            try await onLoop { loop in
                let listener = try #require(
                    try SocketListener.bind(to: SocketListenerTests.anywhere, on: [loop]).first
                )
                let server = ServerAddress(host: "127.0.0.1", port: listener.socketAddress.port)
                func visit() async throws {
                    let made = try await SocketConnector().connect(to: server, on: loop)
                    let accepted = try #require(await listener.accept())
                    async let heard = accepted.readAll()
                    _ = try made.write([1, 2].span)
                    made.finishWriting()
                    #expect(try await heard == [1, 2])
                    made.close()
                    accepted.close()
                }
                try await visit()
                let before = openDescriptorCount()
                for _ in 0..<1_000 { try await visit() }
                // The runtime opens a few of its own when it likes; ours would be a thousand.
                #expect(openDescriptorCount() <= before + 8)
                listener.close()
                #expect(loop.registrations.count == 0)
            }
        }
    }
}
