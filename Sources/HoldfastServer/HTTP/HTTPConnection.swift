// One HTTP connection: an actor on its loop that reads a request, lets a route answer it, and goes on with the next. A
// pipelined request waits as bytes until the one before is answered, so the order is kept without further thought. Only
// where an answer may take long does a second task read meanwhile, because a client that goes away ends its wait.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import Synchronization

/// A request that waits; boxed, because hardly one does.
private final class HeldRequest {
    let beginning: RequestBeginning

    init(_ beginning: RequestBeginning) { self.beginning = beginning }
}

/// Reads what one client asks over HTTP.
actor HTTPConnection {
    let client: HTTPClient
    let service: HTTPService
    let shard: Shard
    // What every request looks at, in pieces that do not call each other: accesses cannot overlap.
    @exclusivity(unchecked) var reader: RequestReader
    /// Of the request under way.
    @exclusivity(unchecked) private var isOld = false
    @exclusivity(unchecked) private var isHead = false
    @exclusivity(unchecked) private var isKeptAlive = true
    /// The request under way, where its answer has to be waited for.
    @exclusivity(unchecked) private var held: HeldRequest?
    /// The end of the input came while it was read at once.
    @exclusivity(unchecked) private var hasEnded = false

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

    private func serveRequests() async {
        // What it holds may hold the connection.
        defer { held = nil }
        armIdle()
        while client.isOpen, !Task.isCancelled {
            if let beginning = held?.beginning {
                held = nil
                await answer(beginning)
            }
            // What is seldom waited for is not called where there is nothing to wait for: a call costs like a wait.
            if client.isBehind(by: HTTPConnection.unwrittenMax) {
                await client.waitForRoom(HTTPConnection.unwrittenMax)
            }
            guard answerWhatIsHere() else { continue }
            switch receive() {
            case .bytes: break
            case .nothingYet:
                await client.stream.readableOrWoken { [self] in readOnLoop() }
            case .end: return
            }
        }
    }

    /// Answers request after request; false where the task has to go on.
    private func answerWhatIsHere() -> Bool {
        while client.isOpen, !client.isBehind(by: HTTPConnection.unwrittenMax) {
            switch reader.next() {
            case .request: guard answerAtOnce() else { return false }
            case .refused(let flaw):
                refuse(flaw)
                client.leave()
                return false
            case .needsContinue: client.append { ResponseWriter.writeContinue(into: &$0) }
            case .needsBytes: return true
            }
        }
        return false
    }

    /// Answers the request that was read, where nothing has to be waited for; else it is held.
    private func answerAtOnce() -> Bool {
        reader.withRequest { note($0) }
        switch reader.withRequest({ deal(withPlain: $0) }) {
        case .answered: break
        case .asked:
            held = HeldRequest(.asked)
            return false
        case .declined:
            let beginning = service.router.begin(reader.request, on: self)
            let reply = replyAtOnce(to: beginning)
            guard let reply, !client.guesses.wantsPause, !client.pace.wantsPause else {
                held = HeldRequest(reply.map(RequestBeginning.replied) ?? beginning)
                return false
            }
            write(service.router.complete(reply, to: reader.request))
        }
        goOn()
        return true
    }

    /// The same where something has to be waited for.
    private func answer(_ beginning: RequestBeginning) async {
        let reply = await reply(to: beginning)
        if client.guesses.wantsPause {
            await client.guesses.pauseAfterGuess(on: client.loop)
        }
        if client.pace.wantsPause { await client.pace.pauseAfterRefusal() }
        if let reply { write(service.router.complete(reply, to: reader.request)) }
        goOn()
    }

    /// The request is answered.
    private func goOn() {
        if !goesOn { client.leave() }
        armIdle()
    }

    /// Reads and answers what came in the moment in which it came: to resume the task costs as much as a request.
    ///
    /// False where the task has to go on, because there is something to wait for.
    private func readAtOnce() -> Bool {
        guard client.isOpen, !client.isStopping, !client.state.value.isLate, held == nil else {
            return false
        }
        switch receive() {
        case .bytes: return answerWhatIsHere()
        case .nothingYet: return true
        case .end:
            hasEnded = true
            return false
        }
    }

    /// The same from a callback of the loop.
    private nonisolated func readOnLoop() -> Bool {
        assert(executor.isCurrent)
        let isolated = { (connection: isolated HTTPConnection) -> Bool in connection.readAtOnce() }
        // Safe: isolation is nothing but a promise about where the caller runs, and the first line is that promise.
        return unsafe unsafeBitCast(isolated, to: ((HTTPConnection) -> Bool).self)(self)
    }

    /// What looking for more bytes gave.
    private enum Received {
        case bytes
        case nothingYet
        /// No further request comes.
        case end
    }

    private func receive() -> Received {
        guard client.isOpen, !hasEnded else { return .end }
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
    private func note(_ request: borrowing Request) {
        client.state.value.deadline = .never
        client.state.value.isPaid = false
        client.state.value.isSentAway = false
        isOld = request.minorVersion == 0
        isHead = request.method == .head
        isKeptAlive = request.isKeptAlive
    }

    var goesOn: Bool {
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

    func write(_ reply: HTTPReply) {
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
