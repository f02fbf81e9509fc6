// One TCP connection: an actor on its loop that reads, decodes and hands requests to their shards.
// Each read takes at most 64 KiB. A request for the own shard is performed as soon as its line is decoded, those for
// another travel in one letter a read; a line that has to wait for something is postponed, and with it what comes after
// it. What the client is told goes through `LineClient`.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire

/// Reads what one client asks.
actor Connection {
    let client: LineClient
    let coordinator: Coordinator
    let shard: Shard
    let loopIndex: LoopIndex
    let loopCount: UInt8
    private let decoder: RequestDecoder
    @exclusivity(unchecked) private var framer: LineFramer
    // What every request looks at, in pieces that do not call each other: accesses cannot overlap, and to look whether
    // they do was a fiftieth of a request.
    /// A line of this read that could not be dealt with at once, and those after it.
    @exclusivity(unchecked) var postponed: [DecodedLine] = []
    /// The requests of this read that are other shards'.
    @exclusivity(unchecked) var letters = Letters()

    @exclusivity(unchecked) var principal: Principal
    /// What a certificate proves was looked at; there is none before the first bytes came.
    @exclusivity(unchecked) var isCertified = false
    @exclusivity(unchecked) var session: SessionLife?
    /// Whether plain lines of this read may go the short way, as long as none of it is postponed.
    @exclusivity(unchecked) var goesShortWay = false
    /// `hello` comes first or not at all.
    @exclusivity(unchecked) var greeting = Greeting.none

    enum Greeting {
        /// Nothing was said yet.
        case none
        /// `hello` succeeded.
        case greeted
        /// Something else came first; `hello` would be too late.
        case skipped
    }

    let guesses: GuessBrake
    /// Who somebody is must be proved, and may be over.
    let provesNames: Bool
    let pace: Pace
    /// Not everybody is heard at all times.
    let isExamined: Bool

    nonisolated let executor: any Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let patience: LinePatience
    /// How the input ended while it was read at once.
    @exclusivity(unchecked) private var end: InputEnd?

    private enum InputEnd {
        case finished
        case broken
    }

    /// What was refused before it was known who asks.
    var strangerRefusalCount = 0

    init(
        client: LineClient,
        principal: Principal,
        coordinator: Coordinator,
        patience: LinePatience
    ) {
        self.patience = patience
        self.client = client
        self.principal = principal
        self.coordinator = coordinator
        executor = client.loop
        guesses = GuessBrake(on: client.loop)
        provesNames = coordinator.setting.authority.provesNames
        let pace = Pace(of: coordinator.setting, on: client.loop)
        self.pace = pace
        isExamined = provesNames || pace.isBound
        loopIndex = client.loop.index
        loopCount = UInt8(coordinator.map.shards.count)
        shard = coordinator.map[client.loop.index]
        decoder = RequestDecoder(limits: coordinator.setting.limits)
        framer = LineFramer(limit: coordinator.setting.limits.lineBytes)
    }

    /// The connection's life, from its first byte to its last.
    ///
    /// Runs on its loop.
    func run() async {
        let (stream, loop) = (client.stream, client.loop)
        await withTaskCancellationHandler {
            await readRequests()
        } onCancel: {
            loop.post { stream.wakeReader() }
        }
        if client.isClosed || Task.isCancelled {
            client.close()
        } else {
            await client.waitUntilDone()
            await linger()
        }
        await leave()
    }

    private func readRequests() async {
        while client.isOpen, !Task.isCancelled {
            if end != nil { return await endReading() }
            // What is seldom waited for is not called where there is nothing to wait for: a call costs like a wait.
            if client.requestRoom == 0 {
                await client.waitForRoom()
                guard client.isOpen else { return }
            }
            if framer.state == .paused {
                resumeFraming()
                await perform()
                await pace.pauseAfterRefusal()
                continue
            }
            switch read() {
            case .bytes(let count):
                await performWhatIsLeft()
                // A client that always has more to say lets the others speak in between.
                if count >= Connection.fullReadBytes { await client.loop.letOthersRun() }
            case .wouldBlock:
                await client.stream.readableOrWoken { [self] in readOnLoop() }
                // The stop came between the read and this: what was not begun is not begun any more.
                if client.isStopping { postponed = [] }
                await performWhatIsLeft()
            case .endOfInput:
                end = .finished
            case nil:
                end = .broken
            }
        }
    }

    private static let fullReadBytes = 65_536

    @inline(__always)
    private func performWhatIsLeft() async {
        if hasLeftToPerform { await perform() }
        if pace.wantsPause { await pace.pauseAfterRefusal() }
    }

    /// Reads what came in the moment in which it came: to resume the task costs as much as a request.
    ///
    /// False where the task has to go on, because there is something to wait for.
    private func readAtOnce() -> Bool {
        guard client.isOpen, client.requestRoom > 0, framer.state != .paused, !hasLeftToPerform
        else { return false }
        switch read() {
        case .bytes:
            if postponed.isEmpty { letters.handOver(to: coordinator.map.shards) }
            return postponed.isEmpty && framer.state != .paused && !pace.wantsPause
                && client.requestRoom > 0
        case .wouldBlock: return true
        case .endOfInput: end = .finished
        case nil: end = .broken
        }
        return false
    }

    /// The same from a callback of the loop.
    ///
    /// What `assumeIsolated` does, without its look at who runs: that costs as much as to decode a request, twice a
    /// cycle, and the loop that calls is the one that it asks.
    private nonisolated func readOnLoop() -> Bool {
        assert(executor.isCurrent)
        let isolated = { (connection: isolated Connection) -> Bool in connection.readAtOnce() }
        return unsafeBitCast(isolated, to: ((Connection) -> Bool).self)(self)
    }

    private func endReading() async {
        if end == .finished { return await endInput() }
        await endWaits()
        client.close()
    }

    /// Everything received is still answered (PROTOCOL §7), then the connection is over.
    private func endInput() async {
        while client.isOpen, framer.state == .paused {
            await client.waitForRoom()
            resumeFraming()
            await perform()
        }
        beginRequests()
        framer.finish { piece, line in self.take(piece, line) }
        await perform()
        client.endInput()
        await endWaits()
    }

    /// A dead waiter must never be granted: on this loop its waits are over before another request is read.
    private func endWaits() async {
        for ends in client.takeWaits() {
            if ends.home === shard.home {
                await shard.end(ends, of: client.id)
            } else {
                ends.handOver(for: client.id)
            }
        }
    }

    /// Takes what the client still sends, for a moment, so that it can read our last lines.
    private func linger() async {
        guard client.isLingering else { return }
        let patience = client.loop.makeAlarm()
        patience.set(for: client.loop.reading.now + .seconds(1))
        await withDiscardingTaskGroup { group in
            group.addTask(executorPreference: client.loop) { [client] in
                if await patience.rings() { client.close() }
            }
            await discardInput()
            group.cancelAll()
        }
        client.close()
    }

    private func discardInput() async {
        while !client.isClosed {
            switch try? client.stream.read({ _ in }) {
            case .bytes: continue
            case .wouldBlock: await client.stream.readable()
            case .endOfInput, nil: return
            }
        }
    }
}

