// A connection whose bytes are sealed: a stream over a stream, so that whoever reads and writes lines need not know.
// The handshake happens inside `read`, as its bytes come; until it is over nothing can be read and nothing is taken.
// Nothing here waits: a peer that is slow or silent costs its own connection, and after a while loses it.
//
//     socket ──read──▶ engine ──▶ body            write ──▶ engine ──▶ socket
//                        └── answers of TLS itself ──────────┘
//
// What the engine has made and the socket does not take is at most a few records; while it waits, no more is taken
// from the caller, so the caller feels the peer's slowness as it does on a plain socket.

package import HoldfastModel
import Synchronization

/// One connection's bytes under TLS, on one event loop.
package final class TLSStream: ByteStream, @unchecked Sendable {
    let inner: any ByteStream
    let loop: EventLoop
    let engine: TLSEngine
    let isServer: Bool
    /// Told once to a peer that speaks plain text, as it would understand it.
    let plainTextAnswer: [UInt8]
    let onFailure: @Sendable (TLSFailure) -> Void

    var phase = Phase.greeting
    var patience: LoopAlarm?
    var hasReadAny = false
    /// The buffer was filled: more can be read without the socket.
    var mayHaveMore = false
    /// The peer said, or the socket, that no more comes.
    var hasInputEnded = false
    var isWritingFinished = false
    var isFlushPlanned = false
    var writers: [@Sendable () -> Void] = []
    package internal(set) var peerName: String?

    /// How far the connection is.
    enum Phase {
        /// Both ends still agree; leaves for any other.
        case greeting
        /// Bytes pass.
        case open
        /// Nothing passes any more; leaves for `closed`.
        case failed(TLSFailure)
        /// Closed on this side. What was taken before the end was said may still be on its way.
        case closed
    }

    /// How long both ends may take to know each other.
    package static let handshakePatience = Interval.seconds(10)
    /// How long what was taken may still be sent after the close.
    static let lingerPatience = Interval.seconds(10)
    /// Of the process.
    static let lingeringMax = 64
    static let lingering = Atomic<Int>(0)
    private var isLingering = false
    /// What the engine makes before the socket is asked.
    static let batchBytes = 65_536
    /// More than a batch and a record: what piles up beyond it is no caller's.
    static let outboundBytesMax = 131_072
    static let readBytesMax = 65_536

    /// The server's end of an accepted connection.
    package init(
        accepting inner: any ByteStream,
        _ context: TLSContext,
        on loop: EventLoop,
        patience: Interval = TLSStream.handshakePatience,
        plainTextAnswer: [UInt8] = [],
        onFailure: @escaping @Sendable (TLSFailure) -> Void = { _ in }
    ) throws(TLSFailure) {
        engine = try TLSEngine(context)
        isServer = true
        self.inner = inner
        self.loop = loop
        self.plainTextAnswer = plainTextAnswer
        self.onFailure = onFailure
        giveUp(after: patience)
    }

    /// The client's end of a connection that was made, to a server that must prove to be `host`.
    package init(
        connecting inner: any ByteStream,
        to host: String,
        _ context: TLSContext,
        on loop: EventLoop,
        patience: Interval = TLSStream.handshakePatience
    ) throws(TLSFailure) {
        engine = try TLSEngine(context, expecting: host)
        isServer = false
        self.inner = inner
        self.loop = loop
        plainTextAnswer = []
        onFailure = { _ in }
        giveUp(after: patience)
    }

    func giveUp(after patience: Interval) {
        let alarm = LoopAlarm(of: loop) { [weak self] in self?.fail(.timedOut) }
        alarm.set(for: BootClock.now + patience)
        self.patience = alarm
    }

    // MARK: Who is there

    package var peer: String { inner.peer }

    package var isEstablished: Bool {
        if case .greeting = phase { false } else { true }
    }

    package var trouble: String? {
        if case .failed(let failure) = phase { "\(failure)" } else { nil }
    }

    /// "TLSv1.3".
    package var version: String { engine.version }

    /// Waits until both ends know each other.
    ///
    /// The stream of a client is closed by its owner when this fails.
    package func establish() async throws(TLSFailure) {
        while true {
            greet()
            switch phase {
            case .open: return
            case .failed(let failure): throw failure
            case .closed: throw .ended
            case .greeting:
                guard !Task.isCancelled else { throw .ended }
                await inner.readable()
            }
        }
    }

    /// Takes the handshake as far as it goes; what comes behind it is kept for whoever reads.
    func greet() {
        startIfClient()
        while case .greeting = phase {
            do throws(StreamError) {
                let outcome = try inner.read { bytes in
                    bytes.withUnsafeBufferPointer { bytes in
                        guard speaksTLS(bytes) else { return }
                        engine.lending(bytes) { shakeHands() }
                        flush()
                    }
                }
                if outcome == .wouldBlock { return }
                if outcome == .endOfInput { fail(.ended) }
            } catch {
                fail(.ended)
            }
        }
        mayHaveMore = engine.unreadCount > 0
    }

    // MARK: The end

    func fail(_ failure: TLSFailure) {
        switch phase {
        case .greeting, .open: break
        case .failed, .closed: return
        }
        phase = .failed(failure)
        endPatience()
        if isWorthTelling(failure) { onFailure(failure) }
        // An alert says to the peer what was wrong, if there is room for it.
        _ = try? engine.send(to: inner)
        tellWriters()
        inner.wakeReader()
    }

    /// A connection that breaks is nobody's business; one that ends without a word is somebody who looked whether the
    /// port is open.
    func isWorthTelling(_ failure: TLSFailure) -> Bool {
        switch failure {
        case .broken: false
        case .ended: hasReadAny
        case .plainText, .timedOut, .untrusted, .failed: true
        }
    }

    package func close() {
        loop.requireCurrent()
        if case .closed = phase { return }
        let isOpen = if case .open = phase { true } else { false }
        phase = .closed
        endPatience()
        tellWriters()
        if isOpen, !isWritingFinished {
            engine.finish()
            _ = try? engine.send(to: inner)
        }
        guard isOpen, isWritingFinished, engine.outboundCount > 0 else { return inner.close() }
        linger()
    }

    /// A socket that is closed still sends what it took; so does this one, for as long as a peer may be slow.
    ///
    /// Nothing else counts those that linger, so there are only so many of them.
    func linger() {
        guard TLSStream.lingering.wrappingAdd(1, ordering: .relaxed).newValue <= Self.lingeringMax
        else {
            TLSStream.lingering.wrappingSubtract(1, ordering: .relaxed)
            return inner.close()
        }
        inner.wakeReader()
        let alarm = LoopAlarm(of: loop) { [weak self, inner] in
            self?.endLingering()
            inner.close()
        }
        alarm.set(for: BootClock.now + Self.lingerPatience)
        patience = alarm
        isLingering = true
        planFlush()
    }

    func endLingering() {
        guard isLingering else { return }
        isLingering = false
        TLSStream.lingering.wrappingSubtract(1, ordering: .relaxed)
    }

    deinit { endLingering() }

    func endPatience() {
        patience?.set(for: .never)
        patience = nil
        endLingering()
    }
}
