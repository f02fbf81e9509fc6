// Rule 31 for a disk that falls behind: over a bound of records that wait for it, whoever asks for a ticket waits to be
// read, and whatever ends or keeps a ticket goes on.

import HoldfastJournal
import HoldfastModel
import HoldfastSimulation
import Testing

struct UndurableLimitTests {
    private let journal = HeldJournal()

    private func server(most undurable: Int, loopCount: Int = 1) -> VirtualServer {
        var limits = Limits()
        limits.undurableRecords = undurable
        return VirtualServer(loopCount: loopCount, limits: limits, journal: journal)
    }

    private func queue(_ resource: String) -> String {
        #"{"op":"queue","resource":"\#(resource)"}"#
    }

    @Test func `rule 31: the last below the bound is taken, the next waits for the disk`() {
        let server = server(most: 3)
        let clients = (0..<5).map { _ in server.connect() }
        for (index, client) in clients.enumerated() { client.send(queue("r\(index)")) }
        #expect(journal.waitingBatch?.entries.count == 1)
        journal.accept()
        #expect(clients[0].lines().count == 1)
        // Two were in the open batch; with the two that waited it is full again.
        #expect(journal.waitingBatch?.entries.count == 2)
        journal.accept()
        #expect(clients[2].lines().count == 1)
        #expect(journal.waitingBatch?.entries.count == 1)
        journal.accept()
        #expect(clients[3].lines().count == 1)
        journal.accept()
        #expect(clients[4].lines().count == 1)
        #expect(journal.acceptedBatches.map(\.entries.count) == [1, 2, 1, 1])
    }

    @Test func `a full server still lets go, keeps and answers`() {
        let server = server(most: 2)
        let (holder, asker, last) = (server.connect(), server.connect(), server.connect())
        holder.post(#"{"op":"lock","resource":"held"}"#)
        server.world.run()
        journal.accept()
        let ticket = holder.lines().first.flatMap(Self.ticket) ?? ""
        asker.send(queue("a"))
        asker.send(queue("b"))
        last.send(queue("c"))
        #expect(holder.send(#"{"op":"ping"}"#).first?.contains(#""ok":true"#) == true)
        holder.send(#"{"op":"release","ticket":"\#(ticket)"}"#)
        #expect(journal.waitingBatch?.entries.count == 1)
        journal.accept()
        #expect(asker.lines().count == 1)
        // `b` and the release; not `c`.
        #expect(journal.waitingBatch?.entries.count == 2)
        journal.accept()
        #expect(holder.lines().first?.contains(#""ok":true"#) == true)
        #expect(asker.lines().count == 1)
        journal.accept()
        #expect(last.lines().count == 1)
    }

    @Test func `whoever waits for a disk that fails is answered`() {
        let server = server(most: 1)
        let (first, second) = (server.connect(), server.connect())
        first.send(queue("a"))
        #expect(second.send(queue("b")) == [])
        journal.refuse(.failed("no such disk"))
        #expect(second.lines().first?.contains(#""code":"unavailable""#) == true)
    }

    @Test func `requests of one client stay in order while it waits`() {
        let server = server(most: 1)
        let client = server.connect()
        client.post(queue("a"), queue("b"), #"{"op":"list","resource":"b"}"#)
        server.world.run()
        journal.accept()
        #expect(client.lines().count == 1)
        #expect(journal.waitingBatch?.entries.count == 1)
        journal.accept()
        let lines = client.lines()
        #expect(lines.count == 2)
        #expect(lines.last?.contains(#""holderCount":1"#) == true)
    }

    private static func ticket(in line: String) -> String? {
        guard let start = line.firstRange(of: #""ticket":""#)?.upperBound else { return nil }
        return String(line[start...].prefix { $0 != "\"" })
    }
}
