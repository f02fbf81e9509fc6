// Rule 26 for what goes the short way: it is written into the buffer of its client at once and leaves when its batch is
// durable, with all that came behind it; where that never is, whoever asked is refused and everybody else is not.

import HoldfastJournal
import HoldfastModel
import HoldfastSimulation
import Testing

@testable import HoldfastCoordinator

struct GateTests {
    private let journal = HeldJournal()

    private func server(_ change: (inout Limits) -> Void = { _ in }) -> VirtualServer {
        var limits = Limits()
        change(&limits)
        return VirtualServer(loopCount: 1, limits: limits, journal: journal)
    }

    private func queue(_ id: Int, _ resource: String = "a") -> String {
        #"{"id":\#(id),"op":"queue","resource":"\#(resource)"}"#
    }

    private func release(_ id: Int, _ ticket: String) -> String {
        #"{"id":\#(id),"op":"release","ticket":"\#(ticket)"}"#
    }

    private func ping(_ id: Int) -> String { #"{"id":\#(id),"op":"ping"}"# }

    /// A client that held the resource, which is free now and known.
    private func client(of server: VirtualServer, knowing resource: String = "a") -> VirtualClient {
        let client = server.connect()
        client.send(queue(0, resource))
        journal.accept()
        client.send(release(0, ticket(client.lines())))
        journal.accept()
        #expect(client.lines().count == 1)
        return client
    }

    /// Lines that come in one read; what they were answered.
    @discardableResult
    private func send(_ lines: String..., by client: VirtualClient) -> [String] {
        for line in lines.dropLast() { client.post(line) }
        return lines.last.map(client.send) ?? []
    }

    private func ticket(_ lines: [String]) -> String {
        lines.first?.firstMatch(of: /"ticket":"([^"]*)"/).map { String($0.output.1) } ?? "none"
    }

    private func ids(_ lines: [String]) -> [String] {
        lines.map { line in
            let id = line.firstMatch(of: /"id":([0-9]*)/).map { String($0.output.1) } ?? "-"
            let code = line.firstMatch(of: /"code":"([a-z_]*)"/).map { " " + $0.output.1 } ?? ""
            return id + code
        }
    }

    @Test func `rule 26: what was asked behind a grant is answered behind it`() {
        let server = server()
        let client = client(of: server)
        #expect(send(queue(1), ping(2), queue(3, "b"), ping(4), by: client) == [])
        #expect(journal.waitingBatch?.entries.count == 2)
        journal.accept()
        #expect(ids(client.lines()) == ["1", "2", "3", "4"])
    }

    @Test func `rule 26: gates open one batch after the other`() {
        let server = server()
        let client = client(of: server)
        client.send(queue(1))
        #expect(journal.waitingBatch?.entries.count == 1)
        send(queue(2), ping(3), by: client)
        journal.accept()
        #expect(ids(client.lines()) == ["1"])
        client.send(ping(4))
        #expect(client.lines() == [])
        journal.accept()
        #expect(ids(client.lines()) == ["2", "3", "4"])
        #expect(ids(client.send(ping(5))) == ["5"])
    }

