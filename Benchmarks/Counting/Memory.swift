// What a held lock costs in memory, and whether it is given back. The client's own memory is set aside
// before the first measurement and its thread is not counted, so the differences are the server's.

import CCounting
import Glibc

/// The memory of a server before, with and after many held locks.
struct MemoryRun {
    var lockCount: Int
    var port: UInt16

    /// Tickets of one principal; below the default limit of 100,000.
    private let locksPerPrincipal = 50_000
    /// Requests in one write; below the default limit of 1,024 in flight.
    private let batch = 500

    /// A ticket's id is at most 40 bytes (rule 3).
    private static let ticketBytesMax = 40

    struct Reading: Sendable {
        var live: Int64
        var heap: Int64
        var resident: Int64

        static func now() -> Reading {
            let memory = counting_memory_now()
            return Reading(
                live: counting_now().live_bytes,
                heap: Int64(memory.heap_bytes),
                resident: Int64(memory.resident_bytes)
            )
        }

        static func - (left: Reading, right: Reading) -> Reading {
            Reading(
                live: left.live - right.live,
                heap: left.heap - right.heap,
                resident: left.resident - right.resident
            )
        }

        func line(per count: Int) -> String {
            func each(_ bytes: Int64) -> String { (Double(bytes) / Double(count)).text }
            return "live \(each(live))  heap \(each(heap))  resident \(each(resident))"
        }
    }

    /// Holds the locks, releases them, and waits until what is left is below `allowance` or `seconds` are over.
    func run(allowance: Int64, seconds: Int) throws -> (held: Reading, left: Reading) {
        var tickets = [UInt8](repeating: 0x20, count: lockCount * Self.ticketBytesMax)
        let before = Reading.now()
        try forEachPeer { peer, locks in try acquire(locks, of: peer, into: &tickets) }
        let held = settled() - before
        try forEachPeer { peer, locks in try release(locks, of: peer, from: tickets) }
        var left = Reading.now() - before
        for _ in 0..<(seconds * 10) where max(left.live, left.heap, left.resident) > allowance {
            poll(nil, 0, 100)
            left = Reading.now() - before
        }
        return (held, left)
    }

    /// Locks where nothing happens go to rest; read once nothing more is given back.
    private func settled() -> Reading {
        var (reading, isFalling) = (Reading.now(), true)
        for _ in 0..<60 where isFalling {
            poll(nil, 0, 2_000)
            let next = Reading.now()
            isFalling = next.live < reading.live
            reading = next
        }
        return reading
    }

    private func forEachPeer(_ body: (Peer, Range<Int>) throws -> Void) throws {
        for first in stride(from: 0, to: lockCount, by: locksPerPrincipal) {
            let peer = try Peer(port: port)
            try peer.send(Request.hello(as: "principal-\(first / locksPerPrincipal)"))
            try peer.receive(1) { _ in }
            try body(peer, first..<min(first + locksPerPrincipal, lockCount))
        }
    }

    private func acquire(_ locks: Range<Int>, of peer: Peer, into tickets: inout [UInt8]) throws {
        for first in stride(from: locks.lowerBound, to: locks.upperBound, by: batch) {
            let part = first..<min(first + batch, locks.upperBound)
            try peer.send(part.flatMap { Request.queue("memory/\($0)", lease: 3600) })
            var next = first
            try peer.receive(part.count) { line in
                let start = next * Self.ticketBytesMax
                let ticket = try Peer.ticket(in: line)
                tickets.replaceSubrange(start..<(start + ticket.count), with: ticket)
                next += 1
            }
        }
    }

    private func release(_ locks: Range<Int>, of peer: Peer, from tickets: [UInt8]) throws {
        for first in stride(from: locks.lowerBound, to: locks.upperBound, by: batch) {
            let part = first..<min(first + batch, locks.upperBound)
            let lines = part.flatMap { lock in
                let start = lock * Self.ticketBytesMax
                let padded = tickets[start..<(start + Self.ticketBytesMax)]
                return Request.release(padded.prefix { $0 != 0x20 })
            }
            try peer.send(lines)
            try peer.receive(part.count) { _ in }
        }
    }
}
