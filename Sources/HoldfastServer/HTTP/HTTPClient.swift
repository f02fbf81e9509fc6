// The side of an HTTP connection that is told things. One request is under way at a time, so there is one answer to
// wait for and the order of pipelined responses needs no ring. It belongs to its loop; shards of that loop hand
// answers to it at the end of their turn, and what was rendered leaves in one write.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel

/// Takes the answers of one HTTP connection and writes its responses.
final class HTTPClient: FlushedClient {
    let id: ConnectionID
    let stream: any ByteStream
    let loop: any Loop
    let limits: Limits
    let flusher: Flusher
    let state: LoopBound<State>
    /// Rung when the answer came, or never will.
    private let answered: Bell
    /// Rung when there is room in the outbound buffer, or the end has come.
    let room: Bell

    let guesses: GuessBrake
    let pace: Pace
    let visitor: Visitor

    struct State {
        var outbound = Outbound()
        /// The number of the request under way; the next one has the next.
        var request: UInt64 = 0
        var isAsking = false
        /// It took its token; a route may ask who it is more than once.
        var isPaid = false
        var answer: Answer?
        /// What stands and falls with the response that is being made.
        var receipts: [Receipt] = []
        var wait: WaitPlace?
        var phase = Phase.open
        /// The client sent the end of its input.
        var hasInputEnded = false
        /// Set when the server stops: what waits are answered.
        var stop: StopReason?
        /// Its request waits until what was stored is read back.
        var awaitsStart = false
        /// Whoever looks at events here has proved who it is, and the proof is over.
        var isSentAway = false
        /// When the client has taken too long for what it is doing.
        var deadline = Instant.never
        var isLate = false
        var isMarked = false
        var isStalled = false
        /// Since when nothing could be written.
        var stalledSince = Instant.never
        var isRoomAwaited = false
        /// The events that are shown here, while they are.
        var events: EventStream?
    }

    /// How far the connection is on its way out.
    enum Phase {
        /// Takes requests; leaves for any other.
        case open
        /// The last response was rendered; leaves for `lingering` when it is written.
        case leaving
        /// All was written; the reader takes what is still on its way, then closes.
        case lingering
        /// Nothing is told any more.
        case closed
    }

    init(
        id: ConnectionID,
        stream: any ByteStream,
        loop: any Loop,
        limits: Limits,
        flusher: Flusher,
        pace: Pace
    ) {
        self.pace = pace
        self.id = id
        self.stream = stream
        self.loop = loop
        self.limits = limits
        self.flusher = flusher
        answered = Bell(on: loop)
        room = Bell(on: loop)
        state = LoopBound(State(), on: loop)
        guesses = GuessBrake(on: loop)
        visitor = Visitor(on: loop)
    }
}

// MARK: - The connection's side

extension HTTPClient {
    var isOpen: Bool {
        if case .open = state.value.phase { true } else { false }
    }

    var isClosed: Bool {
        if case .closed = state.value.phase { true } else { false }
    }

    var isStopping: Bool { state.value.stop != nil }

    var isSentAway: Bool { state.value.isSentAway }

    /// Nothing can be told any more: whoever tries gets it back.
    var isGone: Bool { !isOpen }

    /// Gives the number of the next request.
    func beginRequest() -> UInt64 {
        precondition(!state.value.isAsking, "one request at a time")
        state.value.request += 1
        state.value.isAsking = true
        state.value.answer = nil
        return state.value.request
    }

    /// The request was answered with its asking, or never asked.
    func endRequest() { state.value.isAsking = false }

    /// A request is under way.
    var isAsking: Bool { state.value.isAsking }

    /// No answer came yet.
    var isWaiting: Bool { state.value.isAsking && state.value.answer == nil }

    /// Returns when the answer came, or the word that it will take a while.
    func awaitNews() async {
        while isWaiting, state.value.wait == nil, !isClosed {
            guard await answered.rings() else { return }
        }
    }

    /// Waits until `isReady`, or until the connection is to end.
    ///
    /// Somebody has to read meanwhile, and to say when the client sends no more.
    func awaitStart(_ isReady: () -> Bool) async {
        state.value.awaitsStart = true
        while !isReady(), !isStopping, !isClosed, !state.value.hasInputEnded {
            guard await answered.rings() else { break }
        }
        state.value.awaitsStart = false
    }

    /// Whoever waits for the start looks again: the server is ready, or the connection is to end.
    func rouseFromStart() {
        if state.value.awaitsStart { answered.ring() }
    }

    /// Waits for the answer of the request under way.
    func awaitAnswer() async -> Answer {
        // To one that is closed none comes.
        while state.value.answer == nil, !isClosed {
            guard await answered.rings() else { break }
        }
        state.value.isAsking = false
        state.value.wait = nil
        defer { state.value.answer = nil }
        return state.value.answer ?? .refused(StopReason.asked.refusal)
    }

    /// The same where it came with the asking.
    func takeAtOnce(_ answer: AnswerAtOnce) -> Answer {
        state.value.isAsking = false
        if let receipt = answer.receipt { state.value.receipts.append(receipt) }
        return answer.answer
    }

    /// Renders something; the receipts of what was asked for it are kept until it is written.
    func append(_ body: (inout [UInt8]) -> Void) {
        guard isOpen else { return sendBack() }
        var receipts: [Receipt] = []
        swap(&receipts, &state.value.receipts)
        state.value.outbound.append(nil, receipts, body)
        mark()
    }

    /// The same for a request that was answered with its asking.
    func append(_ receipt: Receipt?, _ body: (inout [UInt8]) -> Void) {
        guard isOpen else { return receipt?.sendBack() ?? () }
        state.value.outbound.append(receipt, [], body)
        mark()
    }

