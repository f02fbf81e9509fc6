// One HTTP connection: an actor on its loop that reads a request, lets a route answer it, and goes on with the next. A
// pipelined request waits as bytes until the one before is answered, so the order is kept without further thought. Only
// where an answer may take long does a second task read meanwhile, because a client that goes away ends its wait.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import Synchronization

/// Reads what one client asks over HTTP.
actor HTTPConnection {
    let client: HTTPClient
    let service: HTTPService
    let shard: Shard
    private let reader: RequestReader
    /// Of the request under way.
    private var isOld = false
    private var isHead = false
    private var isKeptAlive = true

    nonisolated let executor: any Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(client: HTTPClient, service: HTTPService) {
        self.client = client
        self.service = service
        executor = client.loop
        shard = service.coordinator.map[client.loop.index]
        reader = RequestReader(limits: service.setting.limits)
    }

    var coordinator: Coordinator { service.coordinator }

    /// What was stored is read back.
    nonisolated var isStarted: Bool { service.isReady(on: client.loop.index) }

    /// Waits until it is; gives why not where the server stops before that.
    func awaitStart() async -> Refusal? {
        let (service, loop) = (service, client.loop.index)
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executor) { await self.readUntilStart() }
            defer { client.stream.wakeReader() }
            await client.awaitStart { service.isReady(on: loop) }
        }
        // What nobody waits for any more is not begun.
        if client.state.value.hasInputEnded { return .inputEnded }
        return service.isReady(on: loop)
            ? nil : (client.state.value.stop ?? .asked).refusal
    }

    /// The connection's life, from its first byte to its last.
    ///
    /// Runs on its loop.
    func run() async {
        let (stream, loop) = (client.stream, client.loop)
        await withTaskCancellationHandler {
            await serveRequests()
        } onCancel: {
            loop.post { stream.wakeReader() }
        }
        if Task.isCancelled { client.close() }
        client.leave()
        client.state.value.isLate = false
        let patience = client.isStopping ? Self.lingerPatienceAtStop : Self.lingerPatience
        client.state.value.deadline = client.loop.reading.now + patience
        await client.waitUntilWritten()
        await discardInput()
        client.close()
        leaveBehindNothing()
    }

    /// Calls what may wait only where there is something to wait for: a call costs like a wait.
    private func serveRequests() async {
        armIdle()
        while client.isOpen, !Task.isCancelled {
            switch reader.next() {
            case .request:
                let request = reader.request
                note(request)
                let beginning = service.router.begin(request, on: self)
                var reply = replyAtOnce(to: beginning)
                if reply == nil { reply = await self.reply(to: beginning) }
                if client.guesses.wantsPause {
                    await client.guesses.pauseAfterGuess(on: client.loop)
                }
                if client.pace.wantsPause { await client.pace.pauseAfterRefusal() }
                if let reply { write(service.router.complete(reply, to: request)) }
                if client.isBehind(by: HTTPConnection.unwrittenMax) {
                    await client.waitForRoom(HTTPConnection.unwrittenMax)
                }
                if !goesOn { client.leave() }
                armIdle()
                continue
            case .refused(let flaw):
                return refuse(flaw)
            case .needsContinue:
                client.append { ResponseWriter.writeContinue(into: &$0) }
            case .needsBytes:
                break
            }
            looking: while true {
                switch receive() {
                case .bytes: break looking
                case .nothingYet:
                    await client.stream.readableOrWoken()
                    if Task.isCancelled { return }
                case .end: return
                }
            }
        }
    }

    /// What looking for more bytes gave.
    private enum Received {
        case bytes
        case nothingYet
        /// No further request comes.
        case end
    }

    private func receive() -> Received {
        guard client.isOpen else { return .end }
        if client.isStopping, !reader.hasBegun { return .end }
        if client.state.value.isLate {
            if reader.hasBegun { refuseLateSender() }
            return .end
        }
        let hadBegun = reader.hasBegun
        switch read() {
        case .bytes(let count):
            shard.count(bytesIn: count, bytesOut: 0)
            // From the first byte on the whole request has its time, however it drips in.
            if !hadBegun { arm(service.setting.sendPatience) }
            return .bytes
        case .wouldBlock:
            return .nothingYet
        case .endOfInput:
            return .end
        case nil:
            client.close()
            return .end
        }
    }

    /// A request is under way.
    private func note(_ request: Request) {
        client.state.value.deadline = .never
        client.state.value.isPaid = false
        client.state.value.isSentAway = false
        isOld = request.minorVersion == 0
        isHead = request.method == .head
        isKeptAlive = request.isKeptAlive
    }

    private var goesOn: Bool {
        // What a client sent before it sent no more is still answered.
        isKeptAlive && !client.isStopping
            && (!client.state.value.hasInputEnded || reader.waitingByteCount > 0)
    }

    var frame: ResponseFrame {
        ResponseFrame(
            date: service.date(at: client.loop.reading.wall, on: client.loop.index),
            closes: !goesOn,
            isHead: isHead,
            isOld: isOld
        )
    }

    private func write(_ reply: HTTPReply) {
        service.count(reply.status, on: client.loop.index)
        let frame = frame
        client.append { buffer in
            ResponseWriter.write(
                reply.status,
                frame,
                type: reply.type,
                fields: reply.fields,
                body: reply.isStream ? nil : reply.body,
                into: &buffer
            )
        }
    }

    /// What a client sends behind its last request must not take the last response from it.
    private static let lingerPatience = Interval.seconds(2)
    private static let lingerPatienceAtStop = Interval.milliseconds(300)
    /// No further request is begun while more than this waits to be written.
    private static let unwrittenMax = 262_144
}

