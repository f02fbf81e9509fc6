// The way in under TLS: a listener over a listener, whose connections begin with a handshake. All listeners of one
// protocol share a door, which knows the present certificate; when that is exchanged, connections that are there keep
// the one they began with.

package import HoldfastModel

/// What the listeners of one protocol have in common.
package final class TLSDoor: Sendable {
    private struct State {
        var context: TLSContext
        /// When lines may be told again, and how many were not told since.
        var quietUntil = Instant.zero
        var untoldCount = 0
    }

    private let state: Locked<State>
    private let plainTextAnswer: [UInt8]
    private let tell: @Sendable (String) -> Void
    private let refused: @Sendable (String, TLSFailure) -> Void

    /// A flood of garbage must not become a flood of lines.
    private static let lineInterval = Interval.seconds(1)

    /// Whoever speaks plain text is told `plainTextAnswer`, as it understands it; `tell` takes lines for the log, and
    /// `refused` from where somebody came who did not prove who it is.
    package init(
        _ context: TLSContext,
        plainTextAnswer: [UInt8] = [],
        tell: @escaping @Sendable (String) -> Void = { _ in },
        refused: @escaping @Sendable (String, TLSFailure) -> Void = { _, _ in }
    ) {
        state = Locked(State(context: context))
        self.plainTextAnswer = plainTextAnswer
        self.tell = tell
        self.refused = refused
    }

    /// The context of the next connection.
    package func exchange(_ context: TLSContext) { state.withLock { $0.context = context } }

    /// The server's end of a connection that was accepted; nil where there is no memory for it.
    ///
    /// On the loop.
    package func stream(
        over inner: any ByteStream,
        on loop: EventLoop,
        patience: Interval = TLSStream.handshakePatience
    ) -> TLSStream? {
        let peer = inner.peer
        do throws(TLSFailure) {
            return try TLSStream(
                accepting: inner,
                state.withLock { $0.context },
                on: loop,
                patience: patience,
                plainTextAnswer: plainTextAnswer,
                onFailure: { [weak self] failure in self?.note(failure, of: peer) }
            )
        } catch {
            note(error, of: peer)
            return nil
        }
    }

    private func note(_ failure: TLSFailure, of peer: String) {
        if failure.isOfIdentity { refused(peer, failure) }
        let now = BootClock.now
        let untoldCount: Int? = state.withLock { state in
            guard state.quietUntil <= now else {
                state.untoldCount += 1
                return nil
            }
            state.quietUntil = now + Self.lineInterval
            defer { state.untoldCount = 0 }
            return state.untoldCount
        }
        guard let untoldCount else { return }
        let others = untoldCount > 0 ? " (and \(untoldCount) others before)" : ""
        tell("no TLS with \(peer): \(failure)\(others)")
    }
}

/// Where connections come in that speak TLS.
package final class TLSListener: StreamListener {
    private let inner: any StreamListener
    private let loop: EventLoop
    private let door: TLSDoor

    package init(_ inner: any StreamListener, on loop: EventLoop, behind door: TLSDoor) {
        self.inner = inner
        self.loop = loop
        self.door = door
    }

    package var address: String { inner.address }

    /// The connection comes before its handshake: whoever says nothing holds nobody up, and counts as a connection.
    package func accept() async -> (any ByteStream)? {
        while let stream = await inner.accept() {
            if let secured = door.stream(over: stream, on: loop) { return secured }
            stream.close()
        }
        return nil
    }

    package func close() { inner.close() }
}
