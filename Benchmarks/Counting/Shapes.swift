// The traffic that is counted. A cycle is an acquire and its release; expected per cycle, before any
// measuring: two reads and two writes with one request in flight, an eighth of each with sixteen; no
// enqueue of an executor; allocations only for what outlives the cycle (the finished ticket, its id).

/// A pattern of requests that repeats.
enum Shape: String, CaseIterable {
    /// One connection, one resource, one request in flight.
    case oneInFlight = "one in flight"
    /// One connection and sixteen resources, sixteen requests in flight.
    case sixteenDeep = "sixteen in flight"
    /// Four connections that wait for one resource and hand it on.
    case handOver = "hand-over"
    /// One connection that is kept, one resource, one request in flight.
    case http = "over HTTP"

    /// Runs about so many cycles and returns how many they were.
    func run(
        cycles: Int,
        ports: Ports,
        during count: (() throws -> Void) throws -> Void
    ) throws -> Int {
        let port = ports.line
        return switch self {
        case .oneInFlight: try uncontended(depth: 1, cycles: cycles, port: port, during: count)
        case .sixteenDeep: try uncontended(depth: 16, cycles: cycles, port: port, during: count)
        case .handOver: try handOver(waiters: 3, cycles: cycles, port: port, during: count)
        case .http: try overHTTP(cycles: cycles, port: ports.http, during: count)
        }
    }

    private func overHTTP(
        cycles: Int,
        port: UInt16,
        during count: (() throws -> Void) throws -> Void
    ) throws -> Int {
        let peer = try Peer(port: port)
        let acquire = Request.post("/v1/tickets", #"{"resource":"count/http","lease":30}"#)
        let round = {
            var release: [UInt8] = []
            try peer.send(acquire)
            try peer.receiveResponse { release = Request.delete(try Peer.ticket(in: $0)) }
            try peer.send(release)
            try peer.receiveResponse { _ in }
        }
        for _ in 0..<(cycles / 10) { try round() }
        try count { for _ in 0..<cycles { try round() } }
        return cycles
    }

    private func uncontended(
        depth: Int,
        cycles: Int,
        port: UInt16,
        during count: (() throws -> Void) throws -> Void
    ) throws -> Int {
        let peer = try Peer(port: port)
        let acquire = (0..<depth).flatMap { Request.queue("count/\($0)") }
        let rounds = cycles / depth
        let round = {
            var release: [UInt8] = []
            try peer.send(acquire)
            try peer.receive(depth) { release += Request.release(try Peer.ticket(in: $0)) }
            try peer.send(release)
            try peer.receive(depth) { _ in }
        }
        for _ in 0..<(rounds / 10) { try round() }
        try count { for _ in 0..<rounds { try round() } }
        return rounds * depth
    }

    private func handOver(
        waiters: Int,
        cycles: Int,
        port: UInt16,
        during count: (() throws -> Void) throws -> Void
    ) throws -> Int {
        let resource = "count/handed"
        let peers = try (0...waiters).map { _ in try Peer(port: port) }
        var release: [UInt8] = []
        try peers[0].send(Request.lock(resource))
        try peers[0].receive(1) { release = Request.release(try Peer.ticket(in: $0)) }
        for peer in peers.dropFirst() {
            // The answer to `list` says that the lock before it stands in the queue.
            try peer.send(Request.lock(resource) + Request.list(resource))
            try peer.receive(1) { _ in }
        }
        var holder = 0
        let step = {
            let next = (holder + 1) % peers.count
            try peers[holder].send(release + Request.lock(resource))
            try peers[holder].receive(1) { _ in }
            try peers[next].receive(1) { release = Request.release(try Peer.ticket(in: $0)) }
            holder = next
        }
        for _ in 0..<(cycles / 10) { try step() }
        try count { for _ in 0..<cycles { try step() } }
        return cycles
    }
}
