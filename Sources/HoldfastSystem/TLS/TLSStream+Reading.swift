// What comes in: the handshake first, then what is spoken inside, as much as one read of the socket brought.

package import HoldfastModel

extension TLSStream {
    package func read(
        _ body: (borrowing Span<UInt8>) -> Void
    ) throws(StreamError) -> ReadOutcome {
        assert(loop.isCurrent)
        try checkIsAlive()
        var count = 0
        if mayHaveMore { count = decrypt(body) }
        guard count == 0 else { return .bytes(count) }
        try checkIsAlive()
        guard !hasInputEnded else { return .endOfInput }
        startIfClient()
        switch try readInner(body, &count) {
        case .bytes: break
        case .wouldBlock: return .wouldBlock
        case .endOfInput:
            // Also without a goodbye of TLS: what is spoken inside knows the ends of its messages.
            hasInputEnded = true
            if case .greeting = phase { fail(.ended) }
        }
        guard count == 0 else { return .bytes(count) }
        try checkIsAlive()
        return hasInputEnded ? .endOfInput : .wouldBlock
    }

    private func readInner(
        _ body: (borrowing Span<UInt8>) -> Void,
        _ count: inout Int
    ) throws(StreamError) -> ReadOutcome {
        do {
            return try inner.read { bytes in
                bytes.withUnsafeBufferPointer { bytes in
                    guard speaksTLS(bytes) else { return }
                    engine.lending(bytes) { count = decrypt(body) }
                }
            }
        } catch {
            if case .greeting = phase { fail(.ended) }
            throw error
        }
    }

    func checkIsAlive() throws(StreamError) {
        switch phase {
        case .greeting, .open: return
        case .failed: throw .reset
        case .closed: throw .closed
        }
    }

    /// A client begins by itself; a server waits for it.
    func startIfClient() {
        guard !isServer, !hasReadAny, case .greeting = phase else { return }
        shakeHands()
        flush()
    }

    private static let handshakeRecord: UInt8 = 22
    private static let alertRecord: UInt8 = 21

    /// The first byte tells: a record of TLS, or the beginning of a word.
    func speaksTLS(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !hasReadAny, let first = bytes.first else { return true }
        hasReadAny = true
        if first == Self.handshakeRecord || !isServer && first == Self.alertRecord { return true }
        fail(.plainText)
        // Nothing of TLS was sent yet that the answer could follow.
        let answer = plainTextAnswer
        _ = try? inner.write(answer.span)
        inner.finishWriting()
        return false
    }

    /// Shows what can be read; gives how much that was.
    private func decrypt(_ body: (borrowing Span<UInt8>) -> Void) -> Int {
        mayHaveMore = false
        if case .greeting = phase { shakeHands() }
        var count = 0
        if case .open = phase {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.readBytesMax) { buffer in
                count = fill(buffer)
                guard count > 0 else { return }
                let bytes = UnsafeBufferPointer(rebasing: buffer[..<count])
                body(bytes.span)
            }
        }
        if engine.outboundCount > Self.outboundBytesMax {
            // Only somebody who asks for answers and reads none gets here.
            fail(.failed("more of the protocol's own talk than is sensible"))
        }
        flush()
        return count
    }

    private func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var count = 0
        while count < buffer.count {
            switch engine.read(into: UnsafeMutableBufferPointer(rebasing: buffer[count...])) {
            case .done(let more): count += more
            case .wantsMore: return count
            case .ended:
                hasInputEnded = true
                return count
            case .failed(let failure):
                fail(failure)
                return count
            }
        }
        mayHaveMore = true
        return count
    }

    func shakeHands() {
        switch engine.shakeHands() {
        case .done: establish(as: isServer ? engine.peerName : nil)
        case .wantsMore: break
        case .ended: fail(.ended)
        case .failed(let failure): fail(failure)
        }
    }

    private func establish(as name: String?) {
        peerName = name
        phase = .open
        endPatience()
        tellWriters()
    }

    package func readable() async {
        loop.requireCurrent()
        switch phase {
        case .failed, .closed: return
        case .greeting, .open: break
        }
        if mayHaveMore { return await loop.letOthersRun() }
        await inner.readable()
    }

    package func wakeReader() { inner.wakeReader() }
}
