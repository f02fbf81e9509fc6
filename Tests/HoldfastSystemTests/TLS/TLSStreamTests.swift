// Streams under TLS: what plain streams promise holds here, too, and a peer that is slow, silent or wrong costs nothing
// but its own connection.

import HoldfastModel
import Testing

@testable import HoldfastSystem

struct TLSStreamTests {
    private let certificates: Certificates

    init() throws { certificates = try Certificates.made() }

    private func pair<Result: Sendable>(
        _ body: @escaping @Sendable (TLSPair) async throws -> Result
    ) async throws -> Result {
        try await onTLSPair(
            server: certificates.server(),
            client: certificates.client(),
            body
        )
    }

    @Test func `bytes pass both ways, under the newest version`() async throws {
        try await pair { pair in
            try await pair.client.writeAll([1, 2, 3])
            #expect(try await pair.server.readAll(3) == [1, 2, 3])
            try await pair.server.writeAll([4, 5])
            #expect(try await pair.client.readAll(2) == [4, 5])
            #expect(pair.client.version == "TLSv1.3")
            #expect(pair.server.isEstablished && pair.client.isEstablished)
        }
    }

    @Test func `nothing there is not an error and not the end`() async throws {
        try await pair { pair in
            let outcomes = [try pair.server.read { _ in }, try pair.server.read { _ in }]
            #expect(outcomes == [.wouldBlock, .wouldBlock])
        }
    }

    @Test func `before the handshake nothing is taken, and room is told of after it`() async throws
    {
        let (server, client) = (try certificates.server(), try certificates.client())
        try await onLoop { loop in
            let pair = try TLSPair(on: loop, server: server, client: client)
            defer { pair.close() }
            let diary = Diary()
            #expect(try pair.server.write([1].span) == 0)
            #expect(!pair.server.isEstablished)
            pair.server.whenWritable { diary.note("room") }
            await nextTurn(of: loop)
            #expect(diary.all == [])
            async let greeted: Void = pair.server.establish()
            try await pair.client.establish()
            try await greeted
            #expect(await diary.lines(atLeast: 1) == ["room"])
            #expect(try pair.server.write([1].span) == 1)
        }
    }

    @Test func `much more than fits passes unchanged, in pieces of at most 64 KiB`() async throws {
        let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await pair { pair in
            let count = try pair.client.write(sent.span)
            try #require(count > 0 && count < sent.count)
            try #require(try pair.client.write(sent.span) == 0)
            async let rest: Void = {
                try await pair.client.writeAll(Array(sent[count...]))
                pair.client.finishWriting()
            }()
            var received: [UInt8] = []
            reading: while true {
                let outcome = try pair.server.read { bytes in
                    for index in bytes.indices { received.append(bytes[index]) }
                }
                switch outcome {
                case .bytes(let count): #expect(count <= 65_536)
                case .wouldBlock: await pair.server.readable()
                case .endOfInput: break reading
                }
            }
            try await rest
            #expect(received == sent)
        }
    }

    @Test func `an end that finished writing still reads`() async throws {
        try await pair { pair in
            pair.client.finishWriting()
            #expect(try await pair.server.readAll() == [])
            try await pair.server.writeAll([7, 8])
            pair.server.finishWriting()
            #expect(try await pair.client.readAll() == [7, 8])
            #expect(throws: StreamError.closed) { try pair.client.write([1].span) }
        }
    }

    @Test func `what was taken before a close arrives`() async throws {
        let sent = [UInt8](repeating: 9, count: 3_000_000)
        try await pair { pair in
            // As a server does with its last lines: it writes, says that this was all, and closes.
            let count = try pair.server.write(sent.span)
            pair.server.finishWriting()
            pair.server.close()
            #expect(throws: StreamError.closed) { try pair.server.read { _ in } }
            #expect(try await pair.client.readAll().count == count)
        }
    }

    @Test func `a peer that vanishes is the end of input`() async throws {
        try await pair { pair in
            try await pair.client.writeAll([1])
            pair.client.close()
            #expect(try await pair.server.readAll() == [1])
        }
    }

