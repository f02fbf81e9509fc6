// How a client reaches a server under TLS: a connection, then a handshake, and nothing is sent before the server has
// proved to be the one that was meant.

package import HoldfastModel

/// Connects under TLS, over whatever connects without.
package struct TLSConnector: Connector {
    private let base: any Connector
    private let context: TLSContext
    private let handshakePatience: Interval

    /// What is spoken inside; a server that speaks something else refuses.
    package static let protocols = ["holdfast"]

    /// `timeout` is that of the whole attempt: the handshake gets most of it, so that whoever waits reads that it was
    /// the handshake that did not come about.
    package init(
        over base: any Connector = SocketConnector(),
        _ context: TLSContext,
        timeout: Interval = .seconds(10)
    ) {
        self.base = base
        self.context = context
        handshakePatience = Interval(nanoseconds: timeout.nanoseconds / 5 * 4)
    }

    package func connect(
        to address: ServerAddress,
        on loop: any Loop
    ) async throws(ConnectError) -> any ByteStream {
        guard let eventLoop = loop as? EventLoop else {
            preconditionFailure("TLS needs a kernel loop")
        }
        let inner = try await base.connect(to: address, on: loop)
        let stream: TLSStream
        do throws(TLSFailure) {
            stream = try TLSStream(
                connecting: inner,
                to: address.host,
                context,
                on: eventLoop,
                patience: handshakePatience
            )
        } catch {
            inner.close()
            throw .insecure("\(error)")
        }
        do throws(TLSFailure) {
            try await stream.establish()
            return stream
        } catch {
            stream.close()
            guard !Task.isCancelled else { throw .cancelled }
            throw .insecure("\(inner.peer): \(error)")
        }
    }
}
