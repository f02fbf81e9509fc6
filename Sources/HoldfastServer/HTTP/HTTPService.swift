// What all HTTP connections of a server share: routes, settings, and on each loop the time as HTTP writes it and the
// deadlines of its clients.

package import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire
import Synchronization

/// The HTTP side of one server.
package final class HTTPService: Sendable {
    let coordinator: Coordinator
    let setting: HTTPSetting
    let router: Router
    /// The document at `/openapi.json`, rendered once.
    let openAPI: [UInt8]
    let hub: EventHub
    /// What the process has; nil where nobody knows.
    let memory: @Sendable () -> MemoryFigures?
    let decoder: RequestDecoder
    /// Nobody has to prove who it is, and responses need no fields for pages of other origins.
    let mayGoShortWay: Bool
    private let parts: [Part]

    /// One loop's.
    private final class Part: Sendable {
        let patience: HTTPPatience
        let date: LoopBound<HTTPDate>
        let fan: EventFan
        let statuses: LoopBound<StatusCounts>
        let isReady: LoopBound<Bool>

        init(on loop: any Loop) {
            patience = HTTPPatience(loop: loop)
            date = LoopBound(HTTPDate(secondsSince1970: 0), on: loop)
            fan = EventFan(loop: loop)
            statuses = LoopBound(StatusCounts(), on: loop)
            isReady = LoopBound(false, on: loop)
        }
    }

    package init(
        _ setting: HTTPSetting = HTTPSetting(),
        coordinator: Coordinator,
        memory: @escaping @Sendable () -> MemoryFigures? = { nil }
    ) {
        self.memory = memory
        self.coordinator = coordinator
        self.setting = setting
        router = Router(setting)
        decoder = RequestDecoder(limits: coordinator.setting.limits)
        mayGoShortWay = !coordinator.setting.authority.provesNames && setting.origins.isEmpty
        let access = OpenAPIAccess(setting, coordinator.setting.authority)
        openAPI = OpenAPIDocument.bytes(setting, access)
        parts = coordinator.rosters.map { Part(on: $0.loop) }
        hub = EventHub(coordinator, fans: parts.map(\.fan))
    }

    /// What was stored is read back: whoever waits for that is answered now.
    ///
    /// Any loop.
    func noteReady() {
        for (part, roster) in zip(parts, coordinator.rosters) {
            roster.loop.post {
                part.isReady.value = true
                part.patience.rouse()
            }
        }
    }

    /// Whether what was stored is read back; until then only routes of the process answer.
    ///
    /// On that loop.
    func isReady(on loop: LoopIndex) -> Bool { parts[Int(loop.number)].isReady.value }

    /// The second of the wall clock, rendered once.
    ///
    /// On that loop.
    func date(at wall: WallTime, on loop: LoopIndex) -> HTTPDate {
        let part = parts[Int(loop.number)]
        let seconds = wall.microseconds / 1_000_000
        if part.date.value.secondsSince1970 != seconds {
            part.date.value = HTTPDate(secondsSince1970: seconds)
        }
        return part.date.value
    }

    /// Counts a response.
    ///
    /// On that loop.
    func count(_ status: HTTPStatus, on loop: LoopIndex) {
        parts[Int(loop.number)].statuses.value.count(status)
    }

    /// The responses and the open event streams of all loops.
    ///
    /// Any loop.
    func figures() async -> HTTPFigures {
        var all = HTTPFigures()
        for (part, roster) in zip(parts, coordinator.rosters) {
            let figures = await withCheckedContinuation { continuation in
                roster.loop.post {
                    let figures = HTTPFigures(
                        statuses: part.statuses.value,
                        streamCount: part.fan.count
                    )
                    continuation.resume(returning: figures)
                }
            }
            all.add(figures)
        }
        return all
    }

    func fan(on loop: LoopIndex) -> EventFan { parts[Int(loop.number)].fan }

    func patience(on loop: LoopIndex) -> HTTPPatience { parts[Int(loop.number)].patience }

    /// A connection for the stream, or a refusal written to it.
    ///
    /// On the loop of the flusher and the roster.
    func admit(
        _ stream: any ByteStream,
        on loop: any Loop,
        _ roster: Roster,
        _ flusher: Flusher
    ) -> HTTPConnection? {
        let (limits, census) = (coordinator.setting.limits, coordinator.setting.census)
        if let refusal = census.enter(stream, atMost: limits) {
            turnAway(stream, refusal, at: loop.reading.wall, on: loop.index)
            return nil
        }
        let client = HTTPClient(
            id: roster.nextID(),
            stream: stream,
            loop: loop,
            limits: limits,
            flusher: flusher,
            pace: Pace(of: coordinator.setting, on: loop)
        )
        roster.add(client, as: client.id)
        coordinator.setting.witness?.connectionBegan(client.id, from: stream.peer)
        patience(on: loop.index).add(client)
        return HTTPConnection(client: client, service: self)
    }

    /// Says why, as far as it fits into the socket at once, and closes.
    private func turnAway(
        _ stream: any ByteStream,
        _ refusal: Refusal,
        at wall: WallTime,
        on loop: LoopIndex
    ) {
        let reply = Problem.reply(refusal)
        count(reply.status, on: loop)
        var bytes: [UInt8] = []
        ResponseWriter.write(
            reply.status,
            ResponseFrame(date: date(at: wall, on: loop), closes: true),
            type: reply.type,
            fields: reply.fields,
            body: reply.body,
            into: &bytes
        )
        _ = try? stream.write(bytes.span)
        stream.finishWriting()
        stream.close()
    }
}