    @Test func `rule 28: what the disk refused is refused, and what stands between is not`() {
        let server = server()
        let client = client(of: server)
        send(queue(1), ping(2), #"{"op":"queue","resource":"a","lease":9}"#, ping(3), by: client)
        #expect(client.lines() == [])
        journal.refuse(.failed("no such disk"))
        let told = ids(client.lines())
        #expect(told == ["1 unavailable", "2", "- unavailable", "3", "-"])
        #expect(client.isAtEnd)
    }

    @Test func `rule 28: what was durable before is told`() {
        let server = server()
        let client = client(of: server)
        client.send(queue(1))
        send(ping(2), queue(3), by: client)
        journal.accept()
        #expect(ids(client.lines()) == ["1", "2"])
        journal.refuse(.storageFull)
        #expect(ids(client.lines()) == ["3 unavailable", "-"])
    }

    @Test func `a reply behind a gate has a place among the requests in flight`() {
        let server = server { $0.inFlight = 4 }
        let client = client(of: server)
        send(queue(1), queue(2), queue(3), queue(4), ping(5), ping(6), by: client)
        #expect(client.lines() == [])
        #expect(journal.waitingBatch?.entries.count == 4)
        journal.accept()
        #expect(ids(client.lines()) == ["1", "2", "3", "4", "5", "6"])
    }

    @Test func `an event that was decided before a reply is told before it`() {
        let server = server()
        let client = client(of: server, knowing: "own")
        let holder = server.connect()
        holder.send(queue(1))
        journal.accept()
        let held = ticket(holder.lines())
        client.send(queue(2))
        journal.accept()
        #expect(client.lines().first?.contains(#""state":"queued""#) == true)
        holder.send(release(3, held))
        client.send(queue(4, "own"))
        #expect(client.lines() == [])
        journal.accept()
        #expect(client.lines().first?.contains(#""event":"acquired""#) == true)
        journal.accept()
        #expect(ids(client.lines()) == ["4"])
    }

    /// A grant that nobody saw is given up when its owner is not heard of; one that was seen has its lease.
    ///
    /// A space makes a line go the general way.
    @Test(arguments: ["", " "], [true, false])
    func `what a client that vanished was to be told is taken back`(space: String, vanishes: Bool) {
        let server = server()
        let client = client(of: server)
        client.send(#"{\#(space)"id":1,"op":"lock","resource":"a","lease":600}"#)
        if vanishes { client.vanish() }
        acceptAll(server)
        server.world.advance(by: .seconds(91))
        acceptAll(server)
        let other = server.connect()
        other.send(queue(2))
        acceptAll(server)
        let state = vanishes ? "acquired" : "queued"
        #expect(other.lines().first?.contains(#""state":"\#(state)""#) == true)
    }

    private func acceptAll(_ server: VirtualServer) {
        server.world.run()
        while journal.waitingBatch != nil {
            journal.accept()
            server.world.run()
        }
    }

    @Test func `a client that ends its input is told first`() {
        let server = server()
        let client = client(of: server)
        client.send(queue(1))
        client.finishWriting()
        #expect(client.lines() == [])
        #expect(!client.isAtEnd)
        journal.accept()
        #expect(ids(client.lines()) == ["1"])
        #expect(client.isAtEnd)
    }

    @Test func `an event of the batch of a reply is told before the goodbye`() {
        let server = server()
        let client = client(of: server)
        let other = server.connect()
        client.send(#"{"id":1,"op":"queue","resource":"b"}"#)
        journal.accept()
        #expect(ids(client.lines()) == ["1"])
        // The journal is busy: what follows is one batch.
        other.send(queue(2, "c"))
        client.post(queue(3))
        other.post(#"{"id":4,"op":"clear","resource":"b"}"#)
        server.world.run()
        server.stop()
        server.world.run()
        journal.accept()
        server.world.run()
        journal.accept()
        let told = client.lines()
        #expect(ids(told) == ["3", "-", "-"])
        #expect(told.dropFirst().first?.contains(#""event":"lost""#) == true)
        #expect(told.last?.contains(#""event":"goodbye""#) == true)
    }

    @Test func `a watcher whose buffer is full behind a gate learns what it missed when it opens`()
    {
        var limits = Limits()
        limits.outboundBytes = 1_024
        let server = VirtualServer(loopCount: 2, limits: limits, journal: journal)
        // The slots of these are an even and an odd number.
        let (here, there) = (path(onLoop: 0), path(onLoop: 1))
        let client = server.connect(toLoop: 0)
        let holder = server.connect(toLoop: 1)
        holder.send(queue(1, there))
        acceptAll(server)
        let held = ticket(holder.lines())
        client.send(queue(1, here))
        acceptAll(server)
        client.send(release(2, ticket(client.lines())))
        acceptAll(server)
        #expect(ids(client.lines()) == ["2"])
        client.send(queue(3, here))
        client.send(#"{"id":4,"op":"watch"}"#)
        for number in 0..<40 {
            holder.send(#"{"id":\#(number),"op":"renew","ticket":"\#(held)"}"#)
        }
        #expect(client.lines() == [])
        acceptAll(server)
        let told = client.lines()
        #expect(ids(told).prefix(2) == ["3", "4"])
        #expect(told.last?.contains(#""event":"gap""#) == true)
    }

    private func path(onLoop loop: UInt8) -> String {
        for number in 0... {
            guard let path = ResourcePath("r\(number)") else { continue }
            if Slot(of: path).number % 2 == loop { return path.text }
        }
        preconditionFailure("no end of numbers")
    }

    @Test func `clients are taken in the order of their batches, however many there are`() {
        var (clients, taken) = (GatedClients(), UInt64(0))
        for batch in UInt64(1)...5_000 {
            clients.add(ConnectionID(bits: batch), behind: batch)
            // Two of three leave meanwhile.
            guard batch.isMultiple(of: 3) else { continue }
            for _ in 0..<2 {
                taken += 1
                #expect(clients.take(upTo: batch)?.bits == taken)
            }
        }
        #expect(clients.take(upTo: taken) == nil)
        #expect(clients.count == 5_000 - Int(taken))
        while let client = clients.take(upTo: 5_000) {
            taken += 1
            #expect(client.bits == taken)
        }
        #expect(taken == 5_000)
        #expect(clients.isEmpty)
    }
}
