// Which clients of a loop have something to write. Marked during a turn and flushed at its end, so
// that a client gets one write a turn, however many replies and events that is.

import HoldfastCoordinator
import HoldfastModel

/// A client whose bytes leave at the end of a turn.
protocol FlushedClient: ClientConnection {
    var id: ConnectionID { get }

    /// Renders what is due and writes; gives how many bytes left.
    func flush() -> Int

    /// Rule 32: called once a second while something could not be written.
    func closeIfTooSlow(at now: Instant)

    /// The same while memory is short: nobody has a while then.
    func closeIfBehind(by count: Int)

    /// The server stops.
    func stop(_ reason: StopReason)

    func close()
}

/// Writes for all clients of one loop at the end of each turn.
final class Flusher: Sendable {
    private let loop: any Loop
    private let shard: Shard
    private let marked: LoopBound<[any FlushedClient]>
    private let stalled: LoopBound<[ConnectionID: any FlushedClient]>
    /// Buffers of clients that wrote everything: the replies of one read may be more than a client keeps room for, and
    /// to grow a buffer anew each turn costs more than to write it.
    private let spares: LoopBound<[[UInt8]]>

    private static let sparesMax = 64
    private static let spareBytesMax = 16_384
    /// What may wait to be written while memory is short.
    private static let bytesWhileShort = 65_536

    init(shard: Shard) {
        self.shard = shard
        loop = shard.home.loop
        marked = LoopBound([], on: loop)
        stalled = LoopBound([:], on: loop)
        spares = LoopBound([], on: loop)
        loop.atEndOfTurn { [weak self] in self?.flush() }
    }

    func mark(_ client: any FlushedClient) { marked.value.append(client) }

    func takeSpare() -> [UInt8]? { spares.value.popLast() }

    func keepSpare(_ buffer: consuming [UInt8]) {
        guard spares.value.count < Flusher.sparesMax, buffer.capacity <= Flusher.spareBytesMax
        else { return }
        spares.value.append(buffer)
    }

    func noteStalled(_ client: any FlushedClient) { stalled.value[client.id] = client }

    func forgetStalled(_ client: any FlushedClient) {
        guard !stalled.value.isEmpty else { return }
        stalled.value[client.id] = nil
        if stalled.value.isEmpty { stalled.value = [:] }
    }

    private func flush() {
        var bytesOut = 0
        // A client that has more to say when it has written is flushed again: there may be no other turn for long.
        while !marked.value.isEmpty {
            var clients: [any FlushedClient] = []
            swap(&clients, &marked.value)
            for client in clients { bytesOut += client.flush() }
            // Keeps the array, not the clients.
            clients.removeAll(keepingCapacity: clients.count <= 1_024)
            if marked.value.isEmpty { swap(&clients, &marked.value) }
        }
        if bytesOut > 0 { shard.count(bytesIn: 0, bytesOut: bytesOut) }
    }

    /// Looks at the clients that do not read, once a second, until the task is cancelled.
    func watchStalled() async {
        let alarm = loop.makeAlarm()
        repeat {
            let now = loop.reading.now
            let slow = stalled.value.sorted { $0.key.bits < $1.key.bits }
            let isShort = shard.isShortOfMemory
            for (_, client) in slow {
                if isShort { client.closeIfBehind(by: Flusher.bytesWhileShort) }
                client.closeIfTooSlow(at: now)
            }
            alarm.set(for: now + .seconds(1))
        } while await alarm.rings()
    }
}
