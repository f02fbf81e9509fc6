// A connection over a kernel socket. It keeps no buffers: a read goes through the loop's 64 KiB and is
// shown in place, a write hands the kernel what the caller holds. Its descriptor is registered when
// somebody first waits, once, edge-triggered; two flags remember what the kernel last said, so that a
// read or write that cannot succeed costs no call.

import CSystem
import Glibc
package import HoldfastModel

/// One socket's bytes, on one event loop.
///
/// Lives until it is closed: whoever opens it closes it.
package final class SocketStream: ByteStream, ReadinessHandler, @unchecked Sendable {
    package let peer: String

    /// The loop it is used on.
    package let eventLoop: EventLoop
    private var descriptor: FileDescriptor?
    private var token: RegistrationToken?
    private let state: LoopBound<State>

    /// What every read and write looks at; boxed, because each look at a property of a class is checked for overlaps.
    private struct State: ~Copyable {
        /// The socket's; -1 once it is closed.
        var number: Int32
        /// False after the kernel had nothing, until it says that there is something.
        var mayRead = true
        /// False after the kernel took nothing, until it says that there is room.
        var mayWrite = true
        /// The end or an error is waiting to be read: a short read says nothing about what is behind it.
        var hasHangup = false
        /// The latest read filled the scratch: others go first before the next.
        var wasFull = false
        var reader = WaitPlace<Void>()
        /// What the reader that waits can do without being woken.
        var atOnce: (@Sendable () -> Bool)?
        var writers: [@Sendable () -> Void] = []
    }

    /// Takes over a connected, non-blocking socket.
    package init(_ descriptor: consuming FileDescriptor, peer: String, on loop: EventLoop) {
        state = LoopBound(State(number: descriptor.number), on: loop)
        self.descriptor = consume descriptor
        self.peer = peer
        eventLoop = loop
    }

    /// For looking at the socket's options; -1 once it is closed.
    var descriptorNumber: Int32 { descriptor?.number ?? -1 }

    // MARK: Reading

    package func read(
        _ body: (borrowing Span<UInt8>) -> Void
    ) throws(StreamError) -> ReadOutcome {
        let number = state.value.number
        guard number >= 0 else { throw .closed }
        guard state.value.mayRead else { return .wouldBlock }
        while true {
            let count = recv(number, eventLoop.scratch.baseAddress, eventLoop.scratch.count, 0)
            if count > 0 {
                eventLoop.atOnceBytes -= count
                // A short read emptied the socket; what comes later is a new edge.
                let isFull = count == eventLoop.scratch.count
                state.value.wasFull = isFull
                state.value.mayRead = isFull || state.value.hasHangup
                let bytes = UnsafeBufferPointer(rebasing: eventLoop.scratch[..<count])
                body(bytes.span)
                return .bytes(count)
            }
            if count == 0 { return .endOfInput }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                state.value.mayRead = false
                return .wouldBlock
            case let number: throw StreamError(number: number)
            }
        }
    }

    package func readable() async {
        eventLoop.requireCurrent()
        guard state.value.number >= 0, !Task.isCancelled else { return }
        guard !state.value.mayRead else { return await letOthersReadFirst() }
        register()
        let number = state.value.reader.nextNumber()
        await parked {
            state.value.reader.park($0)
        } onCancel: {
            eventLoop.post { self.state.value.reader.wake(number: number, ()) }
        }
    }

    package func readableOrWoken() async {
        eventLoop.requireCurrent()
        guard state.value.number >= 0 else { return }
        guard !state.value.mayRead else { return await letOthersReadFirst() }
        register()
        _ = state.value.reader.nextNumber()
        await withUnsafeContinuation { state.value.reader.park($0) }
    }

    package func readableOrWoken(unless atOnce: @escaping @Sendable () -> Bool) async {
        if !state.value.mayRead { state.value.atOnce = atOnce }
        await readableOrWoken()
    }

    /// After a read that was full; else there is nothing to wait for.
    private func letOthersReadFirst() async {
        guard state.value.wasFull else { return }
        state.value.wasFull = false
        await eventLoop.letOthersRun()
    }

    package func wakeReader() {
        eventLoop.requireCurrent()
        wake()
    }

    private func wake() {
        state.value.atOnce = nil
        state.value.reader.wake(())
    }

    // MARK: Writing

    package func write(_ bytes: borrowing Span<UInt8>) throws(StreamError) -> Int {
        let number = state.value.number
        guard number >= 0 else { throw .closed }
        guard state.value.mayWrite else { return 0 }
        var written = 0
        let failure: Int32? = bytes.withUnsafeBytes { bytes in
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = send(number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if count >= 0 {
                    written += count
                } else if errno == EAGAIN {
                    // Asked until it says so: only then is there an edge when room comes back.
                    state.value.mayWrite = false
                    return nil
                } else if errno != EINTR {
                    return errno
                }
            }
            return nil
        }
        if let failure, written == 0 { throw StreamError(number: failure) }
        return written
    }

    package func whenWritable(_ body: @escaping @Sendable () -> Void) {
        eventLoop.requireCurrent()
        guard state.value.number >= 0, !state.value.mayWrite else { return eventLoop.post(body) }
        state.value.writers.append(body)
        register()
    }

    package func finishWriting() {
        eventLoop.requireCurrent()
        // A connection that is gone already has said more than this could.
        if let number = descriptor?.number { _ = shutdown(number, Int32(SHUT_WR)) }
    }

    // MARK: Connecting

    /// Calls `body` once on the loop when a connection that was begun is there or failed.
    func whenConnected(_ body: @escaping @Sendable () -> Void) {
        state.value.mayWrite = false
        whenWritable(body)
    }

    /// The error the kernel keeps for the socket, 0 for none; asking clears it.
    func pendingError() -> Int32 {
        guard let number = descriptor?.number else { return EBADF }
        return holdfast_socket_error(number)
    }

    // MARK: The end

    package func close() {
        eventLoop.requireCurrent()
        guard descriptor != nil else { return }
        if let token { eventLoop.registrations.remove(token) }
        token = nil
        // Out of the table first: its number may be somebody else's from the next line on.
        descriptor = nil
        state.value.number = -1
        wake()
        tellWriters()
    }

    /// Makes `close` a reset: the peer learns that bytes were lost.
    ///
    /// On the loop.
    package func resetOnClose() {
        if let number = descriptor?.number { _ = holdfast_set_reset_on_close(number) }
    }

    // MARK: Readiness

    func becameReady(_ readiness: Readiness) {
        if readiness.contains(.hangup) { state.value.hasHangup = true }
        if readiness.contains(.readable) {
            state.value.mayRead = true
            if !isReadAtOnce() { wake() }
        }
        // Told with every edge; who waits for room was told before that there is none.
        if readiness.contains(.writable), !state.value.mayWrite {
            state.value.mayWrite = true
            tellWriters()
        }
    }

    /// Whether the reader took what is there and goes on waiting.
    private func isReadAtOnce() -> Bool {
        guard let atOnce = state.value.atOnce, eventLoop.mayReadAtOnce() else { return false }
        return atOnce() && !state.value.mayRead
    }

    private func tellWriters() {
        guard !state.value.writers.isEmpty else { return }
        for body in state.value.writers { eventLoop.post(body) }
        state.value.writers = []
    }

    /// A socket that the kernel will not watch is closed: nobody could tell whoever waits.
    private func register() {
        guard token == nil, let number = descriptor?.number else { return }
        token = eventLoop.register(self, descriptor: number)
        if token == nil { eventLoop.post { [self] in close() } }
    }
}

extension StreamError {
    /// What an error of a connected socket means.
    init(number: Int32) {
        self =
            switch number {
            case ECONNRESET, EPIPE, ETIMEDOUT, ECONNABORTED, EHOSTUNREACH, ENETUNREACH, ENETDOWN,
                EHOSTDOWN, ECONNREFUSED:
                .reset
            default:
                .failed(number)
            }
    }
}
