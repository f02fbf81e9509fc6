// What the tests of this module share: real loops that are stopped and joined whatever happens, and ways
// to look at the process. Nothing here measures time.

import Glibc
import HoldfastModel
import HoldfastSystem
import Testing

/// Runs `body` on a new loop, which is gone when this returns.
///
/// A turn lasts until no job is left, unless told otherwise: how busy the machine is decides no test.
func onLoop<Result: Sendable>(
    pollsBeforeSleep: Bool = true,
    turnLength: Interval = .day,
    _ body: @escaping @Sendable (EventLoop) async throws -> Result
) async throws -> Result {
    try await onLoops(1, pollsBeforeSleep: pollsBeforeSleep, turnLength: turnLength) { loops in
        try await body(loops[0])
    }
}

/// Runs `body` on the first of some new loops, which are gone when this returns.
func onLoops<Result: Sendable>(
    _ count: Int,
    pollsBeforeSleep: Bool = true,
    turnLength: Interval = .day,
    _ body: @escaping @Sendable ([EventLoop]) async throws -> Result
) async throws -> Result {
    let loops = try (0..<count).map { number in
        try EventLoop(
            index: LoopIndex(number: UInt8(number)),
            pollsBeforeSleep: pollsBeforeSleep,
            turnLength: turnLength
        )
    }
    for loop in loops { try loop.start() }
    defer {
        for loop in loops { loop.stop() }
        for loop in loops { loop.join() }
    }
    // Not withTaskExecutorPreference: a body that only calls an async function is not moved by it.
    return try await withThrowingTaskGroup { group in
        group.addTask(executorPreference: loops[0]) { try await body(loops) }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}

/// An actor pinned to a loop, as a resource or a connection is.
actor Pinned {
    private let loop: EventLoop
    private(set) var count = 0

    init(on loop: EventLoop) { self.loop = loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    var isOnLoop: Bool { loop.isCurrent }

    func add(_ number: Int) { count += number }
}

/// Things that happened, in order, from any thread; a task can wait until enough have.
final class Diary: Sendable {
    private struct State {
        var lines: [String] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Locked(State())

    func note(_ line: String) {
        let due = state.withLock { state in
            state.lines.append(line)
            let count = state.lines.count
            let due = state.waiters.filter { $0.count <= count }.map(\.continuation)
            state.waiters.removeAll { $0.count <= count }
            return due
        }
        for continuation in due { continuation.resume() }
    }

    var all: [String] { state.withLock { $0.lines } }

    /// The lines, once there are at least so many.
    func lines(atLeast count: Int) async -> [String] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.lines.count < count else { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
        return all
    }
}

/// Waits until the loop has finished the turn it is in, and begun the next.
func nextTurn(of loop: EventLoop) async {
    await withCheckedContinuation { continuation in
        loop.post { continuation.resume() }
    }
}

/// Two ends of a TCP connection over loopback, the first one accepted.
func connection(on loop: EventLoop) async throws -> (accepted: SocketStream, made: SocketStream) {
    let listener = try #require(
        try SocketListener.bind(to: ListenAddress(host: "127.0.0.1", port: 0), on: [loop]).first
    )
    let address = ServerAddress(host: "127.0.0.1", port: listener.socketAddress.port)
    let made = try await SocketConnector().connect(to: address, on: loop)
    let accepted = await listener.accept()
    listener.close()
    return (try #require(accepted as? SocketStream), try #require(made as? SocketStream))
}

extension SocketStream {
    /// Writes all of it, waiting for room where there is none.
    func writeAll(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            rest = rest.dropFirst(try write(rest.span))
            if !rest.isEmpty { await writable() }
        }
    }

    func writable() async {
        await withCheckedContinuation { continuation in
            whenWritable { continuation.resume() }
        }
    }
}

extension ByteStream {
    /// Everything until the end of input, or `count` bytes if given.
    func readAll(_ count: Int = .max) async throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let outcome = try read { bytes in
                for index in bytes.indices { all.append(bytes[index]) }
            }
            switch outcome {
            case .bytes: continue
            case .wouldBlock: await readable()
            case .endOfInput: return all
            }
        }
        return all
    }
}

/// How many descriptors this process has open.
func openDescriptorCount() -> Int { entryCount(of: "/proc/self/fd") }

/// How many threads this process has.
func threadCount() -> Int { entryCount(of: "/proc/self/task") }

private func entryCount(of path: String) -> Int {
    guard let directory = opendir(path) else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
}

/// Whether the thread sanitizer watches this process: its allocator is not the one of every day.
var isUnderThreadSanitizer: Bool { dlsym(nil, "__tsan_init") != nil }
