// A connection without a kernel: two ends, a pipe each way. How much a pipe holds and how much one
// read shows are settings, so that short reads, short writes and readers that stall can be had at
// will.

package import HoldfastModel
import Synchronization

/// One end of a connection in a virtual world.
package final class VirtualStream: ByteStream {
    package let peer: String
    private let loop: any Loop
    private let incoming: Pipe
    private let outgoing: Pipe
    private let bell: Bell
    private let isClosed = Mutex(false)
    /// What the reader that waits can do without being woken.
    private let atOnce = Mutex<(@Sendable () -> Bool)?>(nil)

    /// The two ends of a new connection; `capacity` bytes fit into each direction, a read shows at
    /// most `readMax`.
    package static func pair(
        on loop: any Loop,
        and other: any Loop,
        capacity: Int = 1_048_576,
        replyCapacity: Int? = nil,
        readMax: Int = 65_536
    ) -> (VirtualStream, VirtualStream) {
        let forth = Pipe(capacity: capacity, readMax: readMax)
        let back = Pipe(capacity: replyCapacity ?? capacity, readMax: readMax)
        let one = VirtualStream(peer: "virtual:1", loop: loop, incoming: back, outgoing: forth)
        let two = VirtualStream(peer: "virtual:2", loop: other, incoming: forth, outgoing: back)
        return (one, two)
    }

    private init(peer: String, loop: any Loop, incoming: Pipe, outgoing: Pipe) {
        self.peer = peer
        self.loop = loop
        self.incoming = incoming
        self.outgoing = outgoing
        bell = Bell(on: loop)
        incoming.whenReadable { [weak self] in loop.post { self?.becameReadable() } }
    }

    private func becameReadable() {
        if let atOnce = atOnce.withLock({ $0 }), loop.isIdle, atOnce(), !incoming.hasMore { return }
        wake()
    }

    private func wake() {
        atOnce.withLock { $0 = nil }
        bell.ring()
    }

    package func read(
        _ body: (borrowing Span<UInt8>) -> Void
    ) throws(StreamError) -> ReadOutcome {
        guard !isClosed.withLock({ $0 }) else { throw .closed }
        let bytes = incoming.take()
        switch bytes {
        case .some(let bytes) where !bytes.isEmpty:
            body(bytes.span)
            return .bytes(bytes.count)
        case .some:
            return .wouldBlock
        case nil:
            if incoming.isReset { throw .reset }
            return .endOfInput
        }
    }

    package func readable() async { _ = await bell.rings() }

    package func readableOrWoken(unless atOnce: @escaping @Sendable () -> Bool) async {
        self.atOnce.withLock { $0 = atOnce }
        await readable()
        self.atOnce.withLock { $0 = nil }
    }

    package func wakeReader() { loop.post { self.wake() } }

    package func write(_ bytes: borrowing Span<UInt8>) throws(StreamError) -> Int {
        guard !isClosed.withLock({ $0 }) else { throw .closed }
        guard !outgoing.isReset else { throw .reset }
        return outgoing.put(bytes)
    }

    package func whenWritable(_ body: @escaping @Sendable () -> Void) {
        outgoing.whenWritable { [loop] in loop.post(body) }
    }

    package func finishWriting() { outgoing.finish() }

    package func close() {
        isClosed.withLock { $0 = true }
        outgoing.finish()
        incoming.reset()
        wakeReader()
    }

    /// As a peer that vanished: both directions break.
    package func reset() {
        outgoing.reset()
        incoming.reset()
    }
}

/// The bytes of one direction.
private final class Pipe: Sendable {
    private let capacity: Int
    private let readMax: Int
    private let state = Mutex(State())

    private struct State {
        var bytes: [UInt8] = []
        var isFinished = false
        var isReset = false
        var readable: (@Sendable () -> Void)?
        var writable: (@Sendable () -> Void)?
    }

    init(capacity: Int, readMax: Int) {
        self.capacity = capacity
        self.readMax = readMax
    }

    var isReset: Bool { state.withLock { $0.isReset } }

    /// Whether there is anything that a read would tell.
    var hasMore: Bool {
        state.withLock { !$0.bytes.isEmpty || $0.isFinished || $0.isReset }
    }

    func whenReadable(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.readable = body }
    }

    func whenWritable(_ body: @escaping @Sendable () -> Void) {
        let isNow = state.withLock { state in
            guard state.bytes.count >= capacity, !state.isReset else { return true }
            state.writable = body
            return false
        }
        if isNow { body() }
    }

    /// Nil at the end of input.
    func take() -> [UInt8]? {
        let (bytes, writable) = state.withLock { state -> ([UInt8]?, (@Sendable () -> Void)?) in
            guard !state.isReset else { return (nil, nil) }
            guard !state.bytes.isEmpty else { return (state.isFinished ? nil : [], nil) }
            let taken = Array(state.bytes.prefix(readMax))
            state.bytes.removeFirst(taken.count)
            defer { state.writable = nil }
            return (taken, state.writable)
        }
        writable?()
        return bytes
    }

    func put(_ bytes: borrowing Span<UInt8>) -> Int {
        var copy: [UInt8] = []
        for index in bytes.indices { copy.append(bytes[index]) }
        let (count, readable) = state.withLock { state in
            let count = min(copy.count, capacity - state.bytes.count)
            state.bytes += copy.prefix(count)
            return (count, state.readable)
        }
        if count > 0 { readable?() }
        return count
    }

    func finish() {
        let readable = state.withLock { state in
            state.isFinished = true
            return state.readable
        }
        readable?()
    }

    func reset() {
        let (readable, writable) = state.withLock { state in
            state.isReset = true
            state.bytes = []
            defer { state.writable = nil }
            return (state.readable, state.writable)
        }
        readable?()
        writable?()
    }
}

/// A listener that a test hands connections to.
package final class VirtualListener: StreamListener {
    package let address = "virtual"
    private let loop: any Loop
    private let bell: Bell
    private let waiting = Mutex<[VirtualStream]>([])
    private let connected = Locked<[WeakStream]>([])
    private let isClosed = Mutex(false)

    package init(on loop: any Loop) {
        self.loop = loop
        bell = Bell(on: loop)
    }

    /// A new connection; gives the client's end.
    package func connect(
        from clientLoop: any Loop,
        capacity: Int = 1_048_576,
        replyCapacity: Int? = nil,
        readMax: Int = 65_536
    )
        -> VirtualStream
    {
        let (client, server) = VirtualStream.pair(
            on: clientLoop,
            and: loop,
            capacity: capacity,
            replyCapacity: replyCapacity,
            readMax: readMax
        )
        waiting.withLock { $0.append(server) }
        connected.withLock { all in
            all.removeAll { $0.stream == nil }
            all.append(WeakStream(stream: server))
        }
        loop.post { [bell] in bell.ring() }
        return client
    }

    package func accept() async -> (any ByteStream)? {
        while !isClosed.withLock({ $0 }) {
            if let next = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return next }
            guard await bell.rings() else { return nil }
        }
        return nil
    }

    package func close() {
        isClosed.withLock { $0 = true }
        loop.post { [bell] in bell.ring() }
    }

    /// Its process is gone: every connection that came in here is reset.
    func vanish() {
        for stream in connected.withLock({ $0 }) { stream.stream?.reset() }
    }
}

/// Keeps no connection alive.
private struct WeakStream {
    weak let stream: VirtualStream?
}
