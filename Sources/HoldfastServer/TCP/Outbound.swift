// What is rendered for a connection and not yet taken by the kernel. All lines of a turn leave in
// one write; an idle connection keeps no buffer. Lines that may not leave before a batch is durable
// stand behind its gate, and what is rendered after them waits with them.

import HoldfastCoordinator
import HoldfastModel

/// The bytes on their way to one client.
struct Outbound {
    private(set) var bytes: [UInt8] = []
    private var sentCount = 0
    /// Of what is not written yet, with the place in the stream where it ends.
    private var receipts: [(end: UInt64, receipt: Receipt)] = []
    /// Where in the stream `bytes` begin.
    private var start: UInt64 = 0
    private var gates: [Gate] = []
    /// Lines behind gates.
    private(set) var gatedCount = 0

    /// Where lines stand that leave when a batch is durable, one behind the other.
    private struct Gate {
        var batch: UInt64
        var start: UInt64
        var end: UInt64
        var count = 1
    }

    // Always inlined: else a look would copy all of it.
    @inline(__always) var count: Int { bytes.count - sentCount }
    @inline(__always) var isEmpty: Bool { count == 0 }

    /// Lets `body` append rendered lines; the receipts are kept until they are written.
    mutating func append(
        _ receipt: Receipt? = nil,
        _ others: [Receipt] = [],
        _ body: (inout [UInt8]) -> Void
    ) {
        body(&bytes)
        if let receipt { receipts.append((start + UInt64(bytes.count), receipt)) }
        for other in others { receipts.append((start + UInt64(bytes.count), other)) }
    }

    /// The same for one line that leaves when the batch is durable, or at once where that is 0.
    ///
    /// Whether it is the first behind the gate of this batch.
    @inline(__always)
    mutating func append(
        _ receipt: Receipt? = nil,
        behind batch: UInt64,
        _ body: (inout [UInt8]) -> Void
    ) -> Bool {
        let before = start + UInt64(bytes.count)
        append(receipt, [], body)
        return batch > 0 && addGate(batch, from: before)
    }

    private mutating func addGate(_ batch: UInt64, from before: UInt64) -> Bool {
        gatedCount += 1
        let (last, end) = (gates.count - 1, start + UInt64(bytes.count))
        let isKnown = last >= 0 && gates[last].batch == batch
        if isKnown, gates[last].end == before {
            gates[last].end = end
            gates[last].count += 1
        } else {
            gates.append(Gate(batch: batch, start: before, end: end))
        }
        return !isKnown
    }

    /// What stands behind the gates of these batches may leave; whether that is anything.
    mutating func open(upTo batch: UInt64) -> Bool {
        let opened = gates.prefix { $0.batch <= batch }
        guard !opened.isEmpty else { return false }
        gatedCount -= opened.reduce(0) { $0 + $1.count }
        gates.removeFirst(opened.count)
        return true
    }

    /// Writes something else for every line behind a gate, and opens them all.
    ///
    /// Their receipts are dropped: what they would take back was never told.
    mutating func replaceGated(_ body: (Span<UInt8>, inout [UInt8]) -> Void) {
        var (all, kept): ([UInt8], [(end: UInt64, receipt: Receipt)]) = ([], [])
        var place = start
        for gate in gates + [Gate(batch: 0, start: .max, end: .max)] {
            let (from, to) = (place, min(gate.start, start + UInt64(bytes.count)))
            for (end, receipt) in receipts where end > from && end <= to {
                kept.append((start + UInt64(all.count) + (end - from), receipt))
            }
            all += bytes[Int(from - start)..<Int(to - start)]
            place = gate.end
            guard gate.end < .max else { break }
            let lines = bytes[Int(gate.start - start)..<Int(gate.end - start)]
            for line in lines.split(separator: 0x0a) { body(Array(line).span, &all) }
        }
        (bytes, receipts, gates, gatedCount) = (all, kept, [], 0)
    }

    /// What may leave now, and has not.
    var readyCount: Int { readyEnd - sentCount }

    /// Up to the first gate.
    @inline(__always)
    private var readyEnd: Int {
        gates.isEmpty ? bytes.count : Int(gates[0].start - start)
    }

    /// The same where what waits is no more than `limit` afterwards; else nothing, and false.
    mutating func append(upTo limit: Int, _ body: (inout [UInt8]) -> Void) -> Bool {
        guard count < limit else { return false }
        let countBefore = bytes.count
        body(&bytes)
        guard count > limit else { return true }
        bytes.removeLast(bytes.count - countBefore)
        return false
    }

    /// Writes what the stream takes now; true when nothing is left that may leave.
    mutating func write(to stream: any ByteStream) throws(StreamError) -> (done: Bool, count: Int) {
        var written = 0
        let end = readyEnd
        while sentCount < end {
            let count = try stream.write(bytes.span.extracting(sentCount..<end))
            guard count > 0 else { break }
            sentCount += count
            written += count
        }
        let isDone = sentCount == end
        forgetReceipts()
        compact()
        return (isDone, written)
    }

    /// The connection is over: gives the receipts of what was not written.
    mutating func removeAll() -> [Receipt] {
        defer { self = Outbound() }
        return receipts.map(\.receipt)
    }

    /// Nothing is written and no room is kept for more.
    var isBare: Bool { bytes.capacity == 0 }

    /// Room for what comes next, from somebody who needs it no more.
    mutating func use(_ buffer: consuming [UInt8]) { bytes = buffer }

    /// The buffer, where it is empty and more than a connection may keep.
    mutating func takeOutgrown() -> [UInt8]? {
        guard bytes.isEmpty, bytes.capacity > Outbound.keptBytesMax else { return nil }
        var buffer: [UInt8] = []
        swap(&buffer, &bytes)
        return buffer
    }

    private mutating func forgetReceipts() {
        guard !receipts.isEmpty else { return }
        let sent = start + UInt64(sentCount)
        if isEmpty {
            receipts.removeAll(keepingCapacity: receipts.capacity <= Outbound.keptReceiptsMax)
        } else {
            receipts.removeAll { $0.end <= sent }
        }
    }

    private mutating func compact() {
        start += UInt64(sentCount)
        defer { start -= UInt64(sentCount) }
        if sentCount == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            sentCount = 0
        } else if sentCount >= Outbound.compactBytes, sentCount * 2 >= bytes.count {
            bytes.removeFirst(sentCount)
            sentCount = 0
        }
    }

    /// What a connection may keep between turns.
    private static let keptBytesMax = 2_048
    private static let keptReceiptsMax = 8
    private static let compactBytes = 65_536
}
