// Streams over real sockets: pairs inside the kernel, loopback connections where TCP matters.

import CSystem
import Glibc
import HoldfastModel
import Testing

@testable import HoldfastSystem

struct SocketStreamTests {
    @Test func `bytes written at one end are read at the other`() async throws {
        let bytes = try await onPair { first, second in
            try await first.writeAll([1, 2, 3])
            return try await second.readAll(3)
        }
        #expect(bytes == [1, 2, 3])
    }

    @Test func `nothing there is not an error and not the end`() async throws {
        let outcomes = try await onPair { first, _ in
            [try first.read { _ in }, try first.read { _ in }]
        }
        #expect(outcomes == [.wouldBlock, .wouldBlock])
    }

    @Test func `one read shows at most 64 KiB and the next one the rest`() async throws {
        try await onPair { first, second in
            let written = try first.write([UInt8](repeating: 7, count: 100_000).span)
            let sizes = [try second.read { _ in }, try second.read { _ in }]
            #expect(sizes == [.bytes(65_536), .bytes(written - 65_536)])
        }
    }

    @Test func `a write that does not fit says how much did and goes on when there is room`()
        async throws
    {
        let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let received = try await onPair { first, second in
            let count = try first.write(sent.span)
            try #require(count > 0 && count < sent.count)
            try #require(try first.write(sent.span) == 0)
            async let rest: Void = {
                try await first.writeAll(Array(sent[count...]))
                first.finishWriting()
            }()
            let received = try await second.readAll()
            try await rest
            return received
        }
        #expect(received == sent)
    }

    @Test func `a stream that may be written calls back in the next turn`() async throws {
        let lines = try await onPair { first, _ in
            let diary = Diary()
            first.whenWritable { diary.note("writable") }
            diary.note("asked")
            return await diary.lines(atLeast: 2)
        }
        #expect(lines == ["asked", "writable"])
    }

    @Test func `whoever finished writing still reads`() async throws {
        let (heard, answer) = try await onPair { first, second in
            try await first.writeAll([1])
            first.finishWriting()
            let heard = try await second.readAll()
            try await second.writeAll([2])
            second.finishWriting()
            return (heard, try await first.readAll())
        }
        #expect(heard == [1])
        #expect(answer == [2])
    }

    @Test func `the end of input is found behind the last bytes`() async throws {
        // The short read alone would say "nothing more"; the end came together with the bytes.
        let outcomes = try await onPair { first, second in
            await second.whileWaiting {
                _ = try? first.write([1, 2].span)
                // A process that is being made has this end open, too, until it begins.
                first.finishWriting()
                first.close()
            }
            return [try second.read { _ in }, try second.read { _ in }]
        }
        #expect(outcomes == [.bytes(2), .endOfInput])
    }

    @Test func `a reader that takes what comes at once is woken when it says so`() async throws {
        let taken = Locked<[Int]>([])
        try await onPair { first, second in
            await second.whileWaiting(unless: { [second] in
                guard case .bytes(let count)? = try? second.read({ _ in }) else { return false }
                _ = try? second.write([0].span)
                return taken.withLock {
                    $0.append(count)
                    return $0.count < 3
                }
            }) {
                for bytes in [[1, 2], [3], [4, 5, 6]] as [[UInt8]] {
                    _ = try? first.write(bytes.span)
                    _ = try? await first.readAll(1)
                }
            }
        }
        #expect(taken.withLock { $0 } == [2, 1, 3])
    }

    @Test func `a reader that takes the last bytes at once is woken for the end`() async throws {
        let outcome = try await onPair { first, second in
            await second.whileWaiting(unless: { [second] in
                (try? second.read { _ in }) == .bytes(2)
            }) {
                _ = try? first.write([1, 2].span)
                first.finishWriting()
            }
            return try second.read { _ in }
        }
        #expect(outcome == .endOfInput)
    }

    @Test func `a reader that closes its stream while it takes what comes is woken`() async throws {
        try await onPair { first, second in
            await second.whileWaiting(unless: { [second] in
                second.close()
                return true
            }) {
                _ = try? first.write([1].span)
            }
            #expect(throws: StreamError.closed) { _ = try second.read { _ in } }
        }
    }

    @Test func `nothing is read at once before what waits to be run, or behind much else`()
        async throws
    {
        try await onPair { first, _ in
            let loop = first.eventLoop
            loop.atOnceBytes = 1
            #expect(loop.mayReadAtOnce())
            loop.atOnceBytes = 0
            #expect(!loop.mayReadAtOnce())
            loop.atOnceBytes = 1
            loop.post {}
            #expect(!loop.mayReadAtOnce())
        }
    }

    @Test func `closing wakes the reader who then learns it`() async throws {
        try await onPair { first, _ in
            await first.whileWaiting { first.close() }
            #expect(throws: StreamError.closed) { _ = try first.read { _ in } }
            #expect(throws: StreamError.closed) { _ = try first.write([1].span) }
            await first.readable()
        }
    }

    @Test func `closing twice is closing once`() async throws {
        try await onPair { first, second in
            first.close()
            // Its number may be this one's by now; the second close must not touch it.
            let pair = try SocketPair(second.eventLoop, second.eventLoop)
            first.close()
            try await pair.first.writeAll([1])
            #expect(try await pair.second.readAll(1) == [1])
            pair.first.close()
            pair.second.close()
        }
    }

