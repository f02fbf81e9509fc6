// What a connection does with the requests of one read: most belong to one resource and go to its
// shard; the few that concern the connection, its session or all shards are answered here, after
// what came before them was handed over.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire
import Synchronization

extension Connection {
    /// Deals with a line now, or later with all that comes after it.
    func deal(with line: consuming DecodedLine) {
        guard postponed.isEmpty else { return postponed.append(line) }
        switch consume line {
        case .refused(let line):
            refuse(line.id, line.refusal, ignored: line.ignored)
        case .request(let request):
            guard let slot = request.operation.slot else {
                return postponed.append(.request(request))
            }
            let loop = ShardMap.loop(of: slot, among: loopCount)
            if loop != loopIndex {
                if let routed = route(request, slot) { letters.add(routed, to: loop) }
            } else if shard.hasRoom(for: request.operation) {
                performHere(request, slot)
            } else {
                postponed.append(.request(request))
            }
        }
    }

    /// Whether anything of the latest read was not dealt with at once.
    var hasLeftToPerform: Bool { !postponed.isEmpty || !letters.isEmpty }

    /// For the own shard.
    private func performHere(_ request: consuming DecodedRequest, _ slot: Slot) {
        guard mayAsk(request.operation), !request.operation.mayWait,
            let number = client.numberAtOnce()
        else {
            if let routed = route(request, slot) { shard.performNow(routed) }
            return
        }
        let isPage = request.operation.isPage
        // Moved on and not copied: it is counted twice less.
        var operation = Operation.stats
        swap(&operation, &request.operation)
        let address = RequestAddress(connection: client.id, request: number)
        if let answer = shard.answerNow(consume operation, from: principal, session, at: address) {
            client.answerAtOnce(answer, id: request.id, ignored: request.ignored)
        } else {
            let number = client.place(request.id, ignored: request.ignored, of: slot)
            if isPage { client.notePage(number) }
        }
    }

    /// Sends other shards what is theirs, and performs what was postponed.
    func perform() async {
        letters.handOver(to: coordinator.map.shards)
        guard !postponed.isEmpty else { return }
        var lines: [DecodedLine] = []
        swap(&lines, &postponed)
        for line in lines { await performPostponed(line) }
        letters.handOver(to: coordinator.map.shards)
    }

    private func performPostponed(_ line: DecodedLine) async {
        switch line {
        case .refused(let line):
            refuse(line.id, line.refusal, ignored: line.ignored)
        case .request(let request):
            let slot = request.operation.slot
            guard let routed = route(request, slot) else { return }
            guard let loop = slot.map(coordinator.map.loop) else {
                letters.handOver(to: coordinator.map.shards)
                return await answer(routed.operation, routed.address.request)
            }
            if loop != loopIndex {
                letters.add(routed, to: loop)
            } else {
                await shard.perform([routed])
            }
        }
    }

    /// Gives the request its place among the replies; nil where it was refused.
    private func route(_ request: consuming DecodedRequest, _ slot: Slot?) -> RoutedRequest? {
        if !mayAsk(request.operation),
            let refusal = refusalBeforeGreeting(request.operation) ?? refusalOfPrincipal
                ?? refusalOfPace(request.operation)
        {
            refuse(request.id, refusal, ignored: request.ignored)
            return nil
        }
        guard let number = place(request, slot) else {
            let limit = coordinator.setting.limits.waits
            let message = "this connection has \(limit.counted("waiting request")) already"
            refuse(request.id, .exceeded(.waits, message), ignored: request.ignored)
            return nil
        }
        if request.operation.isPage { client.notePage(number) }
        var operation = Operation.stats
        swap(&operation, &request.operation)
        return routed(consume operation, number)
    }

    private func routed(_ operation: consuming Operation, _ number: UInt64) -> RoutedRequest {
        let address = RequestAddress(connection: client.id, request: number)
        return RoutedRequest(operation, from: principal, session, at: address)
    }

    /// Nearly every request where everybody is heard: something was said before, and it is no `hello`.
    @inline(__always)
    private func mayAsk(_ operation: Operation) -> Bool {
        if case .none = greeting { return false }
        if isExamined { return false }
        if case .hello = operation { return false }
        return true
    }

    /// `hello` is the first line or none; where names must be proved it is the first.
    private func refusalBeforeGreeting(_ operation: Operation) -> Refusal? {
        if case .hello(let hello) = operation {
            return switch greeting {
            // Nobody guesses who says nothing: it costs no pause, but counts among the refusals of somebody unknown.
            case .none: hello.token == nil && isStranger ? .tokenIsMissing : nil
            case .greeted: Refusal(.badRequest, "this connection said hello already")
            case .skipped: Refusal(.badRequest, "hello must be the first request of a connection")
            }
        }
        guard case .none = greeting else { return nil }
        guard !isStranger else {
            // A certificate is a try, too, and its name is not known.
            if client.stream.peerName != nil { noteStranger() }
            return .tokenIsMissing
        }
        greeting = .skipped
        return nil
    }

    /// It has to say who it is, and has not.
    var isStranger: Bool { provesNames && !principal.isProved }

