// The side of a TCP connection that is told things: answers in the order of the requests, answers
// of waits when they are done, events, goodbyes. It belongs to its loop, so shards of that loop
// write to it directly at the end of their turn. What the other side sends is the business of
// `Connection`.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire

/// Renders what a client is told and writes it once a turn.
final class LineClient: FlushedClient {
    let id: ConnectionID
    let stream: any ByteStream
    let loop: any Loop
    let limits: Limits
    private let flusher: Flusher
    let state: LoopBound<State>
    /// Rung when there may be room for more requests, or the end has come.
    let room: Bell

    struct State: ~Copyable {
        var ring = ReplyRing()
        var outbound = Outbound()
        var pages = PageGate()
        var waits: [UInt64: Wait] = [:]
        var watches: [UInt64: Watch] = [:]
        var nextWatch: UInt64 = 1
        var phase = Phase.open
        /// Since when more than the limit waits to be written.
        var overSince: Instant?
        var isStalled = false
        var isMarked = false
        /// The connection's reader sleeps until there is room.
        var isReaderWaiting = false
        /// Rule 27: a connection that the server closes by stopping is no client that went away.
        var isStopping = false
        /// Who is at the other end, once it has said so; whoever has not owns nothing here.
        var guest: Guest?
    }

    /// How far the connection is on its way out.
    enum Phase {
        /// Takes requests; leaves for any other.
        case open
        /// The client will send no more; leaves for `closed` when everything is answered and
        /// written.
        case inputEnded
        /// The server says goodbye when what was asked is answered; leaves for `left`.
        case leaving(Goodbye)
        /// Goodbye was said; leaves for `lingering` when it is written.
        case left
        /// All was written. The reader takes what is still on its way, because closing a socket
        /// with unread bytes would reset it and take the last lines from the client; then it
        /// closes.
        case lingering
        /// Nothing is told any more.
        case closed
    }

    init(
        id: ConnectionID,
        stream: any ByteStream,
        loop: any Loop,
        limits: Limits,
        flusher: Flusher
    ) {
        self.id = id
        self.stream = stream
        self.loop = loop
        self.limits = limits
        self.flusher = flusher
        room = Bell(on: loop)
        state = LoopBound(State(), on: loop)
    }
}

// One look at the state instead of one for each of its parts: what is lent as a whole is not counted piece by piece.
extension LineClient.State {
    func requestRoom(outboundBytes: Int, inFlight: Int) -> Int {
        guard outbound.count <= outboundBytes, !pages.isShut(front: ring.firstNumber) else {
            return 0
        }
        return max(0, inFlight - ring.count - outbound.gatedCount)
    }

    /// The next number, where nothing is under way that would have to come before its answer.
    var numberAtOnce: UInt64? {
        guard ring.isEmpty, waits.isEmpty, watches.isEmpty, case .open = phase else { return nil }
        return ring.firstNumber
    }

    /// The next number whatever is under way; nil where the client is on its way out.
    var nextNumber: UInt64? {
        guard case .open = phase else { return nil }
        return ring.nextNumber
    }
}

// MARK: - The connection's side

extension LineClient {
    /// How many more requests may be decoded before the client has caught up.
    var requestRoom: Int {
        state.value.requestRoom(outboundBytes: limits.outboundBytes, inFlight: limits.inFlight)
    }

    var isOpen: Bool {
        if case .open = state.value.phase { true } else { false }
    }

    var isStopping: Bool { state.value.isStopping }

    var isClosed: Bool {
        if case .closed = state.value.phase { true } else { false }
    }

    /// Nothing can be told any more: whoever tries gets it back.
    var isGone: Bool {
        switch state.value.phase {
        case .open, .inputEnded, .leaving: false
        case .left, .lingering, .closed: true
        }
    }

    var isLingering: Bool {
        if case .lingering = state.value.phase { true } else { false }
    }

    /// A place for a request that is answered in order.
    func place(_ id: RequestID, ignored: [String], of slot: Slot? = nil) -> UInt64 {
        state.value.ring.add(id: id, ignored: ignored, of: slot)
    }

