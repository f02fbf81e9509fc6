// How what was rendered for an HTTP client leaves: in one write at the end of the turn of the loop, or, where the
// socket takes no more, when it does again. A client that takes nothing of what it asked for is closed (rule 32).

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel

extension HTTPClient {
    func mark() {
        guard !state.value.isMarked else { return }
        state.value.isMarked = true
        if state.value.outbound.isBare, let spare = flusher.takeSpare() {
            state.value.outbound.use(spare)
        }
        flusher.mark(self)
    }

    func flush() -> Int {
        state.value.isMarked = false
        guard !isClosed else { return 0 }
        var written = 0
        do {
            let result = try state.value.outbound.write(to: stream)
            written = result.count
            if let buffer = state.value.outbound.takeOutgrown() { flusher.keepSpare(buffer) }
            result.done ? finishIfDone() : stall()
        } catch {
            close()
        }
        if state.value.isRoomAwaited { room.ring() }
        return written
    }

    private func finishIfDone() {
        state.value.isStalled = false
        flusher.forgetStalled(self)
        state.value.events?.tellGapIfAny()
        guard case .leaving = state.value.phase else { return }
        stream.finishWriting()
        state.value.phase = .lingering
        room.ring()
    }

    private func stall() {
        guard !state.value.isStalled else { return }
        state.value.isStalled = true
        flusher.noteStalled(self)
        state.value.stalledSince = loop.reading.now
        stream.whenWritable { [weak self] in
            guard let self else { return }
            self.state.value.isStalled = false
            self.mark()
        }
    }

    /// Rule 32: closes a client that takes nothing of what it asked for; one that is shown events loses those instead.
    func closeIfTooSlow(at now: Instant) {
        guard state.value.events == nil, state.value.stalledSince + limits.outboundPatience <= now
        else { return }
        close()
    }

    func closeIfBehind(by count: Int) {
        if state.value.outbound.count > count { close() }
    }
}