    /// Somebody who proved a name may have been taken off the list since, or have other limits there.
    private var refusalOfPrincipal: Refusal? {
        guard provesNames else { return nil }
        let authority = coordinator.setting.authority
        if let refusal = authority.refusal(of: principal, at: client.loop.reading.wall) {
            return refusal
        }
        if let renewed = authority.renewed(principal) {
            principal = renewed
            client.state.value.guest?.principal = renewed
        }
        return nil
    }

    /// The request's number; nil when the connection has too many waits.
    private func place(_ request: borrowing DecodedRequest, _ slot: Slot?) -> UInt64? {
        if request.operation.mayWait {
            client.placeWait(
                request.id,
                ignored: request.ignored,
                at: slot.map { coordinator.map[$0].home }
            )
        } else {
            client.place(request.id, ignored: request.ignored, of: slot)
        }
    }

    private func refuse(_ id: RequestID, _ refusal: Refusal, ignored: [String] = []) {
        shard.countRequest()
        guard mayBeRefusedAgain() else { return }
        if refusal.limit != .requestsPerSecond { pace.noteFlaw(of: principal) }
        let number = client.place(id, ignored: ignored)
        tell(.refused(refusal), to: .unreadable, number)
        if refusal.code == .lineTooLong { client.takeGoodbye(.lineTooLong) }
    }
}

extension Refusal {
    fileprivate static let tokenIsMissing = Refusal(
        .unauthenticated,
        "say hello with a token first"
    )
}

// MARK: - What concerns the connection or all shards

extension Connection {
    private func answer(_ operation: Operation, _ number: UInt64) async {
        shard.countRequest()
        let registry = coordinator.registry
        switch operation {
        case .hello(let hello):
            await greet(hello, number)
        case .ping:
            tell(.time(client.loop.reading.wall), to: .ping, number)
        case .bye:
            await sayBye(number)
        case .resources(let question):
            let answer = await registry.resources(question, for: principal)
            tell(.resources(answer), to: .resources, number)
        case .stats:
            tell(await registry.stats(for: principal), to: .stats, number)
        case .drain(let reason, let off):
            let answer = await registry.drain(off: off, reason: reason, for: principal)
            testify(toDrain: answer, off: off, reason: reason)
            tell(answer, to: .drain, number)
        case .watch(let scope):
            await watch(scope, number)
        case .unwatch(let watch):
            await unwatch(watch, number)
        case .queue, .lock, .steal, .exchange, .acquire, .status, .renew, .release, .checkFence,
            .checkTicket, .list, .history, .clear:
            preconditionFailure("\(operation) is a shard's to answer")
        }
    }

    /// Counts the answer to what no shard answers, and gives it.
    nonisolated func tell(_ answer: Answer, to kind: Operation.Kind, _ number: UInt64) {
        shard.count(answer, to: kind)
        client.answer(number, answer)
    }

    private func watch(_ scope: WatchScope, _ number: UInt64) async {
        let (authority, principal) = (coordinator.setting.authority, principal)
        guard authority.may(principal, watch: scope) else {
            return tell(.refused(.missing(.read)), to: .watch, number)
        }
        if let refusal = coordinator.setting.census.refusalForMemory {
            return tell(.refused(refusal), to: .watch, number)
        }
        var mayRead: (@Sendable (ResourcePath) -> Bool)?
        if provesNames {
            let loop = client.loop
            mayRead = { authority.mayRead($0, principal, at: loop.reading.wall) }
        }
        guard let watch = client.addWatch(scope) else {
            let watches = coordinator.setting.limits.watches.counted("watch", "watches")
            let refusal = Refusal.exceeded(.watches, "this connection has \(watches) already")
            return tell(.refused(refusal), to: .watch, number)
        }
        for shard in coordinator.map.shards(for: scope) {
            await shard.watch(
                scope,
                connection: client.id,
                number: watch,
                mayRead: mayRead
            )
        }
        shard.count(.watching(watch), to: .watch)
        client.answerWatch(watch, to: number)
    }

    private func unwatch(_ watch: UInt64, _ number: UInt64) async {
        guard let scope = client.removeWatch(watch) else {
            let refusal = Refusal(.notFound, "this connection has no watch \(watch)")
            return tell(.refused(refusal), to: .unwatch, number)
        }
        for shard in coordinator.map.shards(for: scope) {
            await shard.unwatch(scope, connection: client.id, number: watch)
        }
        tell(.done, to: .unwatch, number)
    }

    /// Leaves nothing behind.
    func leave() async {
        for (number, scope) in client.watchedScopes {
            for shard in coordinator.map.shards(for: scope) {
                await shard.unwatch(scope, connection: client.id, number: number)
            }
        }
        coordinator.rosters[Int(client.loop.index.number)].remove(client.id)
        if let session {
            await coordinator.map[session.id.slot].leaveSession(session.id, connection: client.id)
        }
        countConnection(leaving: principal.owner)
        coordinator.setting.census.leave(client.stream)
        patience.end(client.id)
        coordinator.setting.witness?.connectionEnded(client.id)
    }
}

extension ShardMap {
    /// A watch on one resource stands on its shard alone.
    fileprivate func shards(for scope: WatchScope) -> [Shard] {
        switch scope {
        case .everything, .prefix: shards
        case .resource(let path): [self[Slot(of: path)]]
        }
    }
}
