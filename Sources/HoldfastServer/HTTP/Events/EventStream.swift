// One client of server-sent events: a response that does not end. Events that do not fit are dropped and counted, so a
// client that does not read holds no memory and is told afterwards how much it missed (rule 32).

import HoldfastCoordinator
import HoldfastCore
import HoldfastHTTPCodec
import HoldfastModel
import HoldfastWire

/// What one client is shown, and what it missed.
final class EventStream: Sendable {
    let client: HTTPClient
    private let scope: WatchScope
    private let principal: Principal
    private let authority: any Authority
    private let frame: ResponseFrame
    /// Beside those of every stream.
    private let fields: [ResponseField]
    /// What was asked that the server does not know (rule 24): a misspelt prefix would watch everything.
    private let ignored: [String]
    private let state: LoopBound<State>

    private struct State {
        /// Of the numbers of its events.
        var epoch: Int64 = 0
        /// The hub has said where the stream begins; what comes before that is in what it says.
        var hasBegun = false
        /// Goodbye was said.
        var isOver = false
        /// Dropped since the last event, of what it may see.
        var missed: UInt64 = 0
        /// Of the last event that was looked at.
        var last: UInt64 = 0
    }

    init(
        to client: HTTPClient,
        scope: WatchScope,
        principal: Principal,
        authority: any Authority,
        frame: ResponseFrame,
        fields: [ResponseField],
        ignored: [String]
    ) {
        self.client = client
        self.scope = scope
        self.principal = principal
        self.authority = authority
        self.frame = frame
        self.fields = fields
        self.ignored = ignored
        state = LoopBound(State(), on: client.loop)
    }

    /// Where the stream begins: only now its response does, too, so that nothing is missed behind it.
    func begin(_ beginning: EventHub.Beginning) {
        guard client.isOpen, !state.value.isOver else { return }
        state.value.epoch = beginning.mark.epoch
        state.value.last = beginning.mark.number
        switch beginning.missed {
        case .none: beginResponse(at: beginning.mark)
        case .count(let count):
            beginResponse(at: nil)
            // Of what it may not see nobody tells it how much there was.
            _ = tellGap(of: seesEverything ? count : nil, until: beginning.mark.number)
        case .unknown:
            beginResponse(at: nil)
            _ = tellGap(of: nil, until: beginning.mark.number)
        }
        take(beginning.events)
    }

    private var seesEverything: Bool {
        scope == .everything && authority.rightsOnEverything(of: principal).contains(.read)
    }

    /// Where the client is not told of a gap first, it stands at the mark from the first byte on.
    private func beginResponse(at mark: EventMark?) {
        guard !state.value.hasBegun else { return }
        state.value.hasBegun = true
        client.append { buffer in
            ResponseWriter.beginStream(
                .ok,
                frame,
                type: "text/event-stream",
                // A proxy that gathers responses would hold events back.
                fields: [ResponseField("X-Accel-Buffering", "no")] + fields,
                into: &buffer
            )
            ResponseWriter.piece(frame, into: &buffer) {
                EventStreamWriter.begin(
                    retryMilliseconds: 1_000,
                    id: mark?.text,
                    comment: ignored.isEmpty
                        ? nil : "ignored " + ignored.joined(separator: ", "),
                    into: &$0
                )
            }
        }
    }

    func take(_ events: [HubEvent]) {
        guard state.value.hasBegun, !state.value.isOver else { return }
        for event in events where event.number > state.value.last {
            state.value.last = event.number
            if isShown(event) { tell(event) }
        }
    }

    private func isShown(_ event: HubEvent) -> Bool {
        scope.covers(event.resource)
            && authority.mayRead(event.resource, principal, at: client.loop.reading.wall)
    }

    private func tell(_ event: HubEvent) {
        let missed = state.value.missed
        guard missed == 0 || tellGap(of: missed, until: event.number - 1) else {
            state.value.missed += 1
            return
        }
        state.value.missed = 0
        let id = EventMark(epoch: state.value.epoch, number: event.number).text
        let isTold = client.append(upTo: client.limits.outboundBytes) { buffer in
            ResponseWriter.piece(frame, into: &buffer) {
                EventStreamWriter.write(event: event.name, id: id, data: event.data, into: &$0)
            }
        }
        if !isTold { state.value.missed += 1 }
    }

    /// Whoever comes back behind the gap is not told of it again.
    private func tellGap(of count: UInt64?, until number: UInt64) -> Bool {
        let id = EventMark(epoch: state.value.epoch, number: number).text
        var data: [UInt8] = []
        JSONWriter.append(to: &data) { writer in
            writer.beginObject()
            writer.member("event", "gap")
            if let count { writer.member("missed", count) }
            writer.endObject()
        }
        return client.append(upTo: client.limits.outboundBytes) { buffer in
            ResponseWriter.piece(frame, into: &buffer) {
                EventStreamWriter.write(event: "gap", id: id, data: data, into: &$0)
            }
        }
    }

    /// The client has caught up: it learns what it missed, though nothing new happens.
    func tellGapIfAny() {
        let missed = state.value.missed
        guard missed > 0, tellGap(of: missed, until: state.value.last) else { return }
        state.value.missed = 0
    }

    /// A word that is none, so that nobody takes the connection for dead.
    func keepAlive() {
        guard state.value.hasBegun else { return }
        _ = client.append(upTo: client.limits.outboundBytes) { buffer in
            ResponseWriter.piece(frame, into: &buffer) { EventStreamWriter.keepAlive(into: &$0) }
        }
    }

    /// Nothing comes any more; `reason` is why the server ends it, where it does.
    func end(saying reason: Goodbye?) {
        beginResponse(at: nil)
        state.value.isOver = true
        if let reason { sayGoodbye(reason) }
        client.append { ResponseWriter.endStream(frame, into: &$0) }
    }

    private func sayGoodbye(_ reason: Goodbye) {
        let data = Array(#"{"event":"goodbye","reason":"\#(reason.rawValue)"}"#.utf8)
        client.append { buffer in
            ResponseWriter.piece(frame, into: &buffer) {
                EventStreamWriter.write(event: "goodbye", id: nil, data: data, into: &$0)
            }
        }
    }

    static let keepAliveInterval = Interval.seconds(15)
}
