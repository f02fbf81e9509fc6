// The event streams of one loop: what the hub hands over in bundles is given to each of them here.

import HoldfastModel

/// Gives events to the streams of its loop.
final class EventFan: Sendable {
    private let loop: any Loop
    private let streams: LoopBound<[EventStream]>

    init(loop: any Loop) {
        self.loop = loop
        streams = LoopBound([], on: loop)
    }

    var count: Int { streams.value.count }

    func add(_ stream: EventStream) { streams.value.append(stream) }

    func remove(_ stream: EventStream) { streams.value.removeAll { $0 === stream } }

    /// Any loop.
    func post(_ events: [HubEvent]) {
        loop.post {
            for stream in self.streams.value { stream.take(events) }
        }
    }
}
