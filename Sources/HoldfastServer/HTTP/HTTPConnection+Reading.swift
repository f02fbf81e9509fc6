// How the bytes of a connection come to its reader of requests: while it waits for requests, beside what it waits for,
// and when it waits for nothing any more.

import HoldfastCoordinator
import HoldfastHTTPCodec
import HoldfastModel

extension HTTPConnection {
    /// Nil when the connection broke.
    func read() -> ReadOutcome? {
        try? client.stream.read { bytes in reader.feed(copy bytes) }
    }

    func armIdle() {
        arm(reader.hasBegun ? service.setting.sendPatience : service.setting.idlePatience)
    }

    func arm(_ patience: Interval) {
        client.state.value.deadline = client.loop.reading.now + patience
    }

    /// Reads while an answer is waited for: later requests are kept, the end of the input ends the wait.
    func readUntilEnd() async { await readAside { client.isWaiting } }

    /// Reads while the server is not ready, because a client that goes away has to leave its place to another.
    func readUntilStart() async {
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
    func discardInput() async {
        while !client.isClosed, !client.state.value.isLate, !Task.isCancelled {
            switch try? client.stream.read({ _ in }) {
            case .bytes: continue
            case .wouldBlock: await client.stream.readable()
            case .endOfInput, nil: return
            }
        }
    }

    func leaveBehindNothing() {
        service.patience(on: client.loop.index).forget(client)
        coordinator.rosters[Int(client.loop.index.number)].remove(client.id)
        coordinator.setting.census.leave(client.stream)
        coordinator.setting.witness?.connectionEnded(client.id)
        client.visitor.leave()
    }
}