// MARK: - Refusing

extension HTTPConnection {
    private func refuse(_ flaw: RequestFlaw) {
        refuse(flaw.status, Refusal(.badRequest, flaw.explanation))
    }

    /// The rest of a request did not come: in its time, or in the moment that a stop leaves it.
    private func refuseLateSender() {
        if let stop = client.state.value.stop { return refuse(.unavailable, stop.refusal) }
        let seconds = service.setting.sendPatience.nanoseconds / 1_000_000_000
        let message = "a request must be here \(seconds) s after its first byte"
        refuse(.requestTimeout, Refusal(.badRequest, message))
    }

    private func refuse(_ status: HTTPStatus, _ refusal: Refusal) {
        let date = service.date(at: client.loop.reading.wall, on: client.loop.index)
        let reply = service.router.form(for: reader.request)
            .reply(status, refusal)
        service.count(status, on: client.loop.index)
        client.append { buffer in
            ResponseWriter.write(
                status,
                ResponseFrame(date: date, closes: true),
                type: reply.type,
                fields: reply.fields,
                body: reply.body,
                into: &buffer
            )
        }
    }
}

// MARK: - Reading

extension HTTPConnection {
    /// Nil when the connection broke.
    private func read() -> ReadOutcome? {
        try? client.stream.read { bytes in reader.feed(copy bytes) }
    }

    private func armIdle() {
        arm(reader.hasBegun ? service.setting.sendPatience : service.setting.idlePatience)
    }

    private func arm(_ patience: Interval) {
        client.state.value.deadline = client.loop.reading.now + patience
    }

    /// Reads while an answer is waited for: later requests are kept, the end of the input ends the wait.
    func readUntilEnd() async { await readAside { client.isWaiting } }

    /// Reads while the server is not ready, because a client that goes away has to leave its place to another.
    private func readUntilStart() async {
        await readAside { !client.isStopping && !service.isReady(on: client.loop.index) }
    }

    /// Reads while events are shown, until the client goes away, its proof is over or the server stops.
    func readUntilLeft() async { await readAside { !client.isStopping && !client.isSentAway } }

    /// Reads beside what the connection waits for; whatever ends that has to wake the reader.
    ///
    /// Woken and not cancelled: a stream whose reader was cancelled could not be read again.
    private func readAside(while goesOn: () -> Bool) async {
        while client.isOpen, goesOn(), !Task.isCancelled {
            // Nobody would notice any more that the client goes away.
            guard reader.waitingByteCount < HTTPLimits.bytesBehindMax else {
                client.noteCrowd()
                return
            }
            switch read() {
            case .bytes(let count): shard.count(bytesIn: count, bytesOut: 0)
            case .wouldBlock: await client.stream.readable()
            case .endOfInput: return await endInput()
            case nil:
                await endInput()
                return client.close()
            }
        }
    }

    /// A dead waiter must never be granted: on this loop its wait is over before another request is read.
    private func endInput() async {
        guard let wait = client.endInput() else { return }
        let ends = WaitEnds(at: wait.resource.home, places: [wait])
        if ends.home === shard.home {
            await shard.end(ends, of: client.id)
        } else {
            ends.handOver(for: client.id)
        }
    }

    /// Takes what the client still sends, for a moment, so that it can read our last response.
    private func discardInput() async {
        while !client.isClosed, !client.state.value.isLate, !Task.isCancelled {
            switch try? client.stream.read({ _ in }) {
            case .bytes: continue
            case .wouldBlock: await client.stream.readable()
            case .endOfInput, nil: return
            }
        }
    }

    private func leaveBehindNothing() {
        service.patience(on: client.loop.index).forget(client)
        coordinator.rosters[Int(client.loop.index.number)].remove(client.id)
        coordinator.setting.census.leave(client.stream)
        coordinator.setting.witness?.connectionEnded(client.id)
        client.visitor.leave()
    }
}
