// The side of a TCP connection that is told things: answers in the order of the requests, answers
// of waits when they are done, events, goodbyes. It belongs to its loop, so shards of that loop
// write to it directly at the end of their turn. What the other side sends is the business of
// `Connection`.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire

/// Renders what a client is told and writes it once a turn.
final class LineClient: ClientConnection {
    let id: ConnectionID
    let stream: any ByteStream
    let loop: any Loop
    private let limits: Limits
    private let flusher: Flusher
    private let state: LoopBound<State>
    /// Rung when there may be room for more requests, or the end has come.
    let room: Bell

    struct State {
        var ring = ReplyRing()
        var outbound = Outbound()
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

    /// A `lock` or `acquire` that is answered when it is done.
    struct Wait {
        var id: RequestID
        var ignored: [String]
        var place: WaitPlace?
    }

    struct Watch {
        var scope: WatchScope
        var sequence: UInt64 = 0
        var missed: UInt64 = 0
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

// MARK: - The connection's side

extension LineClient {
    /// How many more requests may be decoded before the client has caught up.
    var requestRoom: Int {
        guard state.value.outbound.count <= limits.outboundBytes else { return 0 }
        return max(0, limits.inFlight - state.value.ring.count)
    }

    var isOpen: Bool {
        if case .open = state.value.phase { true } else { false }
    }

    var isClosed: Bool {
        if case .closed = state.value.phase { true } else { false }
    }

    /// Rule 27: a connection that the server closes by stopping is no client that went away.
    private var isStopping: Bool {
        switch state.value.phase {
        case .leaving(.draining): true
        case .left, .lingering, .open, .inputEnded, .leaving, .closed: false
        }
    }

    var isLingering: Bool {
        if case .lingering = state.value.phase { true } else { false }
    }

    /// A place for a request that is answered in order.
    func place(_ id: RequestID, ignored: [String]) -> UInt64 {
        state.value.ring.add(id: id, ignored: ignored)
    }

    /// A place for a request that waits; nil when the connection has too many.
    func placeWait(_ id: RequestID, ignored: [String]) -> UInt64? {
        guard state.value.waits.count < limits.waits else { return nil }
        let number = state.value.ring.skip()
        state.value.waits[number] = Wait(id: id, ignored: ignored)
        return number
    }

    /// Answers a request without a shard.
    func answer(_ number: UInt64, _ answer: Answer) {
        take(answer, to: number)
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
        endWaits()
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
        endWaits()
        state.value.phase = .closed
        state.value.waits = [:]
        state.value.outbound.removeAll()
        flusher.forgetStalled(self)
        stream.close()
        room.ring()
    }

    /// The server stops: waits are answered `draining`, then goodbye.
    ///
    /// No ticket ends (rule 27).
    func stop() {
        let refusal = Refusal(.draining, "the server is stopping; ask again with the same key")
        for (number, _) in state.value.waits { take(.refused(refusal), to: number) }
        takeGoodbye(.draining)
    }

    private func endWaits() {
        guard !isStopping else { return }
        let places = state.value.waits.values.compactMap(\.place)
        for (home, places) in places.groupedByHome() { home.endWaits(of: id, at: places) }
    }

    var watches: [UInt64: Watch] { state.value.watches }

    func addWatch(_ scope: WatchScope) -> UInt64? {
        guard state.value.watches.count < limits.watches else { return nil }
        defer { state.value.nextWatch += 1 }
        state.value.watches[state.value.nextWatch] = Watch(scope: scope)
        return state.value.nextWatch
    }

    func removeWatch(_ number: UInt64) -> WatchScope? {
        state.value.watches.removeValue(forKey: number)?.scope
    }
}

// MARK: - The shards' side

extension LineClient {
    func take(_ answer: Answer, to request: UInt64) {
        if let wait = state.value.waits.removeValue(forKey: request) {
            state.value.outbound.append {
                ReplyWriter.write(answer, to: wait.id, ignored: wait.ignored, into: &$0)
            }
        } else {
            state.value.ring.finish(request, with: answer)
        }
        mark()
    }

    func takeWait(_ request: UInt64, on place: WaitPlace) {
        state.value.waits[request]?.place = place
        if case .inputEnded = state.value.phase {
            place.resource.home.endWaits(of: id, at: [place])
        }
    }

