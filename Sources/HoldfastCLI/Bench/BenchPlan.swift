// What the generator sends: request lines made ready before the clock runs, so that making them costs the
// measured server nothing.

package import HoldfastModel
import HoldfastWire

package struct BenchPlan: Sendable {
    package var connections: Int
    package var pipeline: Int
    package var resources: Int
    package var keys: BenchKeys
    package var mode: Mode
    package var lease: Interval
    /// Tells the resources of one run from those of another.
    package var label: String

    package init(
        connections: Int,
        pipeline: Int,
        resources: Int,
        keys: BenchKeys,
        mode: Mode,
        lease: Interval,
        label: String
    ) {
        self.connections = connections
        self.pipeline = pipeline
        self.resources = resources
        self.keys = keys
        self.mode = mode
        self.lease = lease
        self.label = label
    }

    /// Cycles under way at the same time; each has a slot.
    package var slotCount: Int { connections * pipeline }

    /// The resource of a slot's cycle: its own ones in turn, or all slots over the shared ones.
    package func resource(ofSlot slot: Int, cycle: UInt64) -> Int {
        switch keys {
        case .own:
            let count = max(1, resources / slotCount)
            return slot + Int(cycle % UInt64(count)) * slotCount
        case .contended:
            // Odd multiplier: every slot walks through all of them, each in another order.
            return Int((UInt64(slot) &* 2_654_435_761 &+ cycle) % UInt64(max(1, resources)))
        }
    }

    /// What stands before and after the number of the resource in the request that begins a cycle; `id` is the
    /// slot's number on its connection.
    package func acquireParts(id: Int) -> BenchLine {
        var line: [UInt8] = []
        let operation = keys == .own ? OperationName.queue : .lock
        RequestWriter.write(operation, id: .number(UInt64(id)), into: &line) { writer in
            writer.member("resource", "bench/\(label)/")
            writer.member("lease", lease)
            switch mode {
            case .exclusive: break
            case .shared: writer.member("mode", "shared")
            case .permit(let count, let of):
                writer.member("mode", "permit")
                writer.member("permits", Int(count))
                writer.member("of", Int(of))
            }
            writer.member("notify", "none")
        }
        // The number belongs behind the last slash: no field after the resource has one.
        let end = line.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? line.endIndex
        return BenchLine(head: Array(line[..<end]), tail: Array(line[end...]))
    }

    /// What stands before and after the ticket in the request that ends a cycle.
    package static func releaseParts(id: Int) -> BenchLine {
        BenchLine(
            head: Array("{\"id\":\(id),\"op\":\"release\",\"ticket\":\"".utf8),
            tail: Array("\"}\n".utf8)
        )
    }
}

/// A request line with a hole for what differs from cycle to cycle.
package struct BenchLine: Sendable {
    package var head: [UInt8]
    package var tail: [UInt8]

    /// Appends the line with a number in the hole.
    package func append(_ number: Int, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: head)
        var power = 1
        while number / power >= 10 { power *= 10 }
        while power > 0 {
            buffer.append(UInt8(0x30 + number / power % 10))
            power /= 10
        }
        buffer.append(contentsOf: tail)
    }

    /// Appends the line with a text in the hole.
    package func append(_ text: Span<UInt8>, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: head)
        for index in text.indices { buffer.append(text[index]) }
        buffer.append(contentsOf: tail)
    }
}

/// A reply as far as the generator needs it: `id` comes first (PROTOCOL §1), then `ok`, then the ticket.
package struct BenchReply: Equatable {
    package var id: Int
    package var isOK: Bool
    /// Where the ticket stands in the line.
    package var ticket: Range<Int>?

    /// Nil for an event, or for what a server of ours does not send.
    package init?(_ line: Span<UInt8>) {
        var index = BenchReply.idHead.count
        guard line.count > index, BenchReply.has(line, BenchReply.idHead, at: 0) else { return nil }
        var id = 0
        while index < line.count, line[index] >= 0x30, line[index] <= 0x39, id < 1 << 40 {
            id = id * 10 + Int(line[index] - 0x30)
            index += 1
        }
        self.id = id
        isOK = BenchReply.has(line, BenchReply.okText, at: index)
        index += BenchReply.okText.count
        guard BenchReply.has(line, BenchReply.ticketText, at: index) else { return }
        let start = index + BenchReply.ticketText.count
        var end = start
        while end < line.count, line[end] != 0x22 { end += 1 }
        ticket = start..<end
    }

    private static let idHead = Array("{\"id\":".utf8)
    private static let okText = Array(",\"ok\":true".utf8)
    private static let ticketText = Array(",\"ticket\":\"".utf8)

    private static func has(_ line: Span<UInt8>, _ text: [UInt8], at start: Int) -> Bool {
        guard start + text.count <= line.count else { return false }
        for index in text.indices where line[start + index] != text[index] { return false }
        return true
    }
}
