// The way in and the way out over real sockets: listeners behind a door, clients that connect, a certificate that is
// exchanged while connections go on.

import HoldfastModel
import Testing

@testable import HoldfastSystem

struct TLSDoorTests {
    private let certificates: Certificates

    init() throws { certificates = try Certificates.made() }

    /// A listener that echoes one byte a connection, while `body` runs.
    private func serving(
        _ door: TLSDoor,
        _ body: @escaping @Sendable (ServerAddress, EventLoop) async throws -> Void
    ) async throws {
        try await onLoop { loop in
            let socket = try #require(
                try SocketListener.bind(
                    to: ListenAddress(host: "127.0.0.1", port: 0),
                    on: [loop]
                ).first
            )
            let listener = TLSListener(socket, on: loop, behind: door)
            #expect(listener.address == socket.address)
            let address = ServerAddress(host: "localhost", port: socket.socketAddress.port)
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask(executorPreference: loop) {
                    await withDiscardingTaskGroup { connections in
                        while let stream = await listener.accept() {
                            connections.addTask(executorPreference: loop) {
                                await echo(on: stream)
                            }
                        }
                    }
                }
                defer { listener.close() }
                try await body(address, loop)
            }
        }
    }

    @Test func `a client connects, and a new certificate is for those who come later`()
        async throws
    {
        let door = TLSDoor(try certificates.server())
        let (ours, others) = (
            try certificates.client(), try certificates.client(trusting: "others")
        )
        let expired = try certificates.server("expired")
        try await serving(door) { address, loop in
            let first = try await TLSConnector(ours).connect(to: address, on: loop)
            try #require(try first.write([1].span) == 1)
            #expect(try await first.readAll(1) == [1])

            await #expect(throws: ConnectError.self) {
                try await TLSConnector(others).connect(to: address, on: loop)
            }

            door.exchange(expired)
            await #expect(throws: ConnectError.self) {
                try await TLSConnector(ours).connect(to: address, on: loop)
            }
            try #require(try first.write([2].span) == 1)
            #expect(try await first.readAll(1) == [2])
            first.close()
        }
    }

    @Test func `a crowd connects while one that stalls waits for its end`() async throws {
        let door = TLSDoor(try certificates.server())
        let ours = try certificates.client()
        try await serving(door) { address, loop in
            let silent = try await SocketConnector().connect(to: address, on: loop)
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for number in 0..<50 {
                    group.addTask(executorPreference: loop) {
                        let stream = try await TLSConnector(ours).connect(to: address, on: loop)
                        defer { stream.close() }
                        try #require(try stream.write([UInt8(number)].span) == 1)
                        return try await stream.readAll(1)
                    }
                }
                var seen: Set<UInt8> = []
                while let bytes = try await group.next() { seen.formUnion(bytes) }
                #expect(seen.count == 50)
            }
            silent.close()
        }
    }

    @Test func `a flood of garbage is one line`() async throws {
        let lines = Diary()
        let door = TLSDoor(try certificates.server(), plainTextAnswer: [33]) { lines.note($0) }
        try await serving(door) { address, loop in
            for _ in 0..<20 {
                let stream = try await SocketConnector().connect(to: address, on: loop)
                try #require(try stream.write([63].span) == 1)
                #expect(try await stream.readAll() == [33])
                stream.close()
            }
        }
        #expect(lines.all.first?.hasPrefix("no TLS with 127.0.0.1:") == true)
        #expect(lines.all.count < 20)
    }
}

/// Sends back what comes, until the end.
private func echo(on stream: any ByteStream) async {
    while true {
        var bytes: [UInt8] = []
        let outcome = try? stream.read { span in
            for index in span.indices { bytes.append(span[index]) }
        }
        switch outcome {
        case .bytes: _ = try? stream.write(bytes.span)
        case .wouldBlock: await stream.readable()
        case .endOfInput, nil: return stream.close()
        }
    }
}
