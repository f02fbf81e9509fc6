// The seam to the network: byte streams with non-blocking calls and a way to wait until one makes
// sense again. Kernel sockets in the server, a simulated network in the simulator; client and
// server stand on the same protocol.

/// One connection's bytes, used on the loop it belongs to.
package protocol ByteStream: AnyObject, Sendable {
    /// Who is at the other end, for logs: "127.0.0.1:53412".
    var peer: String { get }

    /// Reads what is there now, at most 64 KiB, and shows it to `body` in place; never waits.
    func read(_ body: (borrowing Span<UInt8>) -> Void) throws(StreamError) -> ReadOutcome

    /// Waits until a read may make progress, the peer is gone, the stream was closed here, or the
    /// task is cancelled. May return early.
    func readable() async

    /// The same for a task whose cancellation is bound to call `wakeReader`: a handler for every wait costs as much as
    /// the rest of it.
    func readableOrWoken() async

    /// The same for a reader that can take what comes in the moment in which it comes, on the loop: `atOnce` says
    /// whether there was no need to return. Asked only where nothing else would run first.
    func readableOrWoken(unless atOnce: @escaping @Sendable () -> Bool) async

    /// Makes whoever waits in `readable` return now, though nothing came. On the loop.
    func wakeReader()

    /// Writes what fits now and says how much; 0 when nothing fits.
    func write(_ bytes: borrowing Span<UInt8>) throws(StreamError) -> Int

    /// Calls `body` once on the loop when a write may make progress again or the stream broke.
    func whenWritable(_ body: @escaping @Sendable () -> Void)

    /// Says "no more from here" to the peer and keeps reading.
    func finishWriting()

    /// Closes at once; a second call does nothing. Whoever waits in `readable` wakes up.
    func close()

    /// False while both ends still agree on how they speak, and no byte can pass.
    var isEstablished: Bool { get }

    /// What the other end proved to be called; nil where nothing proves it.
    var peerName: String? { get }

    /// Why the stream broke, for people, where it can say more than that it did.
    var trouble: String? { get }
}

/// What plain bytes have to say.
extension ByteStream {
    package var isEstablished: Bool { true }
    package var peerName: String? { nil }
    package var trouble: String? { nil }
    package func readableOrWoken() async { await readable() }
    package func readableOrWoken(unless atOnce: @escaping @Sendable () -> Bool) async {
        await readableOrWoken()
    }
}

package enum ReadOutcome: Hashable, Sendable {
    case bytes(Int)
    case wouldBlock
    /// The peer will send no more.
    case endOfInput
}

/// What the network did to a stream.
package enum StreamError: Error, Hashable, Sendable {
    /// The peer is gone.
    case reset
    /// Closed on this side.
    case closed
    /// The kernel said no, with its error number.
    case failed(Int32)
}

/// Where connections come in.
package protocol StreamListener: AnyObject, Sendable {
    /// The address it listens at, as the ready line shows it: "127.0.0.1:7420".
    var address: String { get }

    /// The next connection, on this listener's loop; nil once it was closed or the task is
    /// cancelled. When the process is out of descriptors it tries again later, without spinning.
    func accept() async -> (any ByteStream)?

    /// Takes no more connections.
    func close()
}

/// How a client reaches a server.
package protocol Connector: Sendable {
    func connect(
        to address: ServerAddress,
        on loop: any Loop
    ) async throws(ConnectError)
        -> any ByteStream
}

/// A host and a port.
package struct ServerAddress: Hashable, Sendable {
    package var host: String
    package var port: UInt16
    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}

package enum ConnectError: Error, Hashable, Sendable {
    case unknownHost(String)
    case refused(String)
    case timedOut
    case cancelled
    case failed(Int32)
    /// There is somebody, but not whom it should be, or not as it should be spoken.
    case insecure(String)
}
