// What goes out: records, as many as leave in one write. What the socket does not take waits here, and while it does
// no more is taken from the caller.

package import HoldfastModel

extension TLSStream {
    package func write(_ bytes: borrowing Span<UInt8>) throws(StreamError) -> Int {
        assert(loop.isCurrent)
        try checkIsAlive()
        guard !isWritingFinished else { throw .closed }
        guard case .open = phase, engine.outboundCount == 0 else { return 0 }
        var written = 0
        bytes.withUnsafeBufferPointer { bytes in
            while written < bytes.count, engine.outboundCount == 0, case .open = phase {
                written += seal(UnsafeBufferPointer(rebasing: bytes[written...]))
                flush()
            }
        }
        if written == 0 { try checkIsAlive() }
        return written
    }

    /// Makes records of the first bytes, as many as leave in one write.
    private func seal(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var count = 0
        while count < bytes.count, engine.outboundCount < Self.batchBytes {
            switch engine.write(UnsafeBufferPointer(rebasing: bytes[count...])) {
            case .done(let more): count += more
            case .wantsMore, .ended: return count
            case .failed(let failure):
                fail(failure)
                return count
            }
        }
        return count
    }

    package func whenWritable(_ body: @escaping @Sendable () -> Void) {
        loop.requireCurrent()
        switch phase {
        case .greeting: writers.append(body)
        case .open where engine.outboundCount > 0: writers.append(body)
        case .open, .failed, .closed: loop.post(body)
        }
    }

    package func finishWriting() {
        loop.requireCurrent()
        guard !isWritingFinished else { return }
        isWritingFinished = true
        switch phase {
        case .open:
            engine.finish()
            flush()
        case .greeting, .failed: inner.finishWriting()
        case .closed: break
        }
    }

    /// Sends what the engine has made, now and whenever there is room, and then what waits for that.
    func flush() {
        do {
            guard try engine.send(to: inner) else { return planFlush() }
            sentAll()
        } catch {
            fail(isEstablished ? .broken : .ended)
            if case .closed = phase {
                endPatience()
                inner.close()
            }
        }
    }

    func planFlush() {
        guard !isFlushPlanned else { return }
        isFlushPlanned = true
        inner.whenWritable { [self] in
            isFlushPlanned = false
            flush()
        }
    }

    private func sentAll() {
        switch phase {
        case .greeting, .failed: return
        case .open:
            if isWritingFinished { inner.finishWriting() }
            tellWriters()
        case .closed:
            endPatience()
            if isWritingFinished { inner.finishWriting() }
            inner.close()
        }
    }

    func tellWriters() {
        guard !writers.isEmpty else { return }
        for body in writers { loop.post(body) }
        writers = []
    }
}