    /// Answers a request without a shard.
    func answer(_ number: UInt64, _ answer: Answer) {
        take(answer, to: number, nil)
    }

    /// Waits until there is room for requests, or the connection is over.
    func waitForRoom() async {
        while isOpen, requestRoom == 0 {
            state.value.isReaderWaiting = true
            let goesOn = await room.rings()
            state.value.isReaderWaiting = false
            guard goesOn else { return }
        }
    }

    /// Everything received was handed over and the client will send no more: ends its waits,
    /// answers what is left, then is closed.
    func endInput() {
        guard isOpen else { return }
        state.value.phase = .inputEnded
        mark()
    }

    /// Waits until everything is answered and written, or the connection broke.
    func waitUntilDone() async {
        while !isClosed, !isLingering {
            state.value.isReaderWaiting = true
            let goesOn = await room.rings()
            state.value.isReaderWaiting = false
            guard goesOn else { return }
        }
    }

    /// The connection is over: whatever waits is ended, whatever is told later comes back as
    /// untold.
    func close() {
        guard !isClosed else { return }
        for ends in takeWaits() { ends.handOver(for: id) }
        state.value.phase = .closed
        state.value.waits = [:]
        for receipt in state.value.ring.receipts { receipt.sendBack() }
        for receipt in state.value.outbound.removeAll() { receipt.sendBack() }
        flusher.forgetStalled(self)
        stream.close()
        room.ring()
    }

    /// The server stops: waits are answered, then goodbye.
    ///
    /// No ticket ends (rule 27).
    func stop(_ reason: StopReason) {
        // Whoever is not even in yet could read no goodbye.
        guard stream.isEstablished else { return close() }
        state.value.isStopping = true
        for number in state.value.waits.keys.sorted() { answer(number, .refused(reason.refusal)) }
        takeGoodbye(reason.goodbye)
    }
}

// MARK: - The shards' side

extension LineClient {
    func take(_ answer: Answer, to request: UInt64, _ receipt: Receipt?) {
        if isTooLate(receipt) {
            // Its wait ends as it would have ended had the end of input been known when the grant was decided.
            receipt?.sendBack()
            return take(.refused(.inputEnded), to: request, nil)
        }
        mark()
        if let front = takeFront(request) {
            state.value.outbound.append(receipt) {
                ReplyWriter.write(answer, to: front.id, ignored: front.ignored, into: &$0)
            }
        } else if let wait = takeWait(request) {
            // What the reply tells is not told again by an event that waits behind another reply.
            let dropped = state.value.ring.dropTold(by: request, showing: receipt)
            state.value.outbound.append(receipt, dropped) {
                ReplyWriter.write(answer, to: wait.id, ignored: wait.ignored, into: &$0)
            }
        } else if state.value.ring.awaits(request) {
            state.value.ring.finish(request, with: answer, receipt)
        } else {
            // It waited, and was answered when the server began to stop.
            receipt?.sendBack()
        }
    }

    /// Most replies are written as soon as they are known: the request is at the front, and nothing waits that could
    /// have to stand before its reply.
    func takeFront(_ request: UInt64) -> ReplyRing.Front? {
        guard state.value.waits.isEmpty, state.value.watches.isEmpty else { return nil }
        return state.value.ring.takeFront(request)
    }

    /// A dead waiter must never be granted, and a half-close looks exactly like one (PROTOCOL §7): a grant that was
    /// decided while the disk, or another loop, kept the wait or its end from being known is given back.
    private func isTooLate(_ receipt: Receipt?) -> Bool {
        guard case .inputEnded = state.value.phase else { return false }
        return receipt?.endsWait == true
    }

    func take(_ event: TicketEvent, _ receipt: Receipt?) {
        if !state.value.ring.hold(event, receipt) { render(event, receipt) }
        // Rule 32: who is told so much in a moment has no ten seconds to read it.
        if state.value.outbound.count > limits.outboundBytesMost { return close() }
        mark()
    }