    @Test func `a waiting reader is woken by a close and by whoever knocks`() async throws {
        try await pair { pair in
            let diary = Diary()
            await withTaskGroup { group in
                group.addTask {
                    await pair.server.readable()
                    diary.note("woken")
                }
                while true {
                    await nextTurn(of: pair.server.loop)
                    pair.server.wakeReader()
                    if !diary.all.isEmpty { break }
                }
                group.addTask {
                    await pair.server.readable()
                    diary.note("closed")
                }
                await nextTurn(of: pair.server.loop)
                pair.server.close()
            }
            #expect(await diary.lines(atLeast: 2) == ["woken", "closed"])
        }
    }

    // MARK: Peers that are wrong

    @Test func `plain text is answered in plain text, and told of`() async throws {
        let context = try certificates.server()
        try await onLoop { loop in
            let sockets = try SocketPair(loop, loop)
            let failures = Diary()
            let server = try TLSStream(
                accepting: sockets.first,
                context,
                on: loop,
                plainTextAnswer: Array("TLS here\n".utf8)
            ) { failures.note("\($0)") }
            defer { server.close() }
            try await sockets.second.writeAll(Array("GET / HTTP/1.1\r\n\r\n".utf8))
            await #expect(throws: TLSFailure.plainText) { try await server.establish() }
            #expect(throws: StreamError.reset) { try server.read { _ in } }
            #expect(try await sockets.second.readAll() == Array("TLS here\n".utf8))
            #expect(failures.all == ["the other side does not speak TLS"])
            sockets.second.close()
        }
    }

    @Test func `garbage in a record ends the connection and nothing else`() async throws {
        let context = try certificates.server()
        try await onLoop { loop in
            let sockets = try SocketPair(loop, loop)
            let server = try TLSStream(accepting: sockets.first, context, on: loop)
            defer { server.close() }
            try await sockets.second.writeAll([22, 3, 1, 0, 5, 1, 2, 3, 4, 5])
            await #expect(throws: TLSFailure.self) { try await server.establish() }
            #expect(server.trouble?.hasPrefix("TLS: ") == true)
            // An alert of two bytes says so to the peer.
            #expect(try await sockets.second.readAll(7).first == 21)
            sockets.second.close()
        }
    }

    @Test func `a peer that says nothing is given up, and one that knocks is no news`() async throws
    {
        let context = try certificates.server()
        try await onLoop { loop in
            let failures = Diary()
            let silent = try SocketPair(loop, loop)
            let server = try TLSStream(
                accepting: silent.first,
                context,
                on: loop,
                patience: .milliseconds(1)
            ) { failures.note("\($0)") }
            await #expect(throws: TLSFailure.timedOut) { try await server.establish() }
            #expect(failures.all.count == 1)
            let gone = try SocketPair(loop, loop)
            let second = try TLSStream(accepting: gone.first, context, on: loop) {
                failures.note("\($0)")
            }
            gone.second.close()
            await #expect(throws: TLSFailure.ended) { try await second.establish() }
            #expect(failures.all.count == 1)
            server.close()
            second.close()
            silent.second.close()
        }
    }

    @Test func `a server of plain text is told from one of TLS`() async throws {
        let context = try certificates.client()
        try await onLoop { loop in
            let sockets = try SocketPair(loop, loop)
            let client = try TLSStream(
                connecting: sockets.second,
                to: "localhost",
                context,
                on: loop
            )
            try await sockets.first.writeAll(Array("220 hello\r\n".utf8))
            await #expect(throws: TLSFailure.plainText) { try await client.establish() }
            client.close()
            sockets.first.close()
        }
    }

    @Test func `a peer that reads nothing is still heard`() async throws {
        try await pair { pair in
            // The client reads nothing; the server's socket fills up, and stays so.
            while try pair.server.write([UInt8](repeating: 1, count: 65_536).span) > 0 {}
            // Requests go on to be read: what waits for the slow reader is the caller's to bound.
            try await pair.client.writeAll([1, 2, 3])
            #expect(try await pair.server.readAll(3) == [1, 2, 3])
        }
    }
}