    /// The same where what waits is no more than `limit` afterwards; else nothing, and false.
    func append(upTo limit: Int, _ body: (inout [UInt8]) -> Void) -> Bool {
        guard isOpen, state.value.outbound.append(upTo: limit, body) else { return false }
        mark()
        return true
    }

    /// From now on events are shown here, or no longer.
    func show(_ events: EventStream?) {
        state.value.events = events
        state.value.deadline =
            events == nil ? .never : loop.reading.now + EventStream.keepAliveInterval
    }

    /// Nothing follows what was rendered.
    func leave() {
        guard isOpen else { return }
        state.value.phase = .leaving
        mark()
    }

    /// Waits until what is to be written is no more than so much, or the connection broke.
    func waitForRoom(_ byteCount: Int) async {
        while isBehind(by: byteCount) {
            state.value.isRoomAwaited = true
            let goesOn = await room.rings()
            state.value.isRoomAwaited = false
            guard goesOn else { return }
        }
    }

    /// More than that waits to be written.
    func isBehind(by byteCount: Int) -> Bool {
        !isClosed && !isLingering && state.value.outbound.count > byteCount
    }

    /// Waits until all is written, or the connection broke.
    func waitUntilWritten() async {
        while !isClosed, !isLingering {
            state.value.isRoomAwaited = true
            let goesOn = await room.rings()
            state.value.isRoomAwaited = false
            guard goesOn else { return }
        }
    }

    var isLingering: Bool {
        if case .lingering = state.value.phase { true } else { false }
    }

    /// The client will send no more: a dead waiter must never be granted.
    ///
    /// Gives where it waits.
    func endInput() -> WaitPlace? {
        state.value.hasInputEnded = true
        rouseFromStart()
        guard !isStopping else { return nil }
        defer { state.value.wait = nil }
        return state.value.wait
    }

    func close() {
        guard !isClosed else { return }
        if let wait = endInput() { wait.resource.home.endWaits(of: id, at: [wait]) }
        state.value.phase = .closed
        sendBack()
        for receipt in state.value.outbound.removeAll() { receipt.sendBack() }
        flusher.forgetStalled(self)
        stream.close()
        answered.ring()
        room.ring()
    }

    private func sendBack() {
        for receipt in state.value.receipts { receipt.sendBack() }
        state.value.receipts = []
    }

    /// The server stops: who waits is answered, what is under way is completed, then the connection is closed.
    func stop(_ reason: StopReason) {
        guard state.value.stop == nil else { return }
        // Whoever is not even in yet has nothing to wait for.
        guard stream.isEstablished else { return close() }
        state.value.stop = reason
        if state.value.isAsking, state.value.answer == nil, state.value.wait != nil {
            state.value.answer = .refused(reason.refusal)
            answered.ring()
        }
        // A request that drips in does not hold up the end for as long as it might take.
        if state.value.deadline != .never {
            let end = loop.reading.now + HTTPClient.stopPatience
            state.value.deadline = min(state.value.deadline, end)
        }
        rouseFromStart()
        stream.wakeReader()
    }

    private static let stopPatience = Interval.seconds(1)

    /// The client sends so much behind what it waits for that its end would not be seen.
    func noteCrowd() {
        let message =
            "more than \(HTTPLimits.bytesBehindMax) bytes came behind a request that waits; send what follows when "
            + "it is answered"
        endWait(with: Refusal(.badRequest, message))
    }

    /// Answers the request that waits, if one does.
    func endWait(with refusal: Refusal) {
        guard state.value.isAsking, state.value.answer == nil, let wait = state.value.wait else {
            return
        }
        state.value.wait = nil
        state.value.answer = .refused(refusal)
        wait.resource.home.endWaits(of: id, at: [wait])
        answered.ring()
    }

    /// The client was too slow with what it should have done by now.
    func closeIfLate(at now: Instant) {
        guard state.value.deadline <= now else { return }
        if let events = state.value.events {
            events.keepAlive()
            state.value.deadline = now + EventStream.keepAliveInterval
            return
        }
        state.value.deadline = .never
        state.value.isLate = true
        stream.wakeReader()
    }
}

// MARK: - The shards' side

extension HTTPClient {
    func take(_ answer: Answer, to request: UInt64, _ receipt: Receipt?) {
        guard state.value.isAsking, request == state.value.request, state.value.answer == nil,
            !isClosed
        else {
            receipt?.sendBack()
            return
        }
        if state.value.hasInputEnded, !isStopping, let receipt, receipt.endsWait {
            // A dead waiter must never be granted, though its end came to be known only now.
            receipt.sendBack()
            state.value.answer = .refused(.inputEnded)
            answered.ring()
            return
        }
        if let receipt { state.value.receipts.append(receipt) }
        state.value.answer = answer
        answered.ring()
    }

    func takeWait(_ request: UInt64, on place: WaitPlace) {
        guard request == state.value.request, state.value.answer == nil else { return }
        state.value.wait = place
        answered.ring()
        if let reason = state.value.stop {
            state.value.answer = .refused(reason.refusal)
        } else if state.value.hasInputEnded || isClosed {
            place.resource.home.endWaits(of: id, at: [place])
        }
    }

    /// No response has a place for it: the ticket's owner hears when it asks.
    func take(_ event: TicketEvent, _ receipt: Receipt?) { receipt?.sendBack() }

    /// The event hub watches for all.
    func take(_ notice: Notice, for watch: UInt64) {}

    /// Only connections that carry a session are sent away, and this one has none.
    func takeGoodbye(_ reason: Goodbye) {}
}