    func takeGoodbye(_ reason: Goodbye) {
        switch state.value.phase {
        case .open, .inputEnded: state.value.phase = .leaving(reason)
        case .leaving, .left, .lingering, .closed: return
        }
        stream.wakeReader()
        mark()
    }

    private func render(_ event: TicketEvent, _ receipt: Receipt?) {
        // A slow reader can ask for its position; only what it cannot ask for must reach it.
        if case .position = event, state.value.outbound.count >= limits.outboundBytes { return }
        let requestID: RequestID =
            if case .queued(let request, _, _, _) = event {
                state.value.waits[request]?.id ?? .absent
            } else { .absent }
        state.value.outbound.append(receipt) {
            EventWriter.write(.ticket(event), request: requestID, into: &$0)
        }
    }
}

// MARK: - Writing

extension LineClient {
    /// Has the loop flush this client at the end of the turn.
    func mark() {
        guard !state.value.isMarked else { return }
        state.value.isMarked = true
        takeRoom()
        flusher.mark(self)
    }

    /// For what is rendered next, where there is some to be had.
    func takeRoom() {
        guard state.value.outbound.isBare, let spare = flusher.takeSpare() else { return }
        state.value.outbound.use(spare)
    }

    /// Renders the replies whose turn it is, and writes.
    ///
    /// Called once a turn.
    func flush() -> Int {
        state.value.isMarked = false
        guard !isClosed else { return 0 }
        while let reply = state.value.ring.takeFinished() {
            write(reply)
            for held in reply.events { render(held.event, held.receipt) }
        }
        tellEarlyNotices()
        sayGoodbyeIfDue()
        return write()
    }

    private func sayGoodbyeIfDue() {
        // Events of the batch that a reply waits for are told behind it, and before the goodbye.
        guard case .leaving(let reason) = state.value.phase, state.value.ring.count == 0,
            state.value.outbound.gatedCount == 0
        else { return }
        state.value.outbound.append { EventWriter.write(.goodbye(reason), into: &$0) }
        state.value.phase = .left
    }

    private func write() -> Int {
        var written = 0
        do {
            let result = try state.value.outbound.write(to: stream)
            written = result.count
            if let buffer = state.value.outbound.takeOutgrown() { flusher.keepSpare(buffer) }
            result.done ? finishIfDone() : stall()
        } catch {
            close()
        }
        noteRoom()
        return written
    }

    private func noteRoom() {
        state.value.overSince =
            state.value.outbound.readyCount > limits.outboundBytes
            ? state.value.overSince ?? loop.reading.now : nil
        if state.value.isReaderWaiting, requestRoom > 0 || !isOpen { room.ring() }
    }

    private func finishIfDone() {
        state.value.isStalled = false
        flusher.forgetStalled(self)
        // What waits for the disk leaves first, and there may be no room behind it.
        guard state.value.outbound.gatedCount == 0 else { return }
        tellGaps()
        switch state.value.phase {
        case .open, .leaving, .lingering, .closed:
            return
        case .inputEnded:
            if state.value.ring.count == 0, state.value.waits.isEmpty { finish() }
        case .left:
            stream.finishWriting()
            state.value.phase = .lingering
            room.ring()
        }
    }

    /// All was answered and written, and the client's end was seen: nothing is left to linger for.
    private func finish() {
        stream.finishWriting()
        close()
    }

    private func stall() {
        guard !state.value.isStalled else { return }
        state.value.isStalled = true
        flusher.noteStalled(self)
        stream.whenWritable { [weak self] in
            guard let self else { return }
            self.state.value.isStalled = false
            self.mark()
        }
    }

    /// Rule 32: closes a client that let its replies pile up for too long.
    func closeIfTooSlow(at now: Instant) {
        guard let since = state.value.overSince, since + limits.outboundPatience <= now else {
            return
        }
        close()
    }

    func closeIfBehind(by count: Int) {
        // What waits for the disk is not the client's to take.
        if state.value.outbound.readyCount > count { close() }
    }
}

extension Refusal {
    static let inputEnded = Refusal(
        .timedOut,
        "the wait is over, because this client ended its input"
    )
}
