// `GET /v1/events`: `watch` as server-sent events (HTTP §1). `Last-Event-ID` resumes where a client was, or tells it
// what it cannot be told any more.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

extension Exchange {
    /// Returns when the stream is over; it wrote its own response.
    func events() async -> HTTPReply? {
        let type = "text/event-stream"
        do throws(Refusal) {
            let principal = try principal()
            let question = try decode(.watch, path: [])
            guard case .watch(let scope) = question.operation else {
                preconditionFailure("a watch was decoded as something else")
            }
            let authority = connection.service.coordinator.setting.authority
            guard authority.may(principal, watch: scope) else {
                throw .missing(.read)
            }
            let census = connection.service.coordinator.setting.census
            if let refusal = census.refusalForMemory { throw refusal }
            guard request.method != .head else { return .stream(type: type) }
            let last = request.text(of: "last-event-id").flatMap { $0.isEmpty ? nil : $0 }
            await connection.stream(
                scope,
                for: principal,
                ignoring: question.ignored,
                with: connection.service.router.crossOrigin.fields(for: request),
                // What no server said is the mark of one that is long gone.
                behind: last.map { EventMark($0) ?? EventMark(epoch: 0, number: 0) }
            )
            return nil
        } catch {
            return Problem.reply(error)
        }
    }
}

extension HTTPConnection {
    fileprivate func stream(
        _ scope: WatchScope,
        for principal: Principal,
        ignoring ignored: [String],
        with fields: [ResponseField],
        behind last: EventMark?
    ) async {
        let hub = service.hub
        await hub.enter()
        let frame = frame
        let stream = EventStream(
            to: client,
            scope: scope,
            principal: principal,
            authority: coordinator.setting.authority,
            frame: frame,
            fields: fields,
            ignored: ignored
        )
        service.count(.ok, on: client.loop.index)
        let fan = service.fan(on: client.loop.index)
        fan.add(stream)
        client.show(stream)
        hub.bring(stream, behind: last)
        await readUntilLeft()
        client.show(nil)
        fan.remove(stream)
        hub.leave()
        let reason = client.state.value.stop?.goodbye
        stream.end(saying: reason ?? (client.isSentAway ? .unauthenticated : nil))
        // Whatever came behind it was sent to a response that has no end.
        client.leave()
    }
}