    func take(_ event: TicketEvent) {
        if !state.value.ring.hold(event) { render(event) }
        mark()
    }

    func take(_ notice: Notice, for number: UInt64) {
        guard var watch = state.value.watches[number] else { return }
        defer { state.value.watches[number] = watch }
        // Rule 32: a slow reader loses events and is told how many; it never holds memory without
        // limit.
        guard state.value.outbound.count < limits.outboundBytes else {
            watch.missed += 1
            return
        }
        tellGap(of: &watch, number: number)
        watch.sequence += 1
        let event = ConnectionEvent.watched(watch: number, sequence: watch.sequence, notice)
        state.value.outbound.append { EventWriter.write(event, into: &$0) }
        mark()
    }

    private func tellGap(of watch: inout Watch, number: UInt64) {
        guard watch.missed > 0 else { return }
        let event = ConnectionEvent.gap(watch: number, missed: watch.missed)
        state.value.outbound.append { EventWriter.write(event, into: &$0) }
        watch.sequence += watch.missed
        watch.missed = 0
    }

    func takeGoodbye(_ reason: Goodbye) {
        switch state.value.phase {
        case .open, .inputEnded: state.value.phase = .leaving(reason)
        case .leaving, .left, .lingering, .closed: return
        }
        stream.wakeReader()
        mark()
    }

    private func render(_ event: TicketEvent) {
        // A slow reader can ask for its position; only what it cannot ask for must reach it.
        if case .position = event, state.value.outbound.count >= limits.outboundBytes { return }
        let requestID: RequestID =
            if case .queued(let request, _, _, _) = event {
                state.value.waits[request]?.id ?? .absent
            } else { .absent }
        state.value.outbound.append {
            EventWriter.write(.ticket(event), request: requestID, into: &$0)
        }
    }
}

// MARK: - Writing

extension LineClient {
    /// Has the loop flush this client at the end of the turn.
    private func mark() {
        guard !state.value.isMarked else { return }
        state.value.isMarked = true
        flusher.mark(self)
    }

    /// Renders the replies whose turn it is, and writes.
    ///
    /// Called once a turn.
    func flush() -> Int {
        state.value.isMarked = false
        guard !isClosed else { return 0 }
        while let place = state.value.ring.takeFinished() {
            guard case .finished(let answer) = place.state else { continue }
            state.value.outbound.append {
                ReplyWriter.write(answer, to: place.id, ignored: place.ignored, into: &$0)
            }
            for event in place.events { render(event) }
        }
        sayGoodbyeIfDue()
        return write()
    }

    private func sayGoodbyeIfDue() {
        guard case .leaving(let reason) = state.value.phase, state.value.ring.count == 0 else {
            return
        }
        state.value.outbound.append { EventWriter.write(.goodbye(reason), into: &$0) }
        state.value.phase = .left
    }

    private func write() -> Int {
        var written = 0
        do {
            let result = try state.value.outbound.write(to: stream)
            written = result.count
            result.done ? finishIfDone() : stall()
        } catch {
            close()
        }
        noteRoom()
        return written
    }

    private func noteRoom() {
        state.value.overSince =
            state.value.outbound.count > limits.outboundBytes
            ? state.value.overSince ?? loop.reading.now : nil
        if state.value.isReaderWaiting, requestRoom > 0 || !isOpen { room.ring() }
    }

    private func finishIfDone() {
        state.value.isStalled = false
        flusher.forgetStalled(self)
        for (number, watch) in state.value.watches where watch.missed > 0 {
            var watch = watch
            tellGap(of: &watch, number: number)
            state.value.watches[number] = watch
            mark()
        }
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
        guard let since = state.value.overSince, since + Limits.outboundPatience <= now else {
            return
        }
        close()
    }
}

extension [WaitPlace] {
    fileprivate func groupedByHome() -> [(ShardHome, [WaitPlace])] {
        var groups: [(home: ShardHome, places: [WaitPlace])] = []
        for place in self {
            if let index = groups.firstIndex(where: { $0.home === place.resource.home }) {
                groups[index].places.append(place)
            } else {
                groups.append((place.resource.home, [place]))
            }
        }
        return groups.map { ($0.home, $0.places) }
    }
}
