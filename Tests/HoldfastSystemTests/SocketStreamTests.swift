// Streams over real sockets: pairs inside the kernel and loopback connections.

import Glibc
import HoldfastModel
import HoldfastSystem
import Testing

struct SocketStreamTests {
    @Test func `bytes written at one end are read at the other`() async throws {
        let bytes = try await onLoop { loop in
            let pair = try SocketPair(loop, loop)
            try await pair.first.writeAll([1, 2, 3], on: loop)
            let bytes = try await pair.second.readAll(3)
            pair.first.close()
            pair.second.close()
            return bytes
        }
        #expect(bytes == [1, 2, 3])
    }

    @Test func `a write that does not fit says how much did and goes on when there is room`()
        async throws
    {
        let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let received = try await onLoop { loop in
            let pair = try SocketPair(loop, loop)
            let first = try pair.first.write(sent.span)
            #expect(first > 0 && first < sent.count)
            #expect(try pair.first.write(sent.span) == 0)
            async let rest: Void = {
                try await pair.first.writeAll(Array(sent[first...]), on: loop)
                pair.first.finishWriting()
            }()
            let received = try await pair.second.readAll()
            try await rest
            pair.first.close()
            pair.second.close()
            return received
        }
        #expect(received == sent)
    }
}
