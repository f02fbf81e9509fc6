// How a response comes about. What the shard of this loop answers at once is answered without a task that might wait;
// all else waits here, and where that may take long the connection reads meanwhile.

import HoldfastCoordinator
import HoldfastModel

// MARK: - Replying

extension HTTPConnection {
    /// The response, where it needs no waiting; else nil, though what it needs may be asked already.
    func replyAtOnce(to beginning: RequestBeginning) -> HTTPReply? {
        switch beginning {
        case .replied(let reply): reply
        case .asks(let request, let principal):
            answerAtOnce(request.operation, for: principal).map(request.reply)
        case .asked, .handled, .early: nil
        }
    }

    /// The response to what has none at once; nil where a route wrote it itself.
    func reply(to beginning: RequestBeginning) async -> HTTPReply? {
        switch beginning {
        case .replied(let reply):
            return reply
        case .asked:
            return .native(await awaitAnswer())
        case .asks(let request, let principal):
            return request.reply(to: await awaitAnswer(to: request.operation, for: principal))
        case .handled(let handler, let exchange):
            return await handler(exchange)
        case .early(let route, let exchange):
            if let refusal = await awaitStart() { return route.form.reply(refusal) }
            let beginning = route.begin(exchange)
            if let reply = replyAtOnce(to: beginning) { return reply }
            return await reply(to: beginning)
        }
    }
}

// MARK: - Asking

extension HTTPConnection {
    /// Performs one operation for this principal and gives its answer.
    func ask(_ operation: Operation, as principal: Principal) async -> Answer {
        if let answer = answerAtOnce(operation, for: principal) { return answer }
        return await awaitAnswer(to: operation, for: principal)
    }

    /// Asks what the shard of this loop can be asked now.
    private func answerAtOnce(_ operation: Operation, for principal: Principal) -> Answer? {
        guard let target = coordinator.map.shard(for: operation), target === shard,
            target.hasRoom(for: operation)
        else { return nil }
        target.beginRequests()
        return target.answerNow(operation, from: principal, nil, at: nextAddress())
            .map(client.takeAtOnce)
    }

    /// Asks what was not asked at once, and waits.
    private func awaitAnswer(to operation: Operation, for principal: Principal) async -> Answer {
        if !client.isAsking {
            guard let target = coordinator.map.shard(for: operation) else {
                return await answer(operation, for: principal)
            }
            let request = routed(operation, for: principal)
            if target === shard {
                await target.perform([request])
            } else {
                target.home.handOver([request])
            }
        }
        return await awaitAnswer()
    }

    /// Waits for the answer to what was asked.
    private func awaitAnswer() async -> Answer {
        await client.awaitNews()
        guard client.isWaiting else { return await client.awaitAnswer() }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executor) { await self.readUntilEnd() }
            defer { client.stream.wakeReader() }
            return await client.awaitAnswer()
        }
    }

    private func routed(_ operation: Operation, for principal: Principal) -> RoutedRequest {
        RoutedRequest(operation, from: principal, nil, at: nextAddress())
    }

    private func nextAddress() -> RequestAddress {
        RequestAddress(connection: client.id, request: client.beginRequest())
    }

    private func answer(_ operation: Operation, for principal: Principal) async -> Answer {
        let registry = coordinator.registry
        switch operation {
        case .resources(let question):
            shard.countRequest()
            let answer = Answer.resources(await registry.resources(question, for: principal))
            shard.count(answer, to: .resources)
            return answer
        case .hello, .stats, .watch, .unwatch, .ping, .bye, .drain, .queue, .lock, .steal,
            .exchange, .acquire, .status, .renew, .release, .checkFence, .checkTicket, .list,
            .history, .clear:
            preconditionFailure("\(operation) is not asked over HTTP")
        }
    }
}