// MARK: - Reading

extension Connection {
    /// Nil when the connection broke.
    private func read() -> ReadOutcome? {
        let outcome = try? client.stream.read { bytes in
            // Requests are performed while they are read; the first bytes come after the handshake.
            if !isCertified { certify() }
            beginRequests()
            let rest = takePlainLines(copy bytes)
            framer.feed(bytes.extracting(rest..<bytes.count)) { self.take($0, $1) }
        }
        if case .bytes(let count)? = outcome { shard.count(bytesIn: count, bytesOut: 0) }
        return outcome
    }

    private func resumeFraming() {
        beginRequests()
        framer.resume { piece, line in self.take(piece, line) }
    }

    /// Deals with the plain lines that the bytes begin with; where what is left begins.
    private func takePlainLines(_ bytes: Span<UInt8>) -> Int {
        guard framer.isBetweenLines else { return 0 }
        var start = 0
        while let plain = decoder.plainLine(beginning: bytes.extracting(start..<bytes.count)),
            plain.byteCount <= framer.limit
        {
            let flow = take(plain, bytes.extracting(start..<start + plain.byteCount))
            start += plain.byteCount + 1
            guard flow == .goOn else {
                framer.pause()
                break
            }
        }
        return start
    }

    private func take(_ piece: LinePiece, _ line: Span<UInt8>) -> LineFlow {
        if case .line = piece, let plain = decoder.plainLine(line) { return take(plain, line) }
        deal(with: decoder.decodeGenerally(piece, line))
        return flow
    }

    @inline(__always)
    private func take(_ plain: borrowing PlainLine, _ line: Span<UInt8>) -> LineFlow {
        if !deal(withPlain: plain, line, decoder) { deal(with: decoder.decode(plain, line)) }
        return flow
    }

    private var flow: LineFlow { postponed.count < client.requestRoom ? .goOn : .pause }
}
