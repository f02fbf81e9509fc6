// One watch for all event streams of a server. The hub lives on the first loop, takes every notice, numbers and renders
// it once, and hands it to the other loops in one bundle a turn; there each stream takes what it asked for. So two
// thousand browsers cost the shards as much as one, all of them count alike, and a client that comes back is shown what
// is still remembered. While nobody looks on, and nobody did a moment ago, the shards are not watched at all. Rejected:
// a watch for each stream, whose numbers would mean nothing on the next connection.

import HoldfastCoordinator
import HoldfastModel
import HoldfastWire

/// A notice, numbered and rendered.
struct HubEvent: Sendable {
    var number: UInt64
    var name: String
    var resource: ResourcePath
    var data: [UInt8]
}

/// Takes every notice and remembers the last ones.
final class EventHub: ClientConnection {
    let id: ConnectionID
    let loop: any Loop
    private let fans: [EventFan]
    /// Unowned: it has a roster, and that has the hub.
    unowned let coordinator: Coordinator
    let alarm: any Alarm
    let state: LoopBound<State>

    struct State {
        /// Tells numbers that go on one after another from those of another server, or from before a time in which
        /// nobody watched.
        var epoch: Int64
        var streamCount = 0
        var isWatching = false
        /// Those that wait until all shards are watched; nil where all are.
        var starters: [CheckedContinuation<Void, Never>]?
        /// In the order of their numbers, from `first` on.
        var remembered: [HubEvent] = []
        var first: UInt64 = 1
        /// Not yet handed to the other loops.
        var fresh: [HubEvent] = []

        /// What happens from now on is not seen.
        mutating func forget(at wall: WallTime) {
            (remembered, fresh) = ([], [])
            first = 1
            epoch = max(epoch + 1, wall.microseconds)
        }
    }

    /// So many events can be made up for.
    static let rememberedMax = 4_096
    /// How long the shards are watched for whoever comes back.
    static let lingering = Interval.seconds(60)
    /// The number of its watch on every shard.
    static let watch: UInt64 = 1

    /// On the first loop's roster, before the loops run.
    init(_ coordinator: Coordinator, fans: [EventFan]) {
        let roster = coordinator.rosters[0]
        loop = roster.loop
        self.fans = fans
        self.coordinator = coordinator
        alarm = loop.makeAlarm()
        // No connection of a roster gets as far.
        id = ConnectionID(serial: 1 << 55, loop: loop.index)
        state = LoopBound(State(epoch: loop.reading.wall.microseconds), on: loop)
    }

    /// Has the stream go on behind an event that its client saw last; it hears of it in order with what is new.
    ///
    /// Any loop.
    func bring(_ stream: EventStream, behind last: EventMark?) {
        loop.post {
            let beginning = self.beginning(behind: last)
            stream.client.loop.post { stream.begin(beginning) }
        }
    }

    /// Where a stream begins.
    struct Beginning: Sendable {
        /// What its client can count as seen, because it was, or is told of as missed.
        var mark: EventMark
        /// How much came before that and is lost.
        var missed: Missed
        /// What came behind it.
        var events: [HubEvent]
    }

    private func beginning(behind last: EventMark?) -> Beginning {
        let (first, epoch) = (state.value.first, state.value.epoch)
        let next = first + UInt64(state.value.remembered.count)
        let present = EventMark(epoch: epoch, number: next - 1)
        guard let last else { return Beginning(mark: present, missed: .none, events: []) }
        guard last.epoch == epoch, last.number < next else {
            return Beginning(mark: present, missed: .unknown, events: [])
        }
        let wanted = max(last.number + 1, first)
        let missed = wanted - last.number - 1
        return Beginning(
            mark: EventMark(epoch: epoch, number: wanted - 1),
            missed: missed == 0 ? .none : .count(missed),
            events: Array(state.value.remembered[Int(wanted - first)...])
        )
    }

    /// Events of all resources.
    enum Missed: Hashable, Sendable {
        case none
        case count(UInt64)
        case unknown
    }

    // MARK: - The shards' side

    var isGone: Bool { false }

    func take(_ notice: Notice, for watch: UInt64) {
        let number = state.value.first + UInt64(state.value.remembered.count)
        var event = HubEvent(
            number: number,
            name: notice.kind.rawValue,
            resource: notice.resource,
            data: []
        )
        EventWriter.write(notice, into: &event.data)
        state.value.remembered.append(event)
        if state.value.remembered.count >= EventHub.rememberedMax * 2 {
            state.value.remembered.removeFirst(EventHub.rememberedMax)
            state.value.first += UInt64(EventHub.rememberedMax)
        }
        if state.value.fresh.isEmpty { loop.post { self.handOut() } }
        state.value.fresh.append(event)
    }

    private func handOut() {
        var events: [HubEvent] = []
        swap(&events, &state.value.fresh)
        for fan in fans { fan.post(events) }
    }

    func take(_ answer: Answer, to request: UInt64, _ receipt: Receipt?) { receipt?.sendBack() }
    func takeWait(_ request: UInt64, on wait: WaitPlace) {}
    func take(_ event: TicketEvent, _ receipt: Receipt?) { receipt?.sendBack() }
    func takeGoodbye(_ reason: Goodbye) {}
}

/// Where a client stands: the id of the last event that it saw.
struct EventMark: Hashable, Sendable {
    var epoch: Int64
    var number: UInt64

    init(epoch: Int64, number: UInt64) {
        self.epoch = epoch
        self.number = number
    }

    /// "1790000000000000-17"; nil for what no server said.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let epoch = Int64(parts[0]), let number = UInt64(parts[1]) else {
            return nil
        }
        (self.epoch, self.number) = (epoch, number)
    }

    var text: String { "\(epoch)-\(number)" }
}
