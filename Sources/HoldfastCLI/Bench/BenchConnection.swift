// One connection of the generator: `pipeline` slots, each in a cycle of its own. A closed loop: a slot
// starts its next cycle with the reply that ends the last one, and everything one read brought is answered
// in one write.

import HoldfastModel
import HoldfastSystem
import HoldfastWire

/// A connection under load, used on its loop only.
final class BenchConnection {
    private struct Slot {
        var sentAt = Instant.zero
        var cycle: UInt64 = 0
        var isReleasing = false
        var isIdle = true
    }

    private let stream: any ByteStream
    private let loop: EventLoop
    private let plan: BenchPlan
    /// The number of its first slot among all slots.
    private let firstSlot: Int
    private var slots: [Slot]
    private let acquireParts: [BenchLine]
    private let releaseParts: [BenchLine]
    private var framer = LineFramer(limit: 1_048_576)
    private var outbound: [UInt8] = []
    private var isFull = false
    private(set) var isBroken = false

    /// Cleared between the warm-up and the measurement.
    var tally = Tally()
    /// No new cycles.
    var isEnding = false

    struct Tally {
        var cycles: UInt64 = 0
        var errors: UInt64 = 0
        var acquire = Histogram()
        var release = Histogram()
    }

    init(_ stream: any ByteStream, on loop: EventLoop, plan: BenchPlan, number: Int) {
        self.stream = stream
        self.loop = loop
        self.plan = plan
        firstSlot = number * plan.pipeline
        slots = Array(repeating: Slot(), count: plan.pipeline)
        acquireParts = (0..<plan.pipeline).map(plan.acquireParts)
        releaseParts = (0..<plan.pipeline).map(BenchPlan.releaseParts)
    }

    var isIdle: Bool { isBroken || slots.allSatisfy(\.isIdle) }

    func close() { stream.close() }

    /// Cycles until it is told to end, the server goes away or the task is cancelled.
    func run() async {
        let now = loop.reading.now
        for index in slots.indices { begin(index, at: now) }
        flush()
        while !isBroken, !Task.isCancelled, !(isEnding && isIdle) {
            await stream.readable()
            readAll()
            flush()
        }
    }

    private func readAll() {
        while !isBroken {
            let outcome = try? stream.read { bytes in
                let now = loop.reading.now
                framer.feed(bytes) { piece, line in
                    if piece == .line { take(line, at: now) }
                    return .goOn
                }
            }
            switch outcome {
            case .bytes?: flush()
            case .wouldBlock?: return
            case .endOfInput?, nil: isBroken = true
            }
        }
    }

    private func take(_ line: Span<UInt8>, at now: Instant) {
        guard let reply = BenchReply(line), slots.indices.contains(reply.id) else { return }
        let index = reply.id
        let elapsed = (now - slots[index].sentAt).nanoseconds
        guard reply.isOK else {
            tally.errors += 1
            return end(index, at: now)
        }
        if slots[index].isReleasing {
            tally.release.add(elapsed)
            tally.cycles += 1
            end(index, at: now)
        } else if let ticket = reply.ticket {
            tally.acquire.add(elapsed)
            release(index, line.extracting(ticket), at: now)
        }
    }

    private func begin(_ index: Int, at now: Instant) {
        let resource = plan.resource(ofSlot: firstSlot + index, cycle: slots[index].cycle)
        acquireParts[index].append(resource, to: &outbound)
        slots[index].sentAt = now
        slots[index].isReleasing = false
        slots[index].isIdle = false
    }

    private func release(_ index: Int, _ ticket: Span<UInt8>, at now: Instant) {
        releaseParts[index].append(ticket, to: &outbound)
        slots[index].sentAt = now
        slots[index].isReleasing = true
    }

    private func end(_ index: Int, at now: Instant) {
        slots[index].cycle += 1
        slots[index].isIdle = true
        if !isEnding { begin(index, at: now) }
    }

    private func flush() {
        guard !outbound.isEmpty, !isFull, !isBroken else { return }
        let bytes = outbound
        var start = 0
        while start < bytes.count, !isFull, !isBroken {
            do {
                start += try send(bytes.span.extracting(start..<bytes.count))
            } catch {
                isBroken = true
            }
        }
        outbound = Array(bytes[start...])
    }

    /// Writes what fits; if nothing does, waits for room.
    private func send(_ bytes: Span<UInt8>) throws(StreamError) -> Int {
        let count = try stream.write(bytes)
        if count == 0 {
            isFull = true
            let own = LoopBound(self, on: loop)
            stream.whenWritable { own.value.roomAgain() }
        }
        return count
    }

    private func roomAgain() {
        isFull = false
        flush()
    }
}
