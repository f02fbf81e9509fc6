// What is rendered for a connection and not yet taken by the kernel. All lines of a turn leave in
// one write; an idle connection keeps no buffer.

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

    /// The same where what waits is no more than `limit` afterwards; else nothing, and false.
    mutating func append(upTo limit: Int, _ body: (inout [UInt8]) -> Void) -> Bool {
        guard count < limit else { return false }
        let countBefore = bytes.count
        body(&bytes)
        guard count > limit else { return true }
        bytes.removeLast(bytes.count - countBefore)
        return false
    }

    /// Writes what the stream takes now; true when nothing is left.
    mutating func write(to stream: any ByteStream) throws(StreamError) -> (done: Bool, count: Int) {
        var written = 0
        while sentCount < bytes.count {
            let count = try stream.write(bytes.span.extracting(sentCount..<bytes.count))
            guard count > 0 else { break }
            sentCount += count
            written += count
        }
        forgetReceipts()
        compact()
        return (isEmpty, written)
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