    @Test func `closing calls back who waits for room`() async throws {
        let lines = try await onPair { first, _ in
            let diary = Diary()
            let much = [UInt8](repeating: 0, count: 1_000_000)
            while try first.write(much.span) > 0 {}
            first.whenWritable { diary.note("called") }
            first.close()
            return await diary.lines(atLeast: 1)
        }
        #expect(lines == ["called"])
    }

    @Test func `a cancelled task stops waiting for bytes`() async throws {
        try await onPair { first, _ in
            await withTaskGroup { group in
                group.addTask { await first.readable() }
                await nextTurn(of: first.eventLoop)
                group.cancelAll()
                await group.waitForAll()
            }
            let outcome = try first.read { _ in }
            #expect(outcome == .wouldBlock)
        }
    }

    @Test func `a reader can be woken though nothing came`() async throws {
        let outcome = try await onPair { first, _ in
            await first.whileWaiting { first.wakeReader() }
            return try first.read { _ in }
        }
        #expect(outcome == .wouldBlock)
    }

    @Test func `writing to a peer that is gone is a reset and not the end of the process`()
        async throws
    {
        try await onPair { first, second in
            second.close()
            #expect(throws: StreamError.reset) { _ = try first.write([1].span) }
        }
    }

    @Test func `a connection that the peer reset is a reset for the reader`() async throws {
        try await onLoop { loop in
            let (accepted, made) = try await connection(on: loop)
            await accepted.whileWaiting {
                made.resetOnClose()
                made.close()
            }
            #expect(throws: StreamError.reset) { _ = try accepted.read { _ in } }
            accepted.close()
        }
    }

    @Test func `a connection that broke calls back who waits for room`() async throws {
        let lines = try await onLoop { loop in
            let (accepted, made) = try await connection(on: loop)
            let diary = Diary()
            let much = [UInt8](repeating: 0, count: 1_000_000)
            while try accepted.write(much.span) > 0 {}
            accepted.whenWritable { diary.note("called") }
            made.resetOnClose()
            made.close()
            let lines = await diary.lines(atLeast: 1)
            accepted.close()
            return lines
        }
        #expect(lines == ["called"])
    }

    @Test func `a connection is kept alive, bounded in silence and sends at once`() async throws {
        // Rule 5; an accepted socket has it from its listener.
        try await onLoop { loop in
            let (accepted, made) = try await connection(on: loop)
            for stream in [accepted, made] {
                let number = stream.descriptorNumber
                #expect(holdfast_keepalive_idle(number) == 10)
                #expect(holdfast_user_timeout(number) == 20_000)
                #expect(holdfast_no_delay(number) == 1)
            }
            #expect(made.peer.hasPrefix("127.0.0.1:"))
            accepted.close()
            made.close()
        }
    }

    @Test func `a connection that always has more lets the others read in between`() async throws {
        let lines = try await onLoop { loop in
            let busy = try SocketPair(loop, loop)
            let quiet = try SocketPair(loop, loop)
            let diary = Diary()
            // More than one read's worth is waiting for one, one byte for the other.
            let sent = try busy.first.write([UInt8](repeating: 0, count: 100_000).span)
            try #require(sent > 65_536)
            try await quiet.first.writeAll([1])
            try await withThrowingTaskGroup { group in
                group.addTask {
                    _ = try busy.second.read { diary.note("busy: \($0.count)") }
                    await busy.second.readable()
                    _ = try busy.second.read { _ in diary.note("busy again") }
                }
                group.addTask {
                    _ = try quiet.second.read { _ in diary.note("quiet") }
                }
                try await group.waitForAll()
            }
            for pair in [busy, quiet] {
                pair.first.close()
                pair.second.close()
            }
            return diary.all
        }
        #expect(lines == ["busy: 65536", "quiet", "busy again"])
    }

    /// Runs `body` with both ends of a pair on one loop.
    private func onPair<Result: Sendable>(
        _ body: @escaping @Sendable (SocketStream, SocketStream) async throws -> Result
    ) async throws -> Result {
        try await onLoop { loop in
            let pair = try SocketPair(loop, loop)
            let result = try await body(pair.first, pair.second)
            pair.first.close()
            pair.second.close()
            return result
        }
    }
}

extension SocketStream {
    /// Runs `body` while a task waits that takes what it can at once; returns when that waits no more.
    fileprivate func whileWaiting(
        unless atOnce: @escaping @Sendable () -> Bool,
        body: () async -> Void
    ) async {
        _ = try? read { _ in }
        await withTaskGroup { group in
            group.addTask { await self.readableOrWoken(unless: atOnce) }
            await nextTurn(of: eventLoop)
            await nextTurn(of: eventLoop)
            await body()
            await group.waitForAll()
        }
    }

    /// Runs `body` while a task waits until this is readable; returns when that waits no more.
    fileprivate func whileWaiting(_ body: () -> Void) async {
        // Asks for something first, so that there is a reason to wait.
        _ = try? read { _ in }
        await withTaskGroup { group in
            group.addTask { await self.readable() }
            await nextTurn(of: eventLoop)
            await nextTurn(of: eventLoop)
            body()
            await group.waitForAll()
        }
    }
}
