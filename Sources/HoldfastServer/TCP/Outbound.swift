// What is rendered for a connection and not yet taken by the kernel. All lines of a turn leave in
// one write; an idle connection keeps no buffer.

import HoldfastModel

/// The bytes on their way to one client.
struct Outbound {
    private(set) var bytes: [UInt8] = []
    private var sentCount = 0

    var count: Int { bytes.count - sentCount }
    var isEmpty: Bool { count == 0 }

    /// Lets `body` append rendered lines.
    mutating func append(_ body: (inout [UInt8]) -> Void) { body(&bytes) }

    /// Writes what the stream takes now; true when nothing is left.
    mutating func write(to stream: any ByteStream) throws(StreamError) -> (done: Bool, count: Int) {
        var written = 0
        while sentCount < bytes.count {
            let count = try stream.write(bytes.span.extracting(sentCount..<bytes.count))
            guard count > 0 else { break }
            sentCount += count
            written += count
        }
        compact()
        return (isEmpty, written)
    }

    mutating func removeAll() {
        bytes = []
        sentCount = 0
    }

    private mutating func compact() {
        if sentCount == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Outbound.keptBytesMax)
            sentCount = 0
        } else if sentCount >= Outbound.compactBytes, sentCount * 2 >= bytes.count {
            bytes.removeFirst(sentCount)
            sentCount = 0
        }
    }

    /// What a connection may keep between turns.
    private static let keptBytesMax = 2_048
    private static let compactBytes = 65_536
}
